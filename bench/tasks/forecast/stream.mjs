// Pushes a second of a forecaster's stream.
//   node bench/tasks/forecast/stream.mjs
import { initSync, manualSeed } from "hiddenstate";
import { SeriesForecaster } from "hiddenstate/models";
import { cpuSeconds } from "../../measure.mjs";

initSync({ build: "plain" });
const values = Array.from({ length: 400 }, (_, t) => Math.sin(t / 3) + (t % 12) / 10);
for (const [horizon, season] of [
  [1, 1],
  [1, 12],
  [12, 12],
]) {
  manualSeed(1);
  const stream = SeriesForecaster.build([values], { horizon, season, hiddenSize: 32 }).stream();
  const push = (count) => {
    for (let i = 0; i < count; i++) stream.push(values[i % values.length]);
  };
  push(50_000);
  // The best of several rounds: others use the machine too.
  const rates = Array.from({ length: 7 }, () => {
    const began = cpuSeconds();
    push(100_000);
    return 100_000 / (cpuSeconds() - began);
  });
  console.log(
    `horizon ${horizon}, season ${season}: ${Math.round(Math.max(...rates))} pushes a second`,
  );
}
