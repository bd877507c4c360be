// Series to vectors and anomalies by the command.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, type CliResult } from "./cli.js";

const wave = (i: number, step = 0.6) =>
  Array.from({ length: 12 }, (_, t) => Number(Math.sin(step * t + i).toFixed(4)));
const line = (series: unknown, label?: string) => JSON.stringify({ series, label });
const pairs = (values: readonly number[]) => values.map((value) => [value, 1 - value]);
const many = Array.from({ length: 120 }, (_, i) => wave(i));

let folder: string;
let trained: CliResult;
const run = (args: readonly string[], input = "") => runCli(args, { cwd: folder, input });
const lastLine = ({ stdout }: CliResult) =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;
const MODEL = ["--hidden-size", "8", "--output-size", "3", "--learning-rate", "0.02"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-autoencoder-"));
  const test = [
    ...many.slice(0, 8).map((_, i) => line(wave(i + 0.5), "normal")),
    ...[1, 2, 3].map((i) => line(wave(i, 2.5), "anomaly")),
  ];
  const files = {
    "train.jsonl": many.map((one) => line(one)).join("\n"),
    "test.jsonl": test.join("\n"),
    "steps.jsonl": many.map((one) => line(pairs(one))).join("\n"),
    "flat.csv": `name,values\n${many.map((one) => `a,${one.join(" ")}`).join("\n")}`,
    "odd.jsonl": [line(wave(1)), line(wave(2), "maybe")].join("\n"),
    "anomalies.jsonl": [line(wave(1)), line(wave(2), "yes"), line(wave(3))].join("\n"),
    "words.csv": "series\none two\n",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const data = ["--train", "train.jsonl", "--test", "test.jsonl"];
  trained = await run(["train", "--task", "autoencoder", ...data, ...MODEL, "--steps", "120"]);
});
afterAll(() => rm(folder, { recursive: true }));

test("series are learnt, and scored with their anomalies beside principal components", () => {
  expect(trained.errors).toBe("");
  expect(trained.code).toBe(0);
  expect(trained.output).toContain(
    "108 series to learn from; a part of train.jsonl (12 by chance)",
  );
  expect(trained.stdout).toMatch(/Principal components, \d+ of them for 90 % of the variance/);
  expect(trained.stdout).toMatch(/of 8 normal series, precision .* of 3 anomalies/);
  const { modelFile, test } = lastLine(trained) as Record<"modelFile" | "test", unknown>;
  expect(modelFile).toBe("autoencoder.safetensors");
  const { error, auc } = test as Record<"error" | "auc", number>;
  expect(error).toBeLessThan(0.1);
  expect(auc).toBeGreaterThan(0.9);
});

test("predict says the error and what is an anomaly, or the vector", async () => {
  const predict = ["predict", "--model", "autoencoder.safetensors"];
  const input = `${wave(0.5).join(" ")}\n${JSON.stringify(wave(1, 2.5))}\n`;
  const { stdout, code } = await run(predict, input);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^0\.\d+\t(normal|anomaly)$/) as string,
    expect.stringMatching(/^\d\.\d+\tanomaly$/) as string,
  ]);
  const json = (await run([...predict, "--json"], input)).stdout.split("\n");
  expect(Object.keys(JSON.parse(json[0]!) as object)).toEqual([
    "score",
    "anomaly",
    "stepErrors",
    "reconstruction",
  ]);
  const vectors = (await run([...predict, "--encode"], input)).stdout.trimEnd().split("\n");
  expect(vectors.map((vector) => vector.split("\t").length)).toEqual([3, 3]);
  const { errors } = await run(predict, "1 2\nnone\n");
  expect(errors).toContain('got "none" (standard input, line 2)');
});

test("steps of several numbers: lists of lists, or cut by --features", async () => {
  const train = ["train", "--task", "autoencoder", ...MODEL, "--steps", "2"];
  const lists = await run([...train, "--train", "steps.jsonl", "--out", "steps.safetensors"]);
  const flat = ["--train", "flat.csv", "--columns", "series=values", "--features", "2"];
  const cut = await run([...train, ...flat, "--out", "cut.safetensors"]);
  expect([lists.code, cut.code]).toEqual([0, 0]);
  const { stdout } = await run(
    ["predict", "--model", "cut.safetensors", "--json"],
    wave(3).join(","),
  );
  expect((JSON.parse(stdout) as { stepErrors: number[] }).stepErrors.length).toBe(6);
});

describe("what cannot be learnt is told with its place", () => {
  test.each([
    ["odd.jsonl", 'anomaly or normal as label, got "maybe" (odd.jsonl, line 2)'],
    ["anomalies.jsonl", "got anomaly: true (anomalies.jsonl, line 2)"],
    ["words.csv", '"series" to be a list of numbers, or a text of numbers, got "one two"'],
  ])("%s", async (file, told) => {
    const train = ["train", "--task", "autoencoder", "--train", file, "--held-out", "0"];
    const { code, errors } = await run([...train, ...MODEL]);
    expect(code).not.toBe(0);
    expect(errors).toContain(told);
  });
});
