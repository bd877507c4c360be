// The validation scores of several trainings in one picture, epoch by epoch.
//   node bench/tasks/seq2seq/curves.mjs --runs DIR/addition-plain DIR/addition-both --metric exactMatch --out curves.svg
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { program } from "commander";
import { lineChart } from "hiddenstate/inspect";

const { runs, metric, out } = program
  .requiredOption("--runs <folders...>", "where train.mjs wrote evaluations.json")
  .option("--metric <name>", "which score", "exactMatch")
  .requiredOption("--out <file>", "for the SVG")
  .parse()
  .opts();

const series = runs.map((folder) => {
  const evaluations = JSON.parse(readFileSync(join(folder, "evaluations.json"), "utf8"));
  return {
    name: basename(folder),
    values: evaluations.map(({ validation }) => validation[metric]),
  };
});
writeFileSync(out, lineChart({ title: metric, x: "epoch", start: 1, series }));
console.log(`written: ${out}`);
