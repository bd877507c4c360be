// Forecasts of published series from one origin after another over their last third, fitted once on what comes before it, by the
// defaults; beside what needs no model.
//   node bench/tasks/forecast/backtest.mjs --data DIR --seeds 1,2
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "commander";
import { initSync, manualSeed } from "hiddenstate";
import { SeriesForecaster } from "hiddenstate/models";
import { cpuSeconds } from "../../measure.mjs";

/** R's data sets: the file, steps ahead, steps of a season. */
const SERIES = [
  { file: "AirPassengers", horizon: 1, season: 12 },
  { file: "AirPassengers", horizon: 12, season: 12 },
  { file: "sunspot.month", horizon: 12, season: 132 },
  { file: "lynx", horizon: 5, season: 10 },
];

const { data, seeds } = program
  .requiredOption("--data <folder>", "holds timeseries/*.csv, whose last column is the series")
  .option("--seeds <list>", "a run each", (text) => text.split(",").map(Number), [1, 2])
  .parse()
  .opts();
initSync({ build: "plain" });

for (const { file, horizon, season } of SERIES) {
  const values = readFileSync(join(data, "timeseries", `${file}.csv`), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => Number(line.split(",").at(-1)));
  const from = Math.floor((2 * values.length) / 3);
  const known = values.slice(0, from);
  console.log(
    `${file}: ${from} of ${values.length} steps learnt, ${horizon} ahead, season ${season}`,
  );
  for (const seed of seeds) {
    manualSeed(seed);
    const began = cpuSeconds();
    const model = SeriesForecaster.build([known], { horizon, season });
    const { steps, best } = await model.fit([known]);
    const seconds = (cpuSeconds() - began).toFixed(1);
    const { scores, details } = await model.backtest([values], { from });
    if (seed === seeds[0]) {
      for (const [name, one] of Object.entries(details.baselines)) tell(name, one);
      console.log(`  chosen by the data: ${JSON.stringify(model.notes.chosen)}`);
    }
    tell(`seed ${seed}`, { scores, coverage: details.coverage });
    console.log(`    weights of step ${best.step} of ${steps}, ${seconds} s of the processor`);
  }
  if (horizon === 1)
    console.log(`  y[t-1] · y[t-12] / y[t-13]: RMSE ${seasonalRatio(values, from).toFixed(2)}`);
}

function tell(name, { scores: { mase, crps, rmse }, coverage }) {
  const share = (100 * coverage).toFixed(0);
  console.log(
    `  ${name}: MASE ${mase.toFixed(3)}, CRPS ${crps.toFixed(2)}, RMSE ${rmse.toFixed(2)}, ${share} % in the 80 % intervals`,
  );
}

/** The error of last month's value times the growth that a year ago followed it. */
function seasonalRatio(values, from) {
  const errors = values
    .slice(from)
    .map(
      (value, i) => value - (values[from + i - 1] * values[from + i - 12]) / values[from + i - 13],
    );
  return Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
}
