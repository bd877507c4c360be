// Forecasts from tables by the command.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { nextTimes, notesOnSeason, notesOnTimes } from "../../src/cli/data/next-times.js";
import { readTableSeries } from "../../src/cli/data/series-files.js";
import { runCli, type CliResult } from "./cli.js";

/** Months of a shop: a season of four, a slope, and a price that decides. */
const month = (t: number) =>
  `${2010 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, "0")}`;
const price = (t: number) => (t * 7) % 3;
const sold = (t: number) =>
  20 + 0.2 * t + [0, 4, 1, -3][t % 4]! - 2 * price(t) + ((t * 13) % 5) / 10;
const rows = (steps: number, write: (t: number) => string) =>
  Array.from({ length: steps }, (_, t) => write(t)).join("");

const MODEL = ["--horizon", "4", "--season", "4", "--hidden-size", "8", "--steps", "60"];
let folder: string;
let trained: CliResult;
const run = (args: readonly string[], input = "") => runCli(args, { cwd: folder, input });
const lastLine = ({ stdout }: CliResult) =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-forecast-"));
  const files = {
    "sales.csv": `month,price,sold\n${rows(100, (t) => `${month(t)},${price(t)},${sold(t)}\n`)}`,
    "shops.tsv": `shop\tsold\n${rows(60, (t) => `a\t${sold(t)}\nb\t${1000 * sold(t)}\n`)}`,
    "odd.csv": "month,sold\n2010-02,1\n2010-01,2\n",
    "text.csv": "month,sold\n2010-01,1\n2010-02,many\n",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const data = ["--train", "sales.csv", "--time", "month", "--target", "sold"];
  const known = ["--covariates", "price", "--backtest", "8", "--plot", "forecast.html"];
  trained = await run(["train", "--task", "forecast", ...data, ...known, ...MODEL]);
});
afterAll(() => rm(folder, { recursive: true }));

test("a table is learnt, and scored from its last origins beside what needs no model", () => {
  expect(trained.code).toBe(0);
  expect(trained.output).toContain("1 series, 89 steps to learn from");
  expect(trained.stdout).toMatch(/^A season ago: scaledCrps/m);
  const { modelFile, mase, naive, coverage, baselines } = lastLine(trained) as {
    modelFile: string;
    baselines: Record<string, { scores: { mase: number } }>;
  } & Record<"mase" | "naive" | "coverage", number>;
  expect(modelFile).toBe("forecast.safetensors");
  expect(mase).toBeLessThan(naive);
  expect(naive).toBe(baselines.seasonalNaive!.scores.mase);
  expect(coverage).toBeGreaterThan(0);
});

test("the page has the series and what was forecast from each of the last origins", async () => {
  const page = await readFile(join(folder, "forecast.html"), "utf8");
  const [, data] = /id="data">(.*)<\/script>/.exec(page)!;
  const [series] = (JSON.parse(data!) as { series: Record<string, unknown[]>[] }).series;
  expect(lastLine(trained).plotFile).toBe("forecast.html");
  expect(series!.values).toHaveLength(100);
  expect(series!.times!.slice(-1)).toEqual([month(103)]);
  expect(series!.backtests!.map((one) => (one as { from: number }).from)).toEqual(
    Array.from({ length: 8 }, (_, i) => 89 + i),
  );
  // The table does not tell the prices to come.
  expect(series!.forecast).toBeUndefined();
  expect(page).toContain("nothing is forecast behind its end");
});

test("predict writes a row for each step ahead, with its time and its quantiles", async () => {
  const ahead = rows(4, (i) => `${month(100 + i)},${price(100 + i)},\n`);
  const known = rows(100, (t) => `${month(t)},${price(t)},${sold(t)}\n`);
  const { code, stdout } = await run(
    ["predict", "--model", "forecast.safetensors"],
    `month,price,sold\n${known}${ahead}`,
  );
  const lines = stdout.trimEnd().split("\n");
  expect(code).toBe(0);
  expect(lines[0]).toBe("time,target,point,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9");
  expect(lines.slice(1).map((line) => line.split(",").slice(0, 2).join(" "))).toEqual(
    [100, 101, 102, 103].map((t) => `${month(t)} sold`),
  );
  const asJson = await run(
    ["predict", "--model", "forecast.safetensors", "--json", "--plot", "page.html"],
    `month,price,sold\n${known}${ahead}`,
  );
  const found = JSON.parse(asJson.stdout) as {
    times: string[];
    targets: { sold: { point: number[]; quantiles: Record<string, number[]> } };
  };
  expect(found.times).toEqual([100, 101, 102, 103].map(month));
  expect(found.targets.sold.point.map(String)).toEqual(
    lines.slice(1).map((line) => line.split(",")[2]),
  );
  expect(found.targets.sold.quantiles["0.5"]).toEqual(found.targets.sold.point);
  const page = await readFile(join(folder, "page.html"), "utf8");
  expect(page).toContain('"forecast":{"from":100');
  const { errors } = await run(
    ["predict", "--model", "forecast.safetensors"],
    `month,price,sold\n${known}`,
  );
  expect(errors).toMatch(
    /4 rows behind the last value, .*price.*got 0\. Add rows whose sold is empty/,
  );
});

test("several series of one table are told apart, and scored by evaluate", async () => {
  const data = ["--train", "shops.tsv", "--series", "shop", "--out", "shops.safetensors"];
  const { code, output } = await run(["train", "--task", "forecast", ...data, ...MODEL]);
  expect(code).toBe(0);
  expect(output).toContain("2 series, 120 steps to learn from");
  const scored = await run(["evaluate", "--model", "shops.safetensors", "--data", "shops.tsv"]);
  expect(lastLine(scored)).toHaveProperty("baselines.drift.scores.mase");
});

describe("what cannot be read is told with its place", () => {
  test.each([
    [["--train", "odd.csv", "--time", "month"], 'after "2010-02", got "2010-01" (odd.csv, line 3)'],
    [["--train", "text.csv", "--time", "month"], 'got "many" (text.csv, line 3)'],
    [["--train", "sales.csv"], "--target COLUMN"],
    [["--train", "sales.csv", "--target", "sale"], "a column of sales.csv: month, price, sold"],
    [["--train", "sales.csv", "--target", "sold", "--valid", "odd.csv"], "--held-out"],
    [
      ["--train", "sales.csv", "--target", "sold", "--backtest", "99"],
      "series longer than 100 steps",
    ],
  ])("%s", async (args, expected) => {
    const { code, errors } = await run(["train", "--task", "forecast", ...args]);
    expect(code).not.toBe(0);
    expect(errors).toContain(expected);
  });
});

test("times go on as they did", () => {
  expect(nextTimes(["1960.5", "1961"], 2)).toEqual(["1961.5", "1962"]);
  expect(nextTimes(["2024-11", "2024-12"], 2)).toEqual(["2025-01", "2025-02"]);
  expect(nextTimes(["2024-01-31", "2024-02-01"], 1)).toEqual(["2024-02-02"]);
  expect(nextTimes(["2024-01-01", "2024-04-01"], 1)).toEqual(["2024-07-01"]);
  expect(nextTimes(["2024-02-28 23:30", "2024-02-29 00:00"], 1)).toEqual(["2024-02-29 00:30"]);
  expect(nextTimes(["2024-01-01T00:00:00Z", "2024-01-01T00:00:10Z"], 1)).toEqual([
    "2024-01-01T00:00:20Z",
  ]);
  expect(nextTimes(["first", "second"], 2)).toEqual(["+1", "+2"]);
  expect(nextTimes(["2020-07-31", "2020-08-31"], 3)).toEqual([
    "2020-09-30",
    "2020-10-31",
    "2020-11-30",
  ]);
  const days = [8, 9, 10, 11, 12, 15, 16, 17, 18, 19].map(
    (day) => `2024-01-${String(day).padStart(2, "0")}`,
  );
  expect(nextTimes(days, 2)).toEqual(["2024-01-22", "2024-01-23"]);
});

test("times that cannot be told, or jump, are noted", () => {
  const months = Array.from({ length: 24 }, (_, t) => month(t));
  expect(notesOnTimes(months)).toEqual([]);
  expect(notesOnTimes(months.map((_, t) => String(1960 + t / 12)))).toEqual([]);
  expect(notesOnTimes([...months.slice(0, 8), ...months.slice(11)])[0]).toContain(
    "from 2010-08 to 2010-12",
  );
  expect(notesOnTimes(["16/1/2010", "15/1/2010", "14/1/2010"])[0]).toContain('such as "16/1/2010"');
});

test("times that tell a season are noted", () => {
  const months = Array.from({ length: 24 }, (_, t) => month(t));
  expect(notesOnSeason(months)[0]).toContain("--season 12");
  expect(notesOnSeason(months.filter((_, t) => t % 3 === 0))[0]).toContain("--season 4");
  const days = Array.from({ length: 14 }, (_, t) => `2024-01-${String(t + 1).padStart(2, "0")}`);
  expect(notesOnSeason(days)[0]).toContain("--season 7");
  expect(notesOnSeason(days.slice(1))).toEqual([]);
  expect(notesOnSeason(months.map((_, t) => String(t)))).toEqual([]);
});

describe("a table that cannot be read teaches how it can", () => {
  const readOf = (text: string, given = {}) =>
    readTableSeries([text], "t.csv", { time: "month", target: "sold", ...given });
  it.each([
    ["thousands", '2010-01,"1,234.50"', "nothing between thousands"],
    ["a comma before decimals", '2010-01,"12,5"', "a point before decimals"],
    ["both, as Germans write it", '2010-01,"1.234,50"', "a point before decimals"],
    ["a unit", "2010-01,12.5 kg", "Leave out units"],
    ["a currency", "2010-01,$12.5", "Leave out units"],
    ["another base", "2010-01,0x10", 'got "0x10"'],
    ["a time twice", "2010-01,1\n2010-01,2", 'got "2010-01" twice (t.csv, line 3)'],
    ["nothing but missing values", "2010-01,\n2010-02,NA", "missing ones alone (t.csv)"],
  ])("%s", async (_, row, taught) => {
    await expect(readOf(`month,sold\n${row}\n`)).rejects.toThrow(taught);
  });

  it("and takes what other programs write for missing values", async () => {
    const [series] = await readOf("month,sold\n2010-01,1\n2010-02,#N/A\n2010-03,-\n2010-04,-2\n");
    expect(series!.values).toEqual([[1], [null], [null], [-2]]);
  });
});

test("a series too short for the backtest is learnt, not scored; the jump of a second one is noted", async () => {
  const line = (name: string, t: number) => `${month(t)},${name},${sold(t)}\n`;
  const [long, short] = [
    rows(40, (t) => line("a", t)),
    rows(10, (t) => line("b", t < 5 ? t : t + 4)),
  ];
  await writeFile(join(folder, "young.csv"), `month,shop,sold\n${long}${short}`);
  const columns = ["--time", "month", "--series", "shop", "--target", "sold"];
  const how = ["--horizon", "4", "--hidden-size", "4", "--steps", "2", "--backtest", "8"];
  const result = await run([
    "train",
    "--task",
    "forecast",
    "--train",
    "young.csv",
    ...columns,
    ...how,
    "--out",
    "young.safetensors",
  ]);
  expect(result.code).toBe(0);
  expect(result.stdout + result.stderr).toContain("1 series too short for it are left out");
  expect(result.stdout + result.stderr).toContain("series b: the times jump");
});
