// How the text of a recording is found in the steps of the network.
import { checkLike } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { readOptions, whole, api, type OptionTable, type Settings } from "../../core/options.js";
import { ctcBeamSearch } from "../../decode/ctc/beam-search.js";
import { ctcForcedAlignment } from "../../decode/ctc/forced-alignment.js";
import { ctcGreedy } from "../../decode/ctc/greedy.js";
import type { LabelScorer } from "../../decode/ctc/label-scorer.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Transcript } from "./example.js";
import { SPEECH_SEARCH_OPTIONS, type SpeechSearchOptions } from "./options.js";
import type { TextUnits } from "./units.js";

export interface SpeechPredictOptions extends SpeechSearchOptions {
  /** A language model over the labels: {@link SpeechRecognizer.languageModel}, or `labelScorer` of a model of your own. Default: none. */
  languageModel?: LabelScorer | undefined;
  /** How many of the best texts to tell, at most `beams`. Default 1. */
  alternatives?: number | undefined;
}

const PREDICT_OPTIONS: OptionTable<SpeechPredictOptions> = {
  ...SPEECH_SEARCH_OPTIONS,
  languageModel: api<LabelScorer>("object", "a language model over the labels"),
  alternatives: whole(1, 1, "how many of the best texts to tell"),
};

/** What decides which text is the best. */
export const BEST_KEYS = "beams:number alpha:number beta:number languageModel:object";
export const SEARCH_KEYS = `${BEST_KEYS} alternatives:number`;

export type SearchSettings = Settings<SpeechPredictOptions, "languageModel">;

export function searchSettings(op: string, options: SpeechPredictOptions): SearchSettings {
  const settings = readOptions<SpeechPredictOptions, "languageModel">(op, PREDICT_OPTIONS, options);
  const { alternatives, beams } = settings;
  if (alternatives > beams)
    throw new OptionError({
      op,
      expected: `alternatives of at most ${beams} beams`,
      got: String(alternatives),
    });
  if (settings.languageModel)
    checkLike(op, "a language model by labelScorer()", "score", settings.languageModel);
  return settings;
}

/** What `CtcStream` and `ctcBeamSearch` take of it. */
export function ctcOptions({ alternatives, ...others }: SearchSettings) {
  return { ...others, nBest: alternatives };
}

/** Labels that were found. */
export interface FoundLabels {
  readonly labels: Int32Array;
  readonly score: number;
}

/**
 * The best labels of a recording, the best first.
 *
 * @param logits `[steps, classes]`
 */
export function searched(
  logits: Float32Array,
  classes: number,
  settings: SearchSettings,
): readonly FoundLabels[] {
  const steps = tensor(logits, { shape: [1, logits.length / classes, classes] });
  if (settings.beams > 1 || settings.languageModel)
    return ctcBeamSearch(steps, ctcOptions(settings))[0]!;
  const [{ labels, logProbability }] = ctcGreedy(steps) as [ReturnType<typeof ctcGreedy>[number]];
  return [{ labels, score: logProbability }];
}

/**
 * What was found as text, with times of the most probable alignment.
 *
 * @param stepSeconds from a step to the next
 */
export function transcriptOf(
  found: readonly FoundLabels[],
  logits: Float32Array,
  units: TextUnits,
  stepSeconds: number,
): Transcript {
  const { labels } = found[0]!;
  const { classes } = units;
  const [alignment] = scope(() => {
    const steps = tensor(logits, { shape: [1, logits.length / classes, classes] });
    return [ctcForcedAlignment(steps, tensor(labels, { shape: [1, labels.length] }))[0]!];
  });
  const words = units.wordsOf(labels).map(({ word, first, last }) => ({
    word,
    start: alignment.spans[first]!.start * stepSeconds,
    end: alignment.spans[last]!.end * stepSeconds,
  }));
  const alternatives = found.map(({ labels, score }) => ({ text: units.textOf(labels), score }));
  return { ...alternatives[0]!, words, alternatives };
}
