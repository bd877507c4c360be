// What `hiddenstate train` does: the library's parts, wired.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Command } from "commander";
import { unigramPerplexity } from "../metrics/perplexity.js";
import { LanguageModel } from "../models/language-model.js";
import { checkWritable, readBytes, writeBytes } from "../platform/node/files.js";
import { formatDuration, Pace } from "../platform/node/progress.js";
import { initSync } from "../wasm/backend.js";
import { readBook } from "./book.js";
import { fitLanguageModel } from "./fit-language-model.js";
import { readWholeText } from "./read-text.js";
import { readTest, readTokens, unitOf } from "./read-tokens.js";
import { checkApart, runFiles } from "./run-files.js";
import type { SamplingFlags } from "./sampling.js";
import {
  checkSameData,
  Fingerprint,
  notesOf,
  readCheckpoint,
  resumedSettings,
} from "./run-notes.js";
import { settingsOf } from "./train-settings.js";
import { writeSample } from "./write-sample.js";

/** The options that do not decide the model's bits. */
export interface RunFlags extends SamplingFlags {
  text?: string;
  out?: string;
  resume?: string | true;
  checkpointEvery: number;
  prompt?: string;
  sampleLength: number;
}

const TASK = "language-model";

export async function trainLanguageModel(flags: RunFlags, command: Command): Promise<void> {
  const files = runFiles(flags, titleOf(flags.text));
  const checkpoint =
    flags.resume === undefined ? undefined : await readCheckpoint(files.checkpoint);
  const asked = settingsOf(command);
  const settings = checkpoint ? resumedSettings(TASK, command, checkpoint, asked) : asked;
  checkApart(files, [settings.text, settings.valid, settings.test]);
  await checkWritable(files.model);
  if (!checkpoint && existsSync(files.checkpoint))
    console.log(
      `${files.checkpoint} is from a run that did not end: --resume goes on with it, this run replaces it.`,
    );
  initSync({ build: settings.build });
  const { charset } = settings;
  const text =
    settings.text === null ? await readBook() : await readWholeText(settings.text, charset);
  const valid = settings.valid === null ? undefined : await readWholeText(settings.valid, charset);
  const seen = new Fingerprint();
  seen.add(text);
  if (valid !== undefined) seen.add(valid);
  const print = String(seen);
  if (checkpoint)
    checkSameData(checkpoint, print, { what: "text", name: settings.text ?? "a book" });
  const { tokenizer, train, heldOut, kept } = readTokens(text, valid, settings);
  const test =
    settings.test === null ? undefined : await readTest(settings.test, charset, tokenizer);

  const pace = new Pace(1);
  const model = await fitLanguageModel({
    settings,
    tokenizer,
    train,
    heldOut,
    files,
    checkpoint: {
      every: flags.checkpointEvery,
      resume: checkpoint,
      metadata: notesOf(TASK, settings, print),
    },
  });
  await writeBytes(files.model, model.save());
  await rm(files.checkpoint, { force: true });
  console.log(`Trained in ${formatDuration(pace.elapsed())}; the model is in ${files.model}.`);

  // What is scored and writes is the model in the file.
  const loaded = LanguageModel.load(await readBytes(files.model));
  const score = loaded.evaluate(heldOut);
  const unigram = unigramPerplexity(train, heldOut, tokenizer.size);
  console.log(
    `Perplexity on ${settings.valid ?? `the kept ${settings.heldOut * 100} %`}: ${score.perplexity.toFixed(2)} ` +
      `(counting ${unitOf(settings)}s alone: ${unigram.toFixed(2)}).`,
  );
  const tested = test && loaded.evaluate(test);
  if (tested) {
    const alone = unigramPerplexity(train, test, tokenizer.size);
    console.log(
      `Perplexity on ${settings.test}: ${tested.perplexity.toFixed(2)} ` +
        `(counting ${unitOf(settings)}s alone: ${alone.toFixed(2)}).`,
    );
  }
  console.log();
  const prompt = flags.prompt ?? openingOf(kept);
  const sample =
    flags.sampleLength === 0
      ? ""
      : writeSample(loaded, prompt, { ...flags, length: flags.sampleLength, seed: settings.seed });
  const result = {
    heldOutPerplexity: score.perplexity,
    unigramPerplexity: unigram,
    ...(tested && { test: tested }),
    modelFile: files.model,
    sample,
  };
  console.log(`\n${JSON.stringify(result)}`);
}

function titleOf(text: string | undefined): string {
  if (text === undefined) return "moby-dick";
  const unpacked = basename(text, ".gz");
  return basename(unpacked, extname(unpacked));
}

/** What the sample goes on from where the user names nothing: how a line of the kept text begins. */
function openingOf(text: string): string {
  const line = text.slice(text.indexOf("\n") + 1).trimStart();
  const words = (line || text).slice(0, 40).split(" ");
  return words.length > 1 ? `${words.slice(0, -1).join(" ")} ` : words[0]!;
}
