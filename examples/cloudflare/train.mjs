// Trains the forecaster of worker.mjs on waves of many lengths and writes it to the file named on the command line:
//   node examples/cloudflare/train.mjs examples/cloudflare/forecaster.safetensors
import { writeFileSync } from "node:fs";
import * as library from "hiddenstate";
import { forecaster } from "./model.mjs";

const { Adam, clipGradNorm, init, manualSeed, mseLoss, saveSafetensors, scope, tensor } = library;

await init({ build: "plain" });
manualSeed(1);
const model = forecaster(library);
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const [batch, time] = [16, 48];

for (let step = 0; step < 100; step++)
  scope(() => {
    // A triangle wave for each row, of a period from 6 to 21 readings, that begins anywhere.
    const wave = Array.from({ length: batch }, (_, row) =>
      Array.from({ length: time + 1 }, (_, t) => {
        const period = 6 + row;
        return [Math.abs((((t + step) % period) / period) * 4 - 2) - 1];
      }),
    );
    const input = tensor(wave.map((row) => row.slice(0, -1)));
    const next = tensor(wave.map((row) => row.slice(1)));
    const loss = mseLoss(model.forward(input), next);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    if (step % 50 === 49) console.log(`step ${step + 1}: loss ${loss.item().toFixed(4)}`);
  });

writeFileSync(process.argv[2] ?? "forecaster.safetensors", saveSafetensors(model.stateDict()));
