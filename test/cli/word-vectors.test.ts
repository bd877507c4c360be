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

test("draws a map, of the first words and of listed ones with their groups", async () => {
  const words = Array.from({ length: 30 }, (_, i) => `w${i}`);
  const row = (i: number) => [i % 2, (i * 7) % 5, (i * 3) % 4].join(" ");
  await writeFile(join(cwd, "glove.txt"), words.map((word, i) => `${word} ${row(i)}\n`).join(""));
  const first = await run("vectors plot glove.txt --count 20 --iterations 30 --title Words");
  expect(first.errors).toBe("");
  expect(first.stderr).toMatch(/iteration \d+\/280 .*KL divergence \d/);
  expect(JSON.parse(first.stdout)).toMatchObject({
    mapFile: "map.html",
    words: 20,
    iterations: 280,
  });
  const page = await readFile(join(cwd, "map.html"), "utf8");
  expect(page).toContain("<h1>Words</h1>");
  expect(page).toContain('"w19"');
  expect(page).not.toContain('"w20"');

  const lines = [...words.slice(4), "unknown", "w4"].map((word, i) => `${word}\t${"ab"[i % 2]}\n`);
  await writeFile(join(cwd, "some.tsv"), lines.join(""));
  const some = await run(
    "vectors plot glove.txt --words some.tsv --perplexity 5 --seed 3 --out some.html",
  );
  expect(some.stderr).toContain('1 of 27 words have no vector and are left out: "unknown"');
  expect(JSON.parse(some.stdout)).toMatchObject({ mapFile: "some.html", words: 26, perplexity: 5 });
  expect(await readFile(join(cwd, "some.html"), "utf8")).toContain(
    "<span>b</span><small>13</small>",
  );

  const few = await run("vectors plot glove.txt --count 10 --perplexity 9");
  expect([few.code, few.errors]).toEqual([
    1,
    expect.stringContaining("a third of the other vectors, 3, got 9"),
  ]);
  await writeFile(join(cwd, "mixed.tsv"), "w1\ta\nw2\n");
  const mixed = await run("vectors plot glove.txt --words mixed.tsv");
  expect([mixed.code, mixed.errors]).toEqual([
    1,
    expect.stringMatching(/a tab and its group.*mixed.tsv, line 2/),
  ]);
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
