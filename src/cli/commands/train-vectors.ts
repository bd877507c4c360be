// `hiddenstate train --task word-vectors`: no task model, so it has a command line of its own.
import { rm, writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { checkOptions, choice, pickOptions, whole, type OptionTable } from "../../core/options.js";
import { manualSeed } from "../../core/random.js";
import { checkWritable, writeBytes } from "../../platform/node/files.js";
import {
  formatDuration,
  Pace,
  progressLines,
  type Progress,
} from "../../platform/node/progress.js";
import { readText } from "../../platform/node/text.js";
import { WORD2VEC_FIT_OPTIONS, WORD2VEC_OPTIONS } from "../../vectors/options.js";
import { Word2Vec } from "../../vectors/word2vec.js";
import { initSync } from "../../wasm/backend.js";
import { encoding } from "../encoding.js";
import { addFlags, flagOf, givenFlags } from "../flags.js";
import { howToGoOn, Interrupted, withInterrupt } from "../run/interrupt.js";
import { progressBar } from "../run/progress-bar.js";
import { checkApart, runFiles, type RunFiles } from "../run/run-files.js";
import { plainNotes, readCheckpoint, resumedSettings } from "../run/run-notes.js";
import type { Given } from "../task.js";
import { checkUsage, UsageError } from "../usage.js";

export const WORD_VECTORS = "word-vectors";

const READING: OptionTable = { encoding: encoding("text encoding of the data") };
const RUN: OptionTable = {
  seed: whole(0, 1, "the same seed gives the same vectors, bit for bit"),
  build: choice(["plain", "auto"], "plain", "plain: the same bits everywhere; auto: faster"),
};
/** Flags that decide nothing of the vectors. */
const FREE = ["task", "out", "resume"];

export function trainVectorsCommand(): Command {
  const command = new Command("train")
    .summary("Train a model.")
    .description("Learn vectors of words from text.")
    .addOption(
      new Option("--task <task>", "what to learn; each task has its own help")
        .choices([WORD_VECTORS])
        .default(WORD_VECTORS),
    )
    .optionsGroup("Data, and where the vectors go (names that end in .gz are unpacked):")
    .option(
      "--train <file>",
      "text: words between blanks, sentences between line ends; several: A,B",
    );
  addFlags(command, READING);
  command
    .option(
      "--out <file>",
      "the vectors: .safetensors to train further in a program, .bin or .txt as word2vec writes them",
    )
    .option("--resume [file]", "resume from a checkpoint (default: the one beside --out)")
    .optionsGroup("The vectors:");
  addFlags(command, WORD2VEC_OPTIONS);
  addFlags(command.optionsGroup("Training:"), WORD2VEC_FIT_OPTIONS);
  addFlags(command, RUN);
  return command.addHelpText("after", HELP).action(() => trainVectors(givenFlags(command)));
}

const HELP = `
Words are taken as they are: lower their case and split punctuation off beforehand.

Examples:
  hiddenstate train --task word-vectors --train text8.gz --window 8 --negative 25 --sample 1e-4 --epochs 15
  hiddenstate train --task word-vectors --train news.txt --architecture skip-gram --ngrams --out news.bin
  hiddenstate vectors nearest word-vectors.safetensors king

The last line of standard output is JSON: vectorFile, words, dimension, trainedWords.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (a checkpoint is saved).`;

async function trainVectors(flags: Given): Promise<void> {
  const { out, resume } = flags as { out?: string; resume?: string | true };
  const files = runFiles({ out, resume }, WORD_VECTORS);
  const asked = Object.fromEntries(Object.entries(flags).filter(([name]) => !FREE.includes(name)));
  const checkpoint = resume === undefined ? undefined : await readCheckpoint(files.checkpoint);
  const given = checkpoint ? resumedSettings(WORD_VECTORS, checkpoint, asked) : asked;
  checkUsage(() =>
    checkOptions("train", WORD2VEC_OPTIONS, pickOptions(WORD2VEC_OPTIONS, given), flagOf),
  );
  if (given.train === undefined)
    throw new UsageError({ op: "train", expected: "--train FILE", got: "none" });
  const texts = (given.train as string).split(",");
  checkApart(files, texts);
  await checkWritable(files.model);
  initSync({ build: (given.build as "plain" | "auto" | undefined) ?? "plain" });
  manualSeed((given.seed as number | undefined) ?? 1);
  const charset = (given.encoding as string | undefined) ?? "utf-8";
  async function* corpus(): AsyncGenerator<string, void> {
    for (const path of texts) {
      yield* readText(path, { encoding: charset });
      yield "\n";
    }
  }
  const model = await Word2Vec.build(corpus, pickOptions(WORD2VEC_OPTIONS, given));
  const total = model.counts.reduce((sum, count) => sum + count, 0);
  console.error(`${total} words to learn from, ${model.words.length} different ones.`);
  const pace = await fitShown(model, corpus, given, files, checkpoint);
  await writeVectors(model, files.model);
  await rm(files.checkpoint, { force: true });
  console.error(`Trained in ${formatDuration(pace)}. The vectors are in ${files.model}.`);
  console.log(
    JSON.stringify({
      vectorFile: files.model,
      words: model.words.length,
      dimension: model.options.vectorSize,
      trainedWords:
        total * ((given.epochs as number | undefined) ?? WORD2VEC_FIT_OPTIONS.epochs.default!),
    }),
  );
}

/** Lines of progress in a log of the whole run. */
const LINES = 25;

/** Trains to the end, and gives the seconds; on Ctrl-C saves a checkpoint and throws how to resume. */
async function fitShown(
  model: Word2Vec,
  corpus: () => AsyncGenerator<string, void>,
  given: Given,
  files: RunFiles,
  resume: Uint8Array | undefined,
): Promise<number> {
  let progress: Progress | undefined;
  let pace = new Pace(1);
  try {
    await withInterrupt((signal) =>
      model.fit(corpus, {
        ...pickOptions(WORD2VEC_FIT_OPTIONS, given),
        signal,
        onProgress({ epoch, words, totalWords, learningRate }) {
          if (!progress) {
            pace = new Pace(totalWords, words);
            const size = { total: totalWords, first: words, pace };
            const lines = {
              every: Math.ceil(totalWords / LINES),
              write: (line: string) => console.error(line),
            };
            progress = process.stderr.isTTY
              ? progressBar(size)
              : progressLines({ ...size, ...lines, unit: "word" });
          }
          const speed = Math.round(pace.perSecond(words));
          const notes = [`epoch ${epoch + 1}`, `learning rate ${learningRate.toFixed(5)}`];
          progress.update(words, [...notes, ...(speed > 0 ? [`${speed} words/s`] : [])].join(", "));
        },
        checkpoint: {
          save: (bytes) => writeBytes(files.checkpoint, bytes),
          resume,
          metadata: plainNotes(WORD_VECTORS, given),
        },
      }),
    );
  } catch (error) {
    throw error instanceof Interrupted ? howToGoOn(files) : error;
  } finally {
    progress?.stop();
  }
  return pace.elapsed();
}

async function writeVectors(model: Word2Vec, path: string): Promise<void> {
  if (path.endsWith(".safetensors")) return writeBytes(path, model.save());
  const format = path.endsWith(".bin") ? "word2vec-binary" : "word2vec-text";
  await writeFile(path, model.vectors().write(format));
}
