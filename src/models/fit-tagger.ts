// How a tagger learns.
import { refuseUnknown } from "../core/check.js";
import { numberOf, preparedExamples, reopened, type Examples } from "./examples.js";
import { FIT_OPTIONS, fitModel, type FitModelOptions, type FitModelResult } from "./fit-model.js";
import type { SequenceTagger } from "./sequence-tagger.js";
import { checkSentence, noSentences, type TaggedSentence } from "./tagger/sentence.js";
import { taggerMetrics, type TaggerScores } from "./tagger/scores.js";

export interface TaggerFitOptions<
  Label extends string = string,
  Intent extends string = string,
> extends FitModelOptions<TaggerScores> {
  /**
   * Sentences that decide, after each epoch, whether the weights are the best so far: a list, or a function that opens
   * a stream of them. Default: none, the last are kept.
   */
  validation?: Examples<TaggedSentence<Label, Intent>>;
}

export type TaggerFitResult = FitModelResult<TaggerScores>;

const OP = "SequenceTagger.fit";

/** @internal */
export async function fitTagger<Label extends string, Intent extends string>(
  tagger: SequenceTagger<Label, Intent>,
  sentences: Examples<TaggedSentence<Label, Intent>>,
  { validation, ...options }: TaggerFitOptions<Label, Intent>,
): Promise<TaggerFitResult> {
  type Sentence = TaggedSentence<Label, Intent>;
  refuseUnknown(OP, options, FIT_OPTIONS);
  const withIntents = tagger.intentHead !== undefined;
  const checked = (op: string) => (sentence: Sentence, place: number) => {
    checkSentence(op, sentence, place, withIntents);
    return sentence;
  };
  const count = tagger.encoder.countWords();
  const examples = await preparedExamples(OP, sentences, checked(OP), ({ words }) => count(words));
  if (numberOf(examples) === 0) throw noSentences(OP);
  const toScore = `${OP} (validation)`;
  const valid = validation && (await preparedExamples(toScore, validation, checked(toScore)));
  if (valid && numberOf(valid) === 0) throw noSentences(toScore);
  return fitModel<Sentence, TaggerScores>(
    {
      op: OP,
      model: tagger,
      examples,
      length: ({ words }) => words.length,
      loss: (batch) => tagger.loss(batch),
      validate: valid && (() => tagger.evaluate(reopened(valid))),
      metrics: taggerMetrics(tagger.options.scheme !== null, withIntents),
    },
    options,
  );
}
