// `train --task word-vectors` and `vectors`, as their users have them.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAt, runCli } from "./cli.js";

let cwd: string;
const run = (args: string, more = {}) => runCli(args.split(" "), { cwd, ...more });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "hiddenstate-vectors-"));
  const kinds = [
    ["cat", "dog", "cow"],
    ["iron", "gold", "zinc"],
  ];
  const line = (i: number) =>
    Array.from({ length: 9 }, (_, j) => kinds[i % 2]![(i * i + j * j * j + (i >> 3)) % 3]).join(
      " ",
    );
  await writeFile(
    join(cwd, "text.txt"),
    Array.from({ length: 8000 }, (_, i) => line(i)).join("\n"),
  );
  await writeFile(
    join(cwd, "pairs.txt"),
    "cat\tdog\t9\ncat\tgold\t1\niron\tzinc\t8\ngold\tcow\t2\n",
  );
});
afterAll(() => rm(cwd, { recursive: true }));

const TRAIN =
  "train --task word-vectors --train text.txt --architecture skip-gram --vector-size 8 --sample 0 --epochs 2";

test("learns, answers, scores; an interrupted run resumes to the same bytes", async () => {
  const whole = await run(`${TRAIN} --out whole.bin`);
  expect(whole.errors).toBe("");
  expect(JSON.parse(whole.stdout)).toEqual({
    vectorFile: "whole.bin",
    words: 6,
    dimension: 8,
    trainedWords: 144_000,
  });

  const nearest = await run("vectors nearest whole.bin cat --count 2");
  const words = nearest.stdout
    .trim()
    .split("\n")
    .map((line) => line.split("\t")[1]);
  expect(words.sort()).toEqual(["cow", "dog"]);
  const analogy = await run("vectors analogy whole.bin cat dog gold --count 1");
  expect(analogy.stdout).toMatch(/^cat dog gold\t\w+\t-?\d\.\d{4}\n$/);
  const scored = await run("vectors evaluate whole.bin --pairs pairs.txt");
  const scores = JSON.parse(scored.stdout.trim().split("\n").at(-1)!) as Record<
    string,
    { spearman: number; pairs: number }
  >;
  expect(scores["pairs.txt"]).toMatchObject({ pairs: 4, unknown: 0 });
  expect(scores["pairs.txt"]!.spearman).toBeGreaterThan(0.5);

  const cut = await run(`${TRAIN} --out cut.bin`, { watch: endAt("epoch 1", "SIGINT") });
  expect(cut.code).toBe(130);
  expect(cut.stderr).toContain("hiddenstate train --resume cut.bin.checkpoint");
  const resumed = await run("train --resume cut.bin.checkpoint");
  expect(resumed.code).toBe(0);
  expect(await readFile(join(cwd, "cut.bin"))).toEqual(await readFile(join(cwd, "whole.bin")));
});

test("refuses what it cannot do", async () => {
  const missing = await run("vectors nearest none.bin cat");
  expect([missing.code, missing.errors]).toEqual([
    1,
    expect.stringContaining("none.bin (no such file or folder)"),
  ]);
  const nothing = await run("train --task word-vectors");
  expect([nothing.code, nothing.errors]).toEqual([2, expect.stringContaining("--train FILE")]);
  const evaluated = await run("vectors evaluate text.txt");
  expect(evaluated.code).toBe(2);
});
