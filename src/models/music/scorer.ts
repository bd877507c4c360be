// How well a model says pieces: the loss of each step but the first, from all steps before it.
import { noGrad } from "../../autograd/mode.js";
import { NumericError } from "../../core/errors.js";
import type { LSTMState } from "../../nn/lstm.js";
import { slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { MusicNetwork } from "./network.js";
import type { MusicScores } from "./options.js";
import { inputOf, lossesOf, type Row } from "./rows.js";

/** What else an evaluation tells. */
export interface MusicDetails {
  /** Steps that were scored. */
  readonly steps: number;
}

/** What is found of a piece: the losses of its steps, from the second on. */
export type StepLosses = Float64Array;

/** Positions that are read at once. */
const WINDOW = 512;

/** The losses of the steps of some pieces, which are read from their beginning to their end. */
export function stepLosses(
  network: MusicNetwork,
  rows: readonly Row[],
  joint: boolean,
): StepLosses[] {
  const found = rows.map(({ step }) => new Float64Array(Math.max(0, step.at(-1) ?? 0)));
  // Longest first: those that go on are always the first ones.
  const order = [...rows.keys()].sort((a, b) => rows[b]!.length - rows[a]!.length);
  let state: LSTMState | undefined;
  scope(() =>
    noGrad(() => {
      for (let from = 0; from < (rows[order[0]!]?.length ?? 0); from += WINDOW) {
        const live = order.filter((i) => rows[i]!.length > from);
        const some = live.map((i) => rows[i]!);
        const to = Math.min(from + WINDOW, some[0]!.length);
        state = scope(() => {
          const { x, lengths } = inputOf(some, network.columns, from, to);
          const { logits, state: end } = network.forward(x, {
            lengths,
            state: state && firstRows(state, live.length),
          });
          const losses = lossesOf(logits, some, from, joint).data();
          live.forEach((i, row) => {
            const { step } = rows[i]!;
            for (let at = 0; at < lengths[row]!; at++)
              if (step[from + at]! > 0)
                found[i]![step[from + at]! - 1]! += losses[row * (to - from) + at]!;
          });
          return end;
        });
      }
    }),
  );
  return found;
}

function firstRows({ h, c }: LSTMState, rows: number): LSTMState {
  const first = (part: Tensor): Tensor => slice(part, 1, 0, rows);
  return { h: first(h), c: first(c) };
}

export class MusicScorer {
  readonly #op: string;
  #sum = 0;
  #steps = 0;

  constructor(op: string) {
    this.#op = op;
  }

  add(losses: StepLosses): void {
    for (const loss of losses) this.#sum += loss;
    this.#steps += losses.length;
  }

  get evaluation(): Evaluation<MusicScores, MusicDetails> {
    const loss = this.#sum / this.#steps;
    if (Number.isNaN(this.#sum))
      throw new NumericError({
        op: this.#op,
        expected: "a finite loss",
        got: "NaN",
        cure: "The model's weights are not finite: the training diverged, or the file is damaged.",
      });
    return { scores: { loss }, details: { steps: this.#steps } };
  }
}
