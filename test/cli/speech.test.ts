// Speech by the command: manifests, WAV files, samples while they come in.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeWav } from "../../src/audio/index.js";
import { speech } from "../../src/cli/tasks/speech.js";
import { SpeechRecognizer } from "../../src/models/index.js";
import { runCli, type CliResult } from "./cli.js";

const RATE = 4000;
const HERTZ: Readonly<Record<string, number>> = { low: 250, high: 1400 };
const TEXTS = ["low", "high", "low high", "high low", "low low", "high high low", "low high low"];

/** Tones as words. */
function say(text: string): Float32Array {
  const words = text.split(" ");
  return Float32Array.from({ length: 480 + words.length * 960 }, (_, i) => {
    const [word, t] = [Math.floor((i - 320) / 960), (i - 320) % 960];
    const hertz = HERTZ[words[word] ?? ""];
    return hertz && t < 640 ? 0.4 * Math.sin((2 * Math.PI * hertz * t) / RATE) : 0;
  });
}

const SIZES = ["--channels", "8", "--hidden-size", "32", "--num-layers", "1", "--dropout", "0"];
const PLAIN = ["--n-mels", "16", "--noise", "0", "--frequency-masks", "0", "--time-masks", "0"];
const FIT = ["--steps", "80", "--batch-size", "7", "--learning-rate", "0.01", "--speed", "0"];
let folder: string;
let trained: CliResult;
const run = (args: readonly string[], input: string | Uint8Array = "") =>
  runCli(args, { cwd: folder, input });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-speech-"));
  await mkdir(join(folder, "sound"));
  for (const [i, text] of TEXTS.entries()) {
    const bytes = writeWav({ sampleRate: RATE, channels: [say(text)] });
    await writeFile(join(folder, "sound", `${i}.wav`), bytes);
  }
  const lines = TEXTS.map((text, i) => `sound/${i}.wav\t${text}\n`);
  await writeFile(join(folder, "train.tsv"), `path\ttext\n${lines.join("")}`);
  await writeFile(join(folder, "odd.tsv"), "path\ttext\nsound/none.wav\tlow\n");
  await writeFile(join(folder, "long.tsv"), `path\ttext\nsound/0.wav\t${"low ".repeat(60)}\n`);
  const data = ["--train", "train.tsv", "--held-out", "0", "--units", "words", "--streaming"];
  trained = await run(["train", "--task", "speech", ...data, ...SIZES, ...PLAIN, ...FIT]);
});
afterAll(() => rm(folder, { recursive: true }));

test("a manifest is learnt, and scored with a line of JSON", async () => {
  expect(trained.output).toContain("7 recordings to learn from");
  expect(trained.code).toBe(0);
  const { code, stdout } = await run([
    ...["evaluate", "--model", "speech.safetensors", "--data", "train.tsv"],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain("of 14 words");
  const scores = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, number>;
  expect(scores.wer).toBeLessThan(0.2);
  expect(scores).toHaveProperty("words.substitutions");
});

test("whoever trains a recognizer that says nothing yet is told what helps", async () => {
  const examples = TEXTS.map((text) => ({ samples: say(text), sampleRate: RATE, text }));
  const model = SpeechRecognizer.build(examples, { hiddenSize: 8, channels: 2 });
  const { scores, details } = await model.evaluate(examples);
  const report = (deletions: number) => {
    const words = { substitutions: 0, insertions: 0, deletions, length: 14 };
    return speech.report({ scores, details: { ...details, words } }, model as never);
  };
  expect(report(14)).toContain("Nothing was heard");
  expect(report(13)).not.toContain("Nothing was heard");
});

test("a recognizer that reads backwards has no stream", async () => {
  const data = ["--train", "train.tsv", "--held-out", "0", "--units", "words", "--steps", "1"];
  const out = ["--out", "whole.safetensors"];
  expect((await run(["train", "--task", "speech", ...data, ...SIZES, ...out])).code).toBe(0);
  const { errors, code } = await run(["predict", "--model", "whole.safetensors", "--stream"]);
  expect(code).toBe(2);
  expect(errors).toContain("--stream: expected a model that train --streaming made");
});

test("WAV files are answered, named or by lines, with a picture", async () => {
  const model = ["predict", "--model", "speech.safetensors"];
  const named = await run([...model, "sound/2.wav", "sound/3.wav", "--picture", "heard.html"]);
  expect(named.code).toBe(0);
  expect(named.stdout).toBe("low high\nhigh low\n");
  expect((await run(model, "sound/2.wav\nsound/3.wav\n")).stdout).toBe(named.stdout);
  expect(await readFile(join(folder, "heard.html"), "utf8")).toContain(">high</text>");
  const json = await run([...model, "sound/1.wav", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ path: "sound/1.wav", words: [{ word: "high" }] });
});

test("samples of standard input are heard while they come", async () => {
  const numbers = Int16Array.from(say("low high"), (sample) => Math.round(32767 * sample));
  const heard = (flags: readonly string[]) =>
    run(
      ["predict", "--model", "speech.safetensors", "--stream", ...flags],
      new Uint8Array(numbers.buffer),
    );
  const { stdout, code } = await heard([]);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("low high");
  expect(stdout).toContain("low high …\n");
  const [, ...lines] = (await heard(["--json"])).stdout.trimEnd().split("\n").reverse();
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ ended: false });
});

test.each([
  [
    "a file that is missing",
    ["train", "--task", "speech", "--train", "odd.tsv"],
    "odd.tsv, line 2",
  ],
  [
    "a text that is too long",
    ["train", "--task", "speech", "--train", "long.tsv", "--held-out", "0"],
    "long.tsv, line 2",
  ],
  [
    "files with --stream",
    ["predict", "--model", "speech.safetensors", "--stream", "a.wav"],
    "a.wav",
  ],
  ["a pause without it", ["predict", "--model", "speech.safetensors", "--pause", "2"], "--stream"],
  [
    "an encoding of samples",
    ["predict", "--model", "speech.safetensors", "--stream", "--encoding", "latin1"],
    "--encoding",
  ],
  [
    "an encoding of WAV files",
    ["predict", "--model", "speech.safetensors", "--encoding", "latin1", "sound/1.wav"],
    "--encoding",
  ],
  [
    "a weight of no language model",
    ["predict", "--model", "speech.safetensors", "--alpha", "1", "sound/1.wav"],
    "--texts FILE",
  ],
])("%s is refused", async (_, args, message) => {
  const { code, errors } = await run(args);
  expect(code).not.toBe(0);
  expect(errors).toContain(message);
});
