// How a classifier learns.
import { refuseUnknown } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { crossEntropy } from "../losses/cross-entropy.js";
import { tensor } from "../tensor/create.js";
import type { ClassifierScores, Example } from "./classifier/example.js";
import type { Series } from "./classifier/input.js";
import { numberOf, preparedExamples, reopened, type Examples } from "./examples.js";
import { FIT_OPTIONS, fitModel, type FitModelOptions, type FitModelResult } from "./fit-model.js";
import type { EncodedExample, SequenceClassifier } from "./sequence-classifier.js";

export interface ClassifierFitOptions<
  Input = string,
  Label extends string = string,
> extends FitModelOptions<ClassifierScores> {
  /**
   * Examples that decide, after each epoch, whether the weights are the best so far: a list, or a function that opens
   * a stream of them. Default: none, the last are kept.
   */
  validation?: Examples<Example<Input, Label>>;
  /** Share of the target that is spread over all labels (Szegedy et al. 2016). Default 0. */
  labelSmoothing?: number;
  /**
   * Another form of an input each time it is read in training, its label the same: a shifted image, a series with
   * noise. It takes its chances from the library's generator (`rand`), so that runs can be repeated and resumed.
   */
  augment?: (input: Input) => Input;
}

export type ClassifierFitResult = FitModelResult<ClassifierScores>;

const OP = "SequenceClassifier.fit";

/** @internal */
export async function fitClassifier<Label extends string, Input extends string | Series>(
  model: SequenceClassifier<Label, Input>,
  examples: Examples<Example<Input, Label>>,
  { validation, labelSmoothing = 0, augment, ...options }: ClassifierFitOptions<Input, Label>,
): Promise<ClassifierFitResult> {
  refuseUnknown(OP, options, FIT_OPTIONS);
  const encoded = (op: string, given: Examples<Example<Input, Label>>) =>
    preparedExamples(op, given, (example, place) => model.encode(op, example, place));
  const training = await encoded(OP, examples);
  const valid = validation && (await encoded(`${OP} (validation)`, validation));
  if (valid && numberOf(valid) === 0)
    throw new OptionError({
      op: `${OP} (validation)`,
      expected: "at least one example",
      got: "none",
    });
  return fitModel<EncodedExample<Input>, ClassifierScores>(
    {
      op: OP,
      model,
      examples: training,
      length: ({ encoded }) => model.input.timeOf(encoded),
      loss(batch) {
        const read = batch.map(({ input, encoded }) =>
          augment ? model.input.encode(OP, augment(input)) : encoded,
        );
        const target = tensor(Int32Array.from(batch, ({ label }) => label));
        return crossEntropy(model.forward(read), target, { labelSmoothing });
      },
      validate:
        valid &&
        (async () => {
          const { accuracy, macroF1, loss } = await model.evaluateEncoded(reopened(valid));
          return { accuracy, macroF1, loss };
        }),
      metrics: ["accuracy", "macroF1", "loss"],
    },
    options,
  );
}
