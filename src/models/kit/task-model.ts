// What every model has in common that finds one answer for an input at once: in batches, from logits.
import { checkCall } from "../../core/check.js";
import { checkIterable } from "../../core/check-like.js";
import { noGrad } from "../../autograd/mode.js";
import { NumericError } from "../../core/errors.js";
import type { DType } from "../../core/dtype.js";
import { inPlace } from "../../data/examples.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { ExampleModel, foundInBatches } from "./example-model.js";
import type { Logits, Scorer, Scoring, TaskTypes } from "./task-types.js";

export type * from "./task-types.js";

export abstract class TaskModel<T extends TaskTypes> extends ExampleModel<T> {
  /** Everything that decides the answers of a batch, before any of it is chosen. */
  protected abstract logitsOf(batch: readonly T["Encoded"][]): Logits;
  /** What is found in each row of a batch. */
  protected abstract findings(logits: Logits, batch: readonly T["Encoded"][]): T["Finding"][];
  protected abstract answer(finding: T["Finding"], encoded: T["Encoded"]): T["Answer"];
  /** @param fitting whether it scores validation data of a training */
  protected abstract scorer(fitting: boolean): Scorer<T>;
  /** What there is to find in an input that need not be read, such as an empty sentence; undefined: read it. */
  protected findingUnread(_encoded: T["Encoded"]): T["Finding"] | undefined {
    return undefined;
  }
  protected override scoring(op: string, fitting: boolean): Scoring<T> {
    return {
      scorer: this.scorer(fitting),
      find: (batch) =>
        this.#findIn(
          op,
          batch.map(({ encoded }) => encoded),
        ),
    };
  }

  /**
   * The answer for one input.
   *
   * @throws OptionError for an input that it cannot read; NumericError where its weights are not finite
   */
  predict(input: T["Input"]): T["Answer"] {
    const op = `${this.kind.name}.predict`;
    checkCall(op, arguments, "input");
    const encoded = this.encodeInput(op, input);
    return this.answer(this.#findIn(op, [encoded])[0]!, encoded);
  }

  /** The answers for many inputs, in their order: faster than one by one. */
  predictBatch(inputs: Iterable<T["Input"]>): T["Answer"][] {
    const op = `${this.kind.name}.predictBatch`;
    checkCall(op, arguments, "inputs");
    checkIterable(op, "a list of inputs", inputs);
    const encoded = Array.from(inputs, (input, place) =>
      inPlace(this.kind.item, place, () => this.encodeInput(op, input)),
    );
    const lengthOf = (one: T["Encoded"]) => this.lengthOf(one);
    return foundInBatches(encoded, lengthOf, (batch) => this.#findIn(op, batch)).map((finding, i) =>
      this.answer(finding, encoded[i]!),
    );
  }

  /** What it finds in one batch. */
  #findIn(op: string, encoded: readonly T["Encoded"][]): T["Finding"][] {
    const found = encoded.map((one) => this.findingUnread(one));
    const unread = [...encoded.keys()].filter((i) => found[i] === undefined);
    if (unread.length === 0) return found;
    const batch = unread.map((i) => encoded[i]!);
    const some = inEvaluation(this, () =>
      scope(() =>
        noGrad(() => {
          const logits = this.logitsOf(batch);
          refuseNonFiniteLogits(op, logits);
          return { found: this.findings(logits, batch) };
        }),
      ),
    );
    unread.forEach((i, row) => (found[i] = some.found[row]));
    return found;
  }
}

/** @internal NaN weights answer something all the same: the first label, no label. */
export function refuseNonFiniteLogits(op: string, logits: Logits): void {
  for (const [name, values] of Object.entries(logits as Record<string, Tensor<DType> | undefined>))
    if (values?.data().some((value) => !Number.isFinite(value)))
      throw new NumericError({
        op,
        expected: `finite ${name}`,
        got: "NaN or Infinity",
        cure: "The model's weights or inputs are not finite: the training diverged, or the file is damaged. Train anew with a smaller learningRate.",
      });
}
