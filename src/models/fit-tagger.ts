// How a tagger learns.
import { refuseUnknown } from "../core/check.js";
import { FIT_OPTIONS, fitModel, type FitModelOptions, type FitModelResult } from "./fit-model.js";
import type { SequenceTagger } from "./sequence-tagger.js";
import { checkSentences, type TaggedSentence } from "./tagger/sentence.js";
import { taggerMetrics, type TaggerScores } from "./tagger/scores.js";

export interface TaggerFitOptions<
  Label extends string = string,
  Intent extends string = string,
> extends FitModelOptions<TaggerScores> {
  /** Sentences that decide, after each epoch, whether the weights are the best so far. Default: none, the last are kept. */
  validation?: Iterable<TaggedSentence<Label, Intent>>;
}

export type TaggerFitResult = FitModelResult<TaggerScores>;

const OP = "SequenceTagger.fit";

/** @internal */
export async function fitTagger<Label extends string, Intent extends string>(
  tagger: SequenceTagger<Label, Intent>,
  sentences: readonly TaggedSentence<Label, Intent>[],
  { validation, ...options }: TaggerFitOptions<Label, Intent>,
): Promise<TaggerFitResult> {
  refuseUnknown(OP, options, FIT_OPTIONS);
  const withIntents = tagger.intentHead !== undefined;
  checkSentences("fit", sentences, withIntents);
  const valid = validation && [...validation];
  if (valid) checkSentences("fit (validation)", valid, withIntents);
  tagger.encoder.countWords(sentences.map(({ words }) => words));
  return fitModel<TaggedSentence<Label, Intent>, TaggerScores>(
    {
      op: OP,
      model: tagger,
      examples: sentences,
      length: ({ words }) => words.length,
      loss: (batch) => tagger.loss(batch),
      validate: valid && (() => tagger.evaluate(valid)),
      metrics: taggerMetrics(tagger.options.scheme !== null, withIntents),
    },
    options,
  );
}
