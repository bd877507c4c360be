import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { promoted, ranked, tableOf } from "../lib/halving.mjs";
import { argumentsOf, drawTrials, filesOf, readSweep } from "../lib/sweep-file.mjs";
import { bestOf, curveOf } from "../lib/trial.mjs";

const FILE = `
task: classifier
data: { train: "a.tsv", valid: b.tsv }
options: { lowercase: true, evaluate-every: 5 }
search:
  encoder: [mean, convolutional]
  learning-rate: { from: 0.001, to: 0.1, scale: log }
  batch-size: { from: 8, to: 64, integer: true }
trials: 5
rungs: [10, 30]
`;

describe("a sweep's file", () => {
  it("draws the same trials each time, within the ranges, the grid in turns", () => {
    const sweep = readSweep(FILE, "sweep.yaml");
    const trials = drawTrials(sweep);
    assert.deepEqual(drawTrials(sweep), trials);
    assert.deepEqual(
      trials.map(({ trial }) => trial),
      [1, 2, 3, 4, 5],
    );
    assert.equal(new Set(trials.slice(0, 2).map(({ options }) => options.encoder)).size, 2);
    for (const { options } of trials) {
      assert.ok(options["learning-rate"] >= 0.001 && options["learning-rate"] <= 0.1);
      assert.ok(Number.isInteger(options["batch-size"]));
    }
    const others = drawTrials({ ...sweep, seed: 2 });
    assert.notDeepEqual(others, trials);
  });

  it("tries the whole grid where there are no ranges", () => {
    const sweep = readSweep(
      "{ task: tagger, data: { train: a }, search: { seed: [1, 2, 3], cell: [lstm, gru] }, rungs: [8] }",
      "grid.yaml",
    );
    assert.equal(sweep.trials, 6);
    const tried = drawTrials(sweep).map(({ options }) => `${options.seed}${options.cell}`);
    assert.equal(new Set(tried).size, 6);
  });

  it("becomes a command line", () => {
    const sweep = readSweep(FILE, "sweep.yaml");
    assert.equal(
      argumentsOf(sweep, { encoder: "mean", bidirectional: false }).join(" "),
      "--task classifier --train a.tsv --valid b.tsv --evaluate-every 5 --lowercase --encoder mean --no-bidirectional --steps 30",
    );
    assert.deepEqual(filesOf({ ...sweep, data: { train: ["a", "b"], valid: "c,d" } }), [
      ...["a", "b", "c", "d"],
    ]);
  });

  it("is refused with what is wrong", () => {
    const refused = (from, to, message) =>
      assert.throws(() => readSweep(FILE.replace(from, to), "sweep.yaml"), message);
    refused("rungs: [10, 30]", "rungs: [30, 10]", /rising numbers of steps/);
    refused("rungs: [10, 30]", "rungs: [12, 30]", /multiples of evaluate-every \(5\), got 12/);
    refused("trials: 5", "", /trials: how many to draw/);
    refused("trials:", "trails:", /keys among .*got trails/);
    refused("scale: log", "scale: square", /learning-rate: a list, or/);
    refused("lowercase: true", "steps: 7", /each option once.*got steps/);
    refused("from: 0.001", "from: 0", /above 0 on a logarithmic scale/);
    refused("data: {", "data: [", /YAML or JSON/);
  });
});

const result = (trial, score, better = "higher") => ({
  ...{ trial, score, step: 10, state: score === null ? "diverged" : "paused" },
  curve: [{ step: 10, trainLoss: 1, score, better, metric: "m" }],
});

describe("successive halving", () => {
  it("promotes the best, of equal ones the first trials, whatever the order of results", () => {
    const results = [result(4, 0.5), result(1, 0.5), result(3, 0.9), result(2, 0.1)];
    assert.deepEqual(promoted(results, 2), [1, 3]);
    assert.deepEqual(promoted([...results].reverse(), 2), [1, 3]);
    assert.deepEqual(promoted(results, 3), [3]);
  });

  it("knows losses from shares, and promotes nothing without a score", () => {
    const losses = [result(1, 0.5, "lower"), result(2, 0.1, "lower"), result(3, null, "lower")];
    assert.deepEqual(
      ranked(losses).map(({ trial }) => trial),
      [2, 1, 3],
    );
    assert.deepEqual(promoted([result(1, null), result(2, null)], 2), []);
  });

  it("orders the table by the last rung, then by the score there", () => {
    const trials = [1, 2, 3].map((trial) => ({ trial, options: { seed: trial } }));
    const first = new Map([1, 2, 3].map((trial) => [trial, result(trial, trial / 10)]));
    const last = new Map([[2, { ...result(2, 0.1), state: "finished" }]]);
    const table = tableOf(trials, [first, last]);
    assert.deepEqual(
      table.map(({ trial, state, scores }) => [trial, state, ...scores]),
      [
        [2, "finished", 0.2, 0.1],
        [3, "left out", 0.3, null],
        [1, "left out", 0.1, null],
      ],
    );
  });
});

describe("a training's log", () => {
  const line = (step, score) =>
    JSON.stringify({
      step,
      trainLoss: 1,
      validation: { f1: score },
      metric: "f1",
      better: "higher",
    });

  it("has each step once, and no half line", () => {
    const log = `${line(5, 0.1)}\n${line(10, 0.2)}\n${line(10, 0.2)}\n${line(15, 0.3).slice(0, -4)}`;
    assert.deepEqual(
      curveOf(log).map(({ step, score }) => [step, score]),
      [
        [5, 0.1],
        [10, 0.2],
      ],
    );
  });

  it("has its best at the later of equal scores", () => {
    assert.equal(bestOf(curveOf([line(5, 0.2), line(10, 0.2), line(15, 0.1)].join("\n"))).step, 10);
    assert.equal(bestOf([]), undefined);
  });
});
