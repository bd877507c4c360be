// `train --task pairs`, `predict` on pairs, `match`: from files to answers, and what of files is refused.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli, type CliResult } from "./cli.js";

const THINGS = ["order", "parcel", "refund", "invoice", "password", "voucher"];
const WAYS = ["where is my", "i cannot find the", "i have lost an", "nobody gave me this"];
const said = (thing: string, way: number) => `${WAYS[way % 4]} ${thing}`;
const together = THINGS.flatMap((thing) =>
  [0, 1, 2, 3].map((way) => [said(thing, way), said(thing, way + 1)]),
);
const apart = together.map(([a], i) => [a, together[(i + 9) % together.length]![1]]);
const table = (header: string, rows: readonly (readonly unknown[])[]) =>
  [header, ...rows.map((row) => row.join("\t"))].join("\n") + "\n";

const FILES = {
  "pairs.tsv": table("q1\tq2\tdup", [
    ...together.map((pair) => [...pair, 1]),
    ...apart.map((pair) => [...pair, 0]),
  ]),
  "positives.tsv": table("a\tb", together),
  "graded.tsv": table("a\tb\tscore", together.map((pair, i) => [...pair, i / 100])), // prettier-ignore
  "texts.tsv": table("text\tlabel", THINGS.flatMap((thing) => [0, 1, 2].map((way) => [said(thing, way), thing]))), // prettier-ignore
  "references.tsv": table("label\ttext", THINGS.map((thing) => [thing.toUpperCase(), said(thing, 3)])), // prettier-ignore
  "queries.txt": THINGS.map((thing) => `${said(thing, 0)}\n`).join(""),
  "bad.tsv": table("a\tb\tlabel", [["x", "y", 1], ["x", "z", "maybe"]]), // prettier-ignore
};
const TRAIN = [
  ...["train", "--task", "pairs", "--train", "pairs.tsv", "--columns", "a=q1,b=q2,label=dup"],
  ...["--valid", "pairs.tsv", "--encoder", "mean", "--hidden-size", "0", "--output-size", "16"],
  ...["--epochs", "60", "--learning-rate", "0.01", "--min-count", "1", "--out", "m.safetensors"],
];
const MODEL = ["--model", "m.safetensors"];

let folder: string;
let trained: CliResult;
const run = (args: readonly string[], input = "") => runCli(args, { cwd: folder, input });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-pairs-"));
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(folder, name), content);
  trained = await run(TRAIN);
  expect(trained.errors).toBe("");
});
afterAll(() => rm(folder, { recursive: true }));

test("pairs are learnt, and scored beside TF-IDF", () => {
  expect(trained.output).toContain("48 pairs to learn from; 24 of them the same.");
  expect(trained.output).toMatch(/A Siamese network of \d+ parameters/);
  expect(trained.output).toContain("--loss ranking");
  expect(trained.stdout).toMatch(/^averagePrecision [\d.]+ %, accuracy [\d.]+ %, f1 /m);
  expect(trained.stdout).toMatch(/^from a cosine of [\d.-]+ on: precision /m);
  expect(trained.stdout).toMatch(/^The cosine of TF-IDF: averagePrecision /m);
  const last = JSON.parse(trained.stdout.trimEnd().split("\n").at(-1)!) as {
    validation: { averagePrecision: number };
  };
  expect(last.validation.averagePrecision).toBeGreaterThan(0.9);
});

test("predict answers pairs, match finds labels that were never trained", async () => {
  const [same, other] = [together[0]!, apart[0]!].map((pair) => pair.join("\t"));
  const answers = await run(["predict", ...MODEL], `${same}\n${other}\n`);
  expect(answers.stdout).toMatch(/^[\d.-]+\tsame\n[\d.-]+\tdifferent\n$/);
  const json = await run(["predict", ...MODEL, "--json"], `${same}\n`);
  expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual(["score", "same"]);

  const references = ["--references", "references.tsv"];
  const found = await run(["match", ...MODEL, ...references, "queries.txt", "--count", "2"]);
  const lines = found.stdout.trimEnd().split("\n");
  expect(lines.map((line) => line.split("\t").length)).toEqual(THINGS.map(() => 4));
  const right = lines.filter((line, i) => line.split("\t")[0] === THINGS[i]!.toUpperCase());
  expect(right.length).toBeGreaterThanOrEqual(5);
  const piped = await run(["match", ...MODEL, ...references, "--json"], FILES["queries.txt"]);
  const [first] = JSON.parse(piped.stdout.split("\n")[0]!) as [{ label: string; score: number }];
  expect(`${first.label}\t${first.score.toFixed(4)}`).toBe(lines[0]!.split("\t").slice(0, 2).join("\t")); // prettier-ignore
});

test.each([
  ["positives.tsv", "24 pairs to learn from, all of what belongs together.", "--loss ranking"],
  ["graded.tsv", "24 pairs to learn from, with scores.", "--loss cosine"],
  ["texts.tsv", "18 texts to learn from; 6 labels.", "--loss ranking"],
])("%s", async (file, summary, loss) => {
  const sizes = ["--encoder", "mean", "--output-size", "4", "--epochs", "1", "--out", "o.safetensors"]; // prettier-ignore
  const { errors, output } = await run(["train", "--task", "pairs", "--train", file, ...sizes]);
  expect(errors).toBe("");
  expect(output).toContain(summary);
  expect(output).toContain(loss);
});

test("what is no pair is refused with file and line", async () => {
  const errors = async (args: readonly string[], input = "") => (await run(args, input)).errors;
  const train = ["train", "--task", "pairs", "--train"];
  expect(await errors([...train, "bad.tsv"])).toContain(
    'same or different as label, got "maybe" (bad.tsv, line 3).',
  );
  expect(await errors([...train, "pairs.tsv"])).toContain(
    "expected columns a and b, or text and label, got none of them (pairs.tsv, line 2). Name the file's columns: --columns a=",
  );
  expect(await errors([...train, "pairs.tsv", "--columns", "a=q1,b=q2,label=same"])).toContain(
    'expected "same" to be a text, got only q1, q2, dup (pairs.tsv, line 2).',
  );
  expect(await errors([...train, "positives.tsv", "--loss", "batchHard"])).toContain(
    "labelled inputs for loss batchHard, got pairs",
  );
  expect(await errors(["predict", ...MODEL], "a\tb\nalone\n")).toContain(
    'two texts with a tab between, got "alone" (standard input, line 2).',
  );
  expect(await errors(["match", ...MODEL, "--references", "pairs.tsv"], "x\n")).toContain(
    '"label" to be a text, got only q1, q2, dup (pairs.tsv, line 2).',
  );
  expect(await errors(["match", ...MODEL], "x\n")).toContain("--references <file>");
});
