// What the tasks that label texts share: how texts are read.
import type { Examples } from "../../data/examples.js";
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
import { withPlaces } from "../data/example-files.js";
import { tellFound, VECTORS_OPTION, withVectors } from "../data/word-vectors.js";
import { flagOf } from "../flags.js";
import type { Given, Parts } from "../task.js";
import { checkUsage } from "../usage.js";
import { adviceOn, type LabelsOf } from "./label-notes.js";
import { tokenUnit } from "./token-unit.js";

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
    advise: (parts: Parts<Examples<Example>>) => adviceOn(parts, labelsOf, "text"),
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
export function checkWeights(labels: Vocabulary, { classWeights }: Given): void {
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
