// A text: learn to write like it.
import { basename, extname } from "node:path";
import { OptionError } from "../../core/errors.js";
import { log } from "../../core/exp-log.js";
import { splitHeldOut } from "../../data/split.js";
import { NgramModel } from "../../metrics/ngram/ngram-model.js";
import { perplexity, unigramPerplexity } from "../../metrics/perplexity.js";
import { scoresText } from "../../metrics/metric.js";
import {
  checkOptions,
  number,
  pickOptions,
  text,
  whole,
  type OptionTable,
} from "../../core/options.js";
import { knownText, lossOfAll } from "../../models/language-model/known-text.js";
import {
  LanguageModel,
  type LanguageModelDetails,
  type LanguageModelText,
} from "../../models/language-model/language-model.js";
import {
  BUILD_OPTIONS,
  LANGUAGE_MODEL_FIT_OPTIONS,
  LANGUAGE_MODEL_OPTIONS,
  optionsFor,
  SEQUENCE_LENGTH,
} from "../../models/language-model/options.js";
import { TOKEN_OPTIONS, TokenCounter } from "../../text/tokens.js";
import { readBook } from "../data/book.js";
import { tellFound, VECTORS_OPTION, withVectors } from "../data/word-vectors.js";
import { readWholeText } from "../data/read-text.js";
import { encoding } from "../encoding.js";
import { flagOf } from "../flags.js";
import { Fingerprint } from "../../core/fingerprint.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { checkUsage, UsageError } from "../usage.js";
import { defineTask, type Given, type Part, type Parts } from "../task.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { SubwordTokenizer } from "../../text/subwords/subword-tokenizer.js";
import { WordTokenizer } from "../../text/word-tokenizer.js";
import { knownTextOf, learntPart, notesOn } from "./unknown-characters.js";
import { tokenUnit } from "./token-unit.js";
import {
  checkPrompt,
  defaultPrompt,
  promptOf,
  reaches,
  PROMPT,
  SAMPLING,
  WRITING,
  writeText,
} from "./write-text.js";

/** How a text is read; `heldOut` counts where there is no --valid. */
const READING = { encoding: encoding("text encoding of the texts") };

const HELD_OUT = number(
  { above: 0, below: 1 },
  0.05,
  "share of the text, its end, kept for validation where there is no --valid",
);

export const languageModel = defineTask<LanguageModelText, LanguageModel>({
  name: "language-model",
  kind: "language-model",
  summary: "a text: learn to write like it",
  description:
    "Learn to write like a text: train an LSTM or a Transformer on its characters, words or subwords, save it, and let it write.",
  help: `Examples:
  hiddenstate train                                    Moby Dick, in a minute or two
  hiddenstate train --train notes.txt --epochs 20      your own text; small ones need more epochs
  hiddenstate train --tokens words --tie-weights       by words
  hiddenstate train --hidden-size 256 --dropout 0.2    a larger model: slower, and better
  hiddenstate train --architecture transformer         layers of attention instead of an LSTM
  hiddenstate train --train ptb.train.txt --valid ptb.valid.txt --test ptb.test.txt --tokens words --split whitespace
  hiddenstate generate --model moby-dick.safetensors --prompt "Call me"

Without --train the text is Moby Dick. The score is the perplexity of the validation text: how many tokens the model
hesitates between on average. Counting single characters reaches 21.5 on Moby Dick.
The last line of the output is JSON: heldOutPerplexity, unigramPerplexity, modelFile, sample; with --test also test.`,
  reading: READING,
  model: { ...(BUILD_OPTIONS as OptionTable), vectors: VECTORS_OPTION },
  training: LANGUAGE_MODEL_FIT_OPTIONS,
  data: { heldOut: HELD_OUT },
  other: {
    prompt: text(undefined, "what the sample continues (default: how the validation text begins)"),
    length: whole(0, 600, "tokens of the sample at the end; 0: none"),
    ...SAMPLING,
  },
  scoresValidation: true,
  checkpointEvery: 250,

  check(given) {
    const tokens = pickOptions(TOKEN_OPTIONS, given);
    new TokenCounter("train", tokens, BUILD_OPTIONS, flagOf);
    const { architecture } = given as { architecture?: "lstm" | "transformer" };
    const own = optionsFor(BUILD_OPTIONS, architecture);
    // A file's name stands for the vectors.
    const { vectors, ...rest } = pickOptions(BUILD_OPTIONS, given);
    const strange = Object.keys(rest).find((name) => !Object.hasOwn(own, name));
    if (strange !== undefined)
      throw new UsageError({
        op: "train",
        expected: `${flagOf(strange)} with --architecture ${architecture === "transformer" ? "lstm" : "transformer"}`,
        got: `--architecture ${architecture ?? "lstm"}`,
      });
    checkUsage(() => checkOptions("train", own, rest, flagOf));
    if (vectors !== undefined && given.tokens !== "words")
      throw new UsageError({
        op: "train",
        expected: "--tokens words with --vectors",
        got: `--tokens ${String(given.tokens ?? "characters")}`,
      });
    const { embeddingSize, hiddenSize = BUILD_OPTIONS.hiddenSize.default } = given;
    if (given.tieWeights && embeddingSize !== undefined && embeddingSize !== hiddenSize)
      throw new UsageError({
        op: "train",
        expected: "--embedding-size equal to --hidden-size with --tie-weights",
        got: `${String(embeddingSize)} and ${String(hiddenSize)}`,
      });
  },

  title({ train }) {
    if (train === undefined) return "moby-dick";
    const unpacked = basename(train as string, ".gz");
    return basename(unpacked, extname(unpacked));
  },

  async parts(given) {
    const { train, valid, test } = given as Record<string, string | undefined>;
    const text = train === undefined ? await readBook() : await textOf(train, given);
    const share = (given.heldOut as number | undefined) ?? HELD_OUT.default!;
    const [learnt, kept] =
      valid === undefined
        ? splitText(train ?? "Moby Dick", text, share, given)
        : [text, await textOf(valid, given)];
    return {
      // The whole text, so that another share is another run.
      train: part(train ?? "Moby Dick", learnt, text),
      valid: part(valid ?? `the last ${share * 100} %`, kept),
      test: test === undefined ? undefined : part(test, await textOf(test, given)),
      summary: summaryOf(learnt, kept, given),
    };
  },

  read: async (file, given) => part(file, await textOf(file, given)),

  examine: (model, part) => Promise.resolve(notesOn(model, part)),

  checkRun(model, { prompt }) {
    if (prompt !== undefined) checkPrompt("train", model, prompt as string);
  },
  learnable: learntPart,
  tokensOf: ({ tokenizer }) =>
    tokenizer instanceof WordTokenizer || tokenizer instanceof SubwordTokenizer
      ? { tokens: `${tokenUnit(tokenizer)}s`, split: tokenizer.split }
      : {},
  lengthUnit: ({ tokenizer }) => tokenUnit(tokenizer),

  // A word or character that only the held-out text has is unknown to the model.
  async build({ train }, given) {
    const options = await withVectors(pickOptions(BUILD_OPTIONS, given));
    const model = LanguageModel.build(String(train.source), options);
    tellFound(options.vectors, model.tokenizer.vocabulary, false);
    return model;
  },

  load: (bytes) => LanguageModel.load(bytes),

  progress({ batchSize }, { architecture, contextLength, sequenceLength: given, tokens }) {
    const { default: context } = LANGUAGE_MODEL_OPTIONS.contextLength;
    const window = architecture === "transformer" ? (contextLength ?? context) : SEQUENCE_LENGTH;
    const sequenceLength = given ?? window;
    const unit = tokens === "words" ? "word" : tokens === "subwords" ? "subword" : "char";
    return { items: batchSize * (sequenceLength as number), unit };
  },
  figures: (loss) => [`perplexity ${perplexity(loss).toFixed(2)}`],

  report({ scores, details }, { metrics, tokenizer }) {
    const { unknown, tokens } = details as LanguageModelDetails;
    const unit = `${tokenUnit(tokenizer)}s`;
    const share = (100 * unknown) / tokens;
    const told =
      unknown === 0 ? "" : `; ${share.toFixed(2)} % of the ${unit} are unknown to the model`;
    return scoresText(metrics, scores) + told;
  },
  details: ({ details }) => {
    const { unknown, tokens } = details as LanguageModelDetails;
    return { unknown: unknown / tokens };
  },

  async baseline(parts, { source }, { tokenizer }) {
    const counted = await ngramModel(parts, tokenizer);
    const { ids, left } = knownText(tokenizer, String(source));
    const ofKnown = log(counted.perplexity(ids));
    const scores = { perplexity: perplexity(lossOfAll(ofKnown, ids.length - 1, left)) };
    const megabytes = (counted.memoryBytes / 1e6).toFixed(1);
    return { name: `Kneser-Ney ${counted.order}-grams (${megabytes} MB)`, scores };
  },

  finish({ parts, model, modelFile, valid, test, given }) {
    const { tokenizer } = model;
    const [train, heldOut] = idsOf(parts, tokenizer);
    const length = (given.length as number | undefined) ?? 600;
    const opening = promptOf(
      tokenizer,
      openingOf(knownTextOf(tokenizer, String(parts.valid!.source))),
    );
    const prompt =
      (given.prompt as string | undefined) ??
      (reaches(model, opening) ? opening : defaultPrompt(model));
    const unigram = log(unigramPerplexity(train, heldOut.ids, tokenizer.size));
    console.log();
    return {
      ...(valid && { heldOutPerplexity: valid.evaluation.scores.perplexity }),
      unigramPerplexity: perplexity(lossOfAll(unigram, heldOut.ids.length, heldOut.left)),
      ...(test && { test: test.evaluation.scores }),
      modelFile,
      sample:
        length === 0 ? "" : writeText(model, prompt, { ...pickOptions(SAMPLING, given), length }),
    };
  },

  generate: {
    options: {
      prompt: PROMPT,
      ...WRITING,
    },
    run: (model, given) =>
      writeText(model, (given.prompt as string | undefined) ?? defaultPrompt(model), given),
  },
});

const counted = new WeakMap<object, Promise<NgramModel>>();

/** The n-gram model of a run's data, whose order the validation text chooses: counted once. */
function ngramModel(parts: Parts<LanguageModelText>, tokenizer: Tokenizer): Promise<NgramModel> {
  const [train, { ids: validation }] = idsOf(parts, tokenizer);
  const model =
    counted.get(parts) ?? NgramModel.build(train, { vocabularySize: tokenizer.size, validation });
  counted.set(parts, model);
  return model;
}

/** What is learnt, and what decides which weights are kept. */
function idsOf({ train, valid }: Parts<unknown>, tokenizer: Tokenizer) {
  const read = ({ source }: Part<unknown>) => knownText(tokenizer, String(source));
  return [read(train).ids, read(valid!)] as const;
}

function textOf(file: string, { encoding }: Given): Promise<string> {
  return readWholeText(file, encoding as string | undefined);
}

/** @param decisive what tells it from other data. Default: itself */
function part(name: string, source: string, decisive = source): Part<LanguageModelText> {
  const print = new Fingerprint();
  print.add(decisive);
  return { source, name, fingerprint: String(print) };
}

/** What there is to learn from, in tokens. */
function summaryOf(learnt: string, kept: string, given: Given): string {
  const words = given.tokens === "words" || given.tokens === "subwords";
  const split = given.split === "whitespace" ? "whitespace" : "words";
  const count = (text: string): number =>
    words ? new WordTokenizer(NO_WORDS, { split }).encode(text).length : [...text].length;
  const unit = words ? "words" : "characters";
  return `${count(learnt)} ${unit} to learn from, ${count(kept)} for validation`;
}

const NO_WORDS = new Vocabulary(["<unk>", "<eos>"], { unknown: "<unk>" });

/** What is learnt, and the end of the text: words are kept whole. */
function splitText(
  name: string,
  text: string,
  share: number,
  { tokens = "characters" }: Given,
): [string, string] {
  const pieces = tokens === "characters" ? [...text] : (text.match(/\s*\S+(?:\s+$)?/gu) ?? []);
  if (pieces.length < 2)
    throw new OptionError({
      op: "read",
      expected: `at least 2 ${String(tokens)}, to learn from and to validate`,
      got: `${pieces.length} (${name})`,
    });
  const { train, heldOut } = splitHeldOut(pieces, share);
  return [train.join(""), heldOut.join("")];
}

/** How a line of a text begins. */
function openingOf(text: string): string {
  const line = text.slice(text.indexOf("\n") + 1).trimStart();
  const words = (line || text).slice(0, 40).split(" ");
  return words.length > 1 ? `${words.slice(0, -1).join(" ")} ` : words[0]!;
}
