// The loss of a language model over a whole text, by what it knows of the text before a token.
import { noGrad } from "../../autograd/mode.js";
import { turnOfOthers } from "../../core/yield.js";
import { StreamWindows, type StreamWindow } from "../../data/windows.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { LanguageModel } from "./language-model.js";

/** Tokens that are read at once. */
const WINDOW = 512;

/** The sum of the losses of all tokens but the first, each from all before it. */
export async function carriedLoss(model: LanguageModel, ids: Int32Array): Promise<number> {
  const carry = model.carry(1);
  const lossOf = ({ input, target, shape }: StreamWindow): number =>
    model.loss(tensor(input, { shape }), tensor(target, { shape }), carry).item();
  let sum = 0;
  try {
    for (const window of new StreamWindows(ids, { batch: 1, time: WINDOW })) {
      await turnOfOthers();
      const loss = inEvaluation(model, () => scope(() => noGrad(() => lossOf(window))));
      sum += window.input.length * loss;
    }
  } finally {
    carry.dispose();
  }
  return sum;
}

/** The same, each from half a context before it, at least: windows overlap. */
export async function overlappingLoss(
  model: LanguageModel,
  ids: Int32Array,
  contextLength: number,
): Promise<number> {
  let sum = 0;
  for (const { input, target, counted } of overlapping(ids, contextLength)) {
    await turnOfOthers();
    const lossOf = (): number => {
      const shape = [1, input.length];
      const { logits } = model.forward(tensor(input, { shape }));
      const wanted = target.map((id, i) => (i < target.length - counted ? -100 : id));
      return crossEntropy(logits, tensor(wanted, { shape })).item();
    };
    sum += counted * inEvaluation(model, () => scope(() => noGrad(lossOf)));
  }
  return sum;
}

/** Windows that overlap by half: of each the last `counted` targets, those no other has counted. */
function* overlapping(
  ids: Int32Array,
  time: number,
): Generator<{ input: Int32Array; target: Int32Array; counted: number }, void> {
  const last = ids.length - 1;
  const half = Math.max(1, Math.floor(time / 2));
  for (let done = 0, start = 0; done < last; start += half) {
    const end = Math.min(start + time, last);
    yield {
      input: ids.subarray(start, end),
      target: ids.subarray(start + 1, end + 1),
      counted: end - done,
    };
    done = end;
  }
}
