// What the tasks that label texts share: how texts are read, and what is said of labels and examples.
import { passOver, type Examples } from "../../data/examples.js";
import { pickOptions, withDefaults, type OptionTable } from "../../core/options.js";
import { TEXT_DEFAULTS } from "../../models/classifier/defaults.js";
import type { ClassWeights } from "../../models/classifier/class-weights.js";
import { checkNames } from "../../models/classifier/class-weights.js";
import type { BuildClassifierOptions } from "../../models/classifier/options.js";
import {
  ALL_ENCODER_OPTIONS,
  encoderSettings,
  type EncoderOptions,
} from "../../models/parts/encoder-options.js";
import { text, TextInput, TEXT_OPTIONS, type TextOptions } from "../../models/parts/text-input.js";
import { wordNgrams } from "../../text/ngrams.js";
import { TOKENS_BY_THE_TEXT, TokenCounter } from "../../text/tokens.js";
import type { Vocabulary } from "../../text/vocabulary.js";
import { wordTokenize } from "../../text/words.js";
import { counted } from "../counted.js";
import { someOf, withPlaces } from "../data/example-files.js";
import { tellFound, VECTORS_OPTION, withVectors } from "../data/word-vectors.js";
import { flagOf } from "../flags.js";
import type { Given, Part, Parts } from "../task.js";
import { checkUsage } from "../usage.js";
import { tokenUnit } from "./token-unit.js";
import { FEW, fewToLearnFrom, Unlearnt } from "./unlearnt.js";

/** What a task that labels texts has whatever becomes of the labels. */
export function labelling<Example, Model extends { labels: Vocabulary; input: unknown }>(
  labelsOf: LabelsOf<Example>,
  build: (
    source: Examples<Example>,
    options: BuildClassifierOptions<string>,
  ) => Model | Promise<Model>,
) {
  return {
    model: TEXT_MODEL,
    check: checkTextModel,
    checkRun: ({ labels }: Model, given: Given) => checkWeights(labels, given),
    async build({ train }: Parts<Examples<Example>>, given: Given) {
      const { input, encoder } = optionsOf(given);
      const options = await withVectors(input);
      const model = await withPlaces(train, () =>
        build(train.source, { ...encoder, input: text(options) }),
      );
      if (model.input instanceof TextInput)
        tellFound(options.vectors, model.input.tokenizer.vocabulary);
      return model;
    },
    advise: (parts: Parts<Examples<Example>>) => adviceOn(parts, labelsOf),
    lengthUnit: ({ input }: Model) => unitOf(input),
    progress: ({ batchSize }: { batchSize: number }) => ({ items: batchSize, unit: "text" }),
  };
}

/** The options of a model that reads texts. */
const TEXT_MODEL: OptionTable = {
  ...(TEXT_OPTIONS as OptionTable),
  vectors: VECTORS_OPTION,
  ...withDefaults(ALL_ENCODER_OPTIONS as OptionTable, TEXT_DEFAULTS),
};

function optionsOf(given: Given): { input: TextOptions; encoder: EncoderOptions } {
  const encoder = pickOptions(ALL_ENCODER_OPTIONS as unknown as OptionTable, given);
  return { input: pickOptions(TEXT_OPTIONS, given), encoder };
}

/** Refuses options that contradict each other. */
function checkTextModel(given: Given): void {
  const { input, encoder } = optionsOf(given);
  const tokens = pickOptions(TOKENS_BY_THE_TEXT, input);
  new TokenCounter("train", tokens, TOKENS_BY_THE_TEXT, flagOf);
  encoderSettings("train", encoder, flagOf);
}

/** Refuses weights of labels that there are not. */
function checkWeights(labels: Vocabulary, { classWeights }: Given): void {
  if (classWeights !== undefined)
    checkUsage(() =>
      checkNames("train", classWeights as ClassWeights, labels, flagOf("classWeights")),
    );
}

/** What counting reads in a text. */
export function features(text: string): string[] {
  return wordNgrams(wordTokenize(text, { lowercase: true }), 2);
}

function unitOf(input: unknown): string {
  return input instanceof TextInput ? tokenUnit(input.tokenizer) : "word";
}

/** `3.1 % of the words are unknown to the model` */
export function unknownText(share: number | undefined): string {
  return share === undefined
    ? ""
    : `; ${(100 * share).toFixed(1)} % of the words are unknown to the model`;
}

/** Of fewer examples of a label little can be learnt. */
const FEW_OF_A_LABEL = 10;
/** Where the most frequent label has so many times the examples of another, models tend to forget the other. */
const SKEWED = 20;

type LabelsOf<Example> = (example: Example) => readonly string[];

/** What a user should know of few examples, and of labels that are rare. Streams are long, and not gone through for it. */
async function adviceOn<Example>(
  { train, valid }: { train: Part<Examples<Example>>; valid: Part<Examples<Example>> | undefined },
  labelsOf: LabelsOf<Example>,
): Promise<string[]> {
  if (typeof train.source === "function") return [];
  const { count, labels } = await countLabels(train.source, labelsOf);
  const notes = fewToLearnFrom(count, "text");
  const most = Math.max(0, ...labels.values());
  const rare = [...labels].filter(([, own]) => own < FEW_OF_A_LABEL || most >= SKEWED * own);
  if (rare.length > 0)
    notes.push(
      `labels with few of the ${count} texts: ${someOf(rare.map(([label, own]) => `${label} ${own}`))}. ` +
        "More examples help most; --sampling balanced or --class-weights balanced makes more of these.",
    );
  if (!valid || typeof valid.source === "function") return notes;
  const kept = (await countLabels(valid.source, labelsOf)).count;
  if (kept < FEW)
    notes.push(
      `${counted(kept, "text")} for validation: few, a score is uncertain by ${(100 / Math.sqrt(kept)).toFixed(0)} % or so, up or down.`,
    );
  return notes;
}

async function countLabels<Example>(source: Examples<Example>, labelsOf: LabelsOf<Example>) {
  const labels = new Map<string, number>();
  let count = 0;
  for await (const example of passOver(source)) {
    count++;
    for (const label of labelsOf(example)) labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  return { count, labels };
}

/** What an evaluation counts as mistakes, since nobody could learn it. */
export async function strangersIn<Example>(
  labels: Vocabulary,
  part: Part<Examples<Example>>,
  labelsOf: LabelsOf<Example>,
): Promise<string[]> {
  const strangers = new Unlearnt("text", "label");
  let number = 0;
  for await (const example of passOver(part.source)) {
    for (const label of labelsOf(example)) if (!labels.has(label)) strangers.add(label, number);
    number++;
  }
  return strangers.notes(part);
}
