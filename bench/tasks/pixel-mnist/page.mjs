// Learning curves and gradients through time of the networks that train.mjs has trained, as a page.
//   node bench/tasks/pixel-mnist/page.mjs --out DIR
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "commander";
import { htmlPage, lineChart } from "hiddenstate/inspect";
import { NETWORKS } from "./networks.mjs";

const { out } = program
  .requiredOption("--out <folder>", "where train.mjs wrote NETWORK.json; page.html comes there")
  .parse()
  .opts();
const runs = Object.keys(NETWORKS)
  .map((name) => ({ name, file: join(out, `${name}.json`) }))
  .filter(({ file }) => existsSync(file))
  .map(({ name, file }) => ({ name, ...JSON.parse(readFileSync(file, "utf8")) }));
if (runs.length === 0) throw new Error(`${out} has no NETWORK.json: run train.mjs first.`);

const percent = (share) => `${(100 * share).toFixed(2)} %`;
const series = (valuesOf) => runs.map((run) => ({ name: run.name, values: valuesOf(run) }));
const flowChart = (title, valuesOf) =>
  lineChart({ title, x: "pixel", y: "‖∂loss/∂h‖", logScale: true, series: series(valuesOf) });

const page = htmlPage("Digits read pixel by pixel", [
  {
    text: [
      "784 steps, one pixel each, and the answer from the last state: what the first pixels said must be kept to the end (Le, Jaitly & Hinton 2015).",
      ...runs.map(
        ({ name, settings, best, test, cpuSeconds }) =>
          `${name}: ${percent(test)} of the test part, by the weights of epoch ${best.epoch} of ${settings.epochs} ` +
          `(validation ${percent(best.accuracy)}); ${(cpuSeconds / 60).toFixed(0)} minutes of one core.`,
      ),
    ],
  },
  {
    heading: "Learning",
    figure: lineChart({
      title: "Right answers on the validation part, %",
      x: "epoch",
      start: 1,
      series: series(({ valid }) => valid.map((share) => 100 * share)),
    }),
  },
  {
    heading: "The gradient through time",
    text: "What arrives at each step of a loss after the last: a line that falls to the left is a gradient that vanishes.",
    figure: flowChart("Before training", ({ flowBefore }) => flowBefore),
  },
  { figure: flowChart("By the best weights", ({ flowAfter }) => flowAfter) },
]);
writeFileSync(join(out, "page.html"), page);
console.log(`written: ${join(out, "page.html")}`);
