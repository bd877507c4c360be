// Trains a model to go on counting, and writes it to model.safetensors, and to model.bin for Workers.
import { writeFileSync } from "node:fs";
import * as hs from "hiddenstate";
import { forecaster } from "./model.js";

hs.manualSeed(7);
const model = new hs.Sequential(new hs.LSTM(1, 16), new hs.Linear(16, 1));
const optimizer = new hs.Adam(model.parameters(), { lr: 0.01 });
for (let step = 0; step < 400; step++) {
  // 32 series that begin anywhere from 0 to 3, in steps of a half to one and a half.
  const rows = Array.from({ length: 32 }, (_, row) =>
    Array.from({ length: 9 }, (_, t) => [
      ((row * 7) % 13) / 4 + t * (0.5 + ((row + step) % 11) / 10),
    ]),
  );
  const loss = hs.scope(() => {
    const input = hs.tensor(rows.map((row) => row.slice(0, -1)));
    const next = hs.tensor(rows.map((row) => row.slice(1)));
    const loss = hs.mseLoss(model.forward(input), next);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
  if (step % 100 === 99) console.log(`step ${step + 1}: loss ${loss.toFixed(4)}`);
}

const bytes = hs.saveSafetensors(model.stateDict());
for (const file of ["model.safetensors", "model.bin"]) writeFileSync(file, bytes);
console.log("After 1, 2, 3, 4 comes");
console.log(forecaster(bytes)([1, 2, 3, 4]));
