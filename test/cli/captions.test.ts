// Captions of PNG files by the command.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodePNG } from "../../src/io/png.js";
import { runCli, type CliResult } from "./cli.js";

/** A picture with a light half. */
function half(side: "left" | "right", width = 8) {
  const data = Uint8Array.from({ length: width * 8 }, (_, i) =>
    i % width < width / 2 === (side === "left") ? 230 : 20,
  );
  return encodePNG({ data, width, height: 8 });
}

let folder: string;
let trained: CliResult;
const run = (args: readonly string[], input = "") => runCli(args, { cwd: folder, input });
const lastLine = ({ stdout }: CliResult) =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;

const SIDES = ["left", "right"] as const;
const MODEL = [
  "--channels",
  "4",
  "--hidden-size",
  "12",
  "--embedding-size",
  "8",
  "--min-count",
  "1",
  "--dropout",
  "0",
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-captions-"));
  for (const side of SIDES) await writeFile(join(folder, `${side}.png`), half(side));
  const rows = SIDES.map((side) => `${side}.png\tit is light on the ${side}\n`);
  const files = {
    "train.tsv": `path\ttext\n${rows.join("").repeat(8)}`,
    "several.tsv": `path\ttext\nleft.png\tlight\nleft.png\tit is light on the left\n${rows[1]!}`,
    "missing.tsv": "path\ttext\nleft.png\tlight\nnone.png\tdark\n",
    "odd.tsv": "path\ttext\nodd.png\tlight\n",
    "odd.png": "no picture",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const data = ["--train", "train.tsv", "--valid", "several.tsv"];
  const steps = ["--steps", "120", "--batch-size", "4", "--learning-rate", "0.02"];
  trained = await run(["train", "--task", "captions", ...data, ...MODEL, ...steps]);
});
afterAll(() => rm(folder, { recursive: true }));

test("pictures are learnt from files, and scored beside the most frequent caption", () => {
  expect(trained.errors).toBe("");
  expect(trained.code).toBe(0);
  expect(trained.output).toContain("16 pictures to learn from, 16 captions");
  expect(trained.output).toContain("do not follow its other rows");
  expect(trained.output).toMatch(/picture {4}.*left\.png/);
  expect(trained.stdout).toMatch(/^The most frequent caption, "it is light on the left": cider/m);
  const { modelFile, validation } = lastLine(trained) as {
    modelFile: string;
    validation: { exactMatch: number };
  };
  expect(modelFile).toBe("captions.safetensors");
  expect(validation.exactMatch).toBe(1);
});

test("predict captions files that are named, or lines of paths, and shows where it looked", async () => {
  const model = ["predict", "--model", "captions.safetensors"];
  const named = await run([...model, "--attention", "page.html", "right.png", "left.png"]);
  expect(named.stdout).toBe("it is light on the right\nit is light on the left\n");
  const page = await readFile(join(folder, "page.html"), "utf8");
  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page).toContain("data:image/png;base64,");
  expect(page).toContain(">&#60;end&#62;</text>");
  expect(page).not.toMatch(/&(#60|lt);\/s/);
  const lines = await run([...model, "--json", "--beams", "2"], "left.png\n");
  expect(lastLine(lines)).toMatchObject({ path: "left.png", text: "it is light on the left" });
});

test("evaluate ends with the scores, rows of one picture counted together", async () => {
  const model = ["--model", "captions.safetensors"];
  const scored = await run(["evaluate", ...model, "--data", "several.tsv"]);
  expect(scored.stdout).toContain("of 2 captions");
  const found = lastLine(scored);
  expect(found).toMatchObject({ exactMatch: 1, bleu: 100, written: 2 });
  expect(found.cider).toBeGreaterThan(0);
});

describe("what cannot be read is named with its file and line", () => {
  test.each([
    ["missing.tsv", /none\.png: no such file or directory \(missing\.tsv, line 3\)/],
    ["odd.tsv", /a PNG file, got something else \(.*odd\.png\) \(odd\.tsv, line 2\)/],
  ])("%s", async (file, message) => {
    const { code, errors } = await run(["train", "--task", "captions", "--train", file, ...MODEL]);
    expect(code).toBe(1);
    expect(errors).toMatch(message);
  });

  test("predict", async () => {
    const model = ["predict", "--model", "captions.safetensors"];
    const { code, errors } = await run([...model, "left.png", "odd.png"]);
    expect(code).toBe(1);
    expect(errors).toMatch(/odd\.png/);
    expect((await run([...model, "--replace-unknown", "left.png"])).code).toBe(2);
  });
});
