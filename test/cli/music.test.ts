// Models of music by the command: MIDI files, folders, rolls in JSON; what is written.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMidi, writeMidi } from "../../src/music/index.js";
import { runCli, type CliResult } from "./cli.js";

const SCALE = [0, 2, 4, 5, 7, 9, 7, 4];
const canon = (length: number, key = 60) =>
  Array.from({ length }, (_, t) => [key - 12 + SCALE[(t + 4) % 8]!, key + SCALE[t % 8]!]);
const MODEL = [
  "--hidden-size",
  "16",
  "--embedding-size",
  "8",
  "--steps",
  "120",
  "--learning-rate",
  "0.02",
];

let folder: string;
let trained: CliResult;
const run = (...args: readonly string[]) => runCli(args, { cwd: folder });
const lastLine = ({ stdout }: CliResult) =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-music-"));
  await mkdir(join(folder, "pieces"));
  for (const [i, key] of [60, 62].entries()) {
    const piece = {
      steps: canon(24, key),
      held: canon(24).map(() => []),
      stepsPerBeat: 2,
      tempo: 90,
    };
    // A comma in a name separates nothing.
    await writeFile(join(folder, "pieces", `canon, ${i}.mid`), writeMidi(piece));
  }
  await writeFile(join(folder, "silent.mid"), writeMidi([[], []]));
  const keys = (length: number) => canon(length).map((step) => step.map((note) => note - 21));
  const files = {
    "rolls.json": JSON.stringify({
      train: [canon(24), canon(30)],
      valid: [canon(16)],
      test: [canon(20)],
    }),
    "keys.json": JSON.stringify([
      keys(12),
      [
        [-1, 39],
        [-1, -1],
      ],
    ]),
    "odd.json": "[[[60],\n[61,]]]",
    "high.json": "[[[60],[61]],[[60],[130]]]",
    "odd.mid": "MThd and so on",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  trained = await run(
    "train",
    "--task",
    "music",
    "--train",
    "rolls.json",
    "--steps-per-beat",
    "1",
    ...MODEL,
  );
});
afterAll(() => rm(folder, { recursive: true }));

test("a file's own parts are learnt from, decide and are scored", () => {
  expect(trained.code).toBe(0);
  expect(trained.output).toContain(
    "2 pieces of 54 steps to learn from; valid of rolls.json is for validation",
  );
  expect(trained.stdout).toMatch(
    /^On test of rolls.json:\nloss \d+\.\d+ nats a step, of 19 steps$/m,
  );
  const {
    modelFile,
    test: scores,
    baseline,
  } = lastLine(trained) as {
    modelFile: string;
    test: { loss: number };
    baseline: { loss: number };
  };
  expect(modelFile).toBe("music.safetensors");
  expect(scores.loss).toBeLessThan(baseline.loss);
});

test("few pieces: a share for validation where it is asked for, or else a note", async () => {
  await writeFile(
    join(folder, "few.json"),
    JSON.stringify(Array.from({ length: 5 }, () => canon(6))),
  );
  const data = ["train", "--task", "music", "--train", "few.json", "--out", "few.safetensors"];
  const [asked, silent] = [
    await run(...data, ...MODEL, "--steps", "1", "--held-out", "0.4"),
    await run(...data, ...MODEL, "--steps", "1"),
  ];
  expect(asked.output).toContain("a part of few.json (2 by chance) is for validation");
  expect(asked.output).not.toContain("Note:");
  expect(silent.stderr).toMatch(/^Note: of fewer than 20 .* --held-out 0\.2/m);
  // Nothing was said of how its data are read.
  const inspected = await run("inspect", "few.safetensors");
  expect(inspected.stdout).toContain("hiddenstate.model: music-model");
  expect(inspected.stdout).not.toMatch(/: *$/m);
}, 60_000);

test("evaluate ends with the score in JSON, also of several files", async () => {
  const result = await run("evaluate", "--model", "music.safetensors", "--data", "rolls.json");
  expect(lastLine(result)).toEqual({ loss: expect.any(Number) as number, steps: 19 });
  const both = await run(
    "evaluate",
    "--model",
    "music.safetensors",
    "--data",
    "rolls.json",
    "pieces",
  );
  // On the model's grid of beats, to which half beats are rounded, they are half as long.
  expect(lastLine(both).steps).toBe(19 + 2 * 12);
});

test("generate writes a MIDI file and a piano roll, and goes on with a piece", async () => {
  const model = ["--model", "music.safetensors"];
  const written = await run(
    "generate",
    ...model,
    "--out",
    "new.mid",
    "--steps",
    "12",
    "--svg",
    "new.svg",
  );
  expect(lastLine(written)).toMatchObject({ midiFile: "new.mid", svgFile: "new.svg", steps: 12 });
  expect(
    readMidi(await readFile(join(folder, "new.mid")), { stepsPerBeat: 1 }).steps.length,
  ).toBeLessThanOrEqual(12);
  expect(await readFile(join(folder, "new.svg"), "utf8")).toMatch(/^<svg[^]*<\/svg>$/);
  const prompt = canon(8);
  await writeFile(join(folder, "begin.mid"), writeMidi({ steps: prompt, stepsPerBeat: 1 }));
  const went = await run(
    "generate",
    ...model,
    "--prompt",
    "begin.mid",
    "--steps",
    "4",
    "--out",
    "on.mid",
  );
  expect(lastLine(went).steps).toBe(12);
  const { steps } = readMidi(await readFile(join(folder, "on.mid")), { stepsPerBeat: 1 });
  expect(steps.slice(0, 8)).toEqual(prompt);
});

test("folders of MIDI files are learnt with their durations, and a run is resumed", async () => {
  const args = ["--task", "music", "--train", "pieces", "--steps-per-beat", "2", ...MODEL];
  const whole = await run("train", ...args, "--out", "midi.safetensors");
  expect(whole.output).toContain("Chosen for these data: --held true");
  const written = await run(
    "generate",
    "--model",
    "midi.safetensors",
    "--out",
    "midi.mid",
    "--steps",
    "8",
  );
  expect(written.code).toBe(0);
  expect(readMidi(await readFile(join(folder, "midi.mid")), { stepsPerBeat: 2 }).tempo).toBeCloseTo(
    90,
    2,
  );
});

test("independent notes, of keys of a piano", async () => {
  const args = ["--notes", "independent", "--numbering", "keys", "--out", "keys.safetensors"];
  const { code } = await run("train", "--task", "music", "--train", "keys.json", ...args, ...MODEL);
  expect(code).toBe(0);
  const wrong = await run("generate", "--model", "keys.safetensors", "--top-k", "3");
  expect([wrong.code, wrong.errors]).toEqual([
    2,
    expect.stringContaining("each of which is drawn alone"),
  ]);
});

describe("refuses, with the file", () => {
  test.each([
    [["--train", "odd.json"], "odd.json, line 2", 1],
    [["--train", "high.json"], "got 130 at step 1 (high.json, piece 1)", 1],
    [["--train", "odd.mid"], "of odd.mid", 1],
    [["--train", "none.mid"], "none.mid", 1],
    [["--train", "silent.mid"], "notes, those of percussion aside, got none (silent.mid)", 1],
    [[], "--train FILES", 2],
    [["--train", "rolls.json", "--notes", "both"], "joint", 2],
  ])("%j", async (args, message, code) => {
    const result = await run("train", "--task", "music", ...args);
    expect(result.errors).toContain(message);
    expect(result.code).toBe(code);
  });
});
