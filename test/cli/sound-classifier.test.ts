// Labels for recordings by the command: manifests, WAV files.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeWav } from "../../src/audio/index.js";
import { SequenceClassifier, sound } from "../../src/models/index.js";
import { runCli, type CliResult } from "./cli.js";

const RATE = 4000;
const HERTZ: Readonly<Record<string, number>> = { low: 250, high: 1400 };

/** A tone, the n-th of its kind. */
function tone(label: string, n: number): Float32Array {
  const hertz = HERTZ[label]! + 20 * n;
  return Float32Array.from(
    { length: 800 + 40 * n },
    (_, t) => 0.4 * Math.sin((2 * Math.PI * hertz * t) / RATE),
  );
}

const SIZES = ["--hidden-size", "8", "--n-mels", "16"];
const FIT = ["--held-out", "0", "--epochs", "12", "--learning-rate", "0.02"];
let folder: string;
let trained: CliResult;
const run = (args: readonly string[], input = "") => runCli(args, { cwd: folder, input });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-sound-"));
  const rows: string[] = [];
  for (let i = 0; i < 12; i++) {
    const label = i % 2 === 0 ? "low" : "high";
    const bytes = writeWav({ sampleRate: RATE, channels: [tone(label, i)] });
    await writeFile(join(folder, `${i}.wav`), bytes);
    rows.push(`${i}.wav\t${label}\n`);
  }
  await writeFile(join(folder, "train.tsv"), `path\tlabel\n${rows.slice(0, 8).join("")}`);
  await writeFile(join(folder, "test.tsv"), `path\tlabel\n${rows.slice(8).join("")}`);
  await writeFile(join(folder, "odd.tsv"), "path\tlabel\n0.wav\tloud\n");
  await writeFile(join(folder, "none.tsv"), "path\tlabel\nnone.wav\tlow\n");
  const data = ["--train", "train.tsv", "--test", "test.tsv"];
  trained = await run(["train", "--task", "sound-classifier", ...data, ...SIZES, ...FIT]);
});
afterAll(() => rm(folder, { recursive: true }));

test("a manifest is learnt and scored, beside the most frequent label", async () => {
  expect(trained.code).toBe(0);
  expect(trained.output).toMatch(/8 recordings to learn from, 0\.0 minutes; 2 labels/);
  expect(trained.output).toContain('The most frequent label, "high": accuracy 50.00 %');
  const { stdout, code } = await run([
    ...["evaluate", "--model", "sound-classifier.safetensors", "--data", "test.tsv", "--json"],
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ accuracy: 1, byLabel: { low: { support: 2 } } });
});

test("WAV files are answered, named or by lines", async () => {
  const model = ["predict", "--model", "sound-classifier.safetensors"];
  expect((await run([...model, "8.wav", "9.wav"])).stdout).toBe("low\nhigh\n");
  const { stdout } = await run([...model, "--json"], "9.wav\n");
  expect(JSON.parse(stdout)).toMatchObject({ path: "9.wav", label: "high" });
});

test("a classifier of recordings that a program saved is read as one", async () => {
  const examples = ["low", "high"].map((label) => ({
    input: { samples: tone(label, 0), sampleRate: RATE },
    label,
  }));
  const model = SequenceClassifier.build(examples, { input: sound({ nMels: 8 }), hiddenSize: 4 });
  await writeFile(join(folder, "saved.safetensors"), model.save());
  const { stdout, code } = await run(["predict", "--model", "saved.safetensors", "0.wav"]);
  expect(code).toBe(0);
  expect(["low\n", "high\n"]).toContain(stdout);
});

test("a label that was never learnt is told with its file", async () => {
  const { output } = await run([
    ...["evaluate", "--model", "sound-classifier.safetensors", "--data", "odd.tsv"],
  ]);
  expect(output).toMatch(
    /a recording of odd.tsv \(first: odd.tsv, line 2\) has a label .*: loud\./,
  );
});

test.each([
  ["a file that is missing", ["--train", "none.tsv"], "none.tsv, line 2"],
  [
    "an option of another encoder",
    ["--train", "train.tsv", "--filters", "8", "--cell", "gru"],
    "--filters",
  ],
  ["a weight of no label", ["--train", "train.tsv", "--class-weights", "loud=2"], "loud"],
  ["an option of texts", ["--train", "train.tsv", "--lowercase"], "--lowercase"],
])("%s is refused", async (_, args, message) => {
  const { code, errors } = await run(["train", "--task", "sound-classifier", ...args]);
  expect(code).not.toBe(0);
  expect(errors).toContain(message);
});
