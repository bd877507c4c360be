// A decoder over targets by its own step(), which is composed of other operations: what the fused operation must equal.
import { concat, type Tensor } from "../../../src/index.js";
import {
  scanCell,
  type DecoderForwardOptions,
  type RecurrentDecoder,
  type RecurrentDecoderState,
} from "../../../src/nn/index.js";

type Parts = Readonly<Record<string, Tensor>>;

/** The same with the batch in front of the layers, or back. */
function exchanged(state: object): Parts {
  return Object.fromEntries(
    Object.entries(state as Parts).map(([name, part]) => [
      name,
      name === "feed" ? part : part.permute([1, 0, 2]),
    ]),
  );
}

/** As `decoder.forward(x, { ...options, needWeights })`: output, weights where there is attention, and state. */
export function composedForward(
  decoder: RecurrentDecoder,
  x: Tensor,
  { memory, encoding, state, lengths }: DecoderForwardOptions,
  initial: (batch: number) => Parts,
): { output: Tensor; weights: Tensor; state: RecurrentDecoderState } {
  const whole = { ...initial(x.shape[0]!), ...(state as Parts | undefined) };
  const scanned = scanCell<Parts>(
    (frame, carried) => {
      const step = decoder.step(frame, {
        ...{ memory, encoding, needWeights: Boolean(memory) },
        state: exchanged(carried!) as unknown as RecurrentDecoderState,
      });
      const { weights } = step as { weights?: Tensor };
      return {
        output: weights ? concat([step.output, weights], -1) : step.output,
        state: exchanged(step.state),
      };
    },
    x,
    { state: exchanged(whole), ...(lengths === undefined ? {} : { lengths }) },
  );
  const size = decoder.outputSize;
  return {
    output: scanned.output.slice(-1, 0, size),
    weights: scanned.output.slice(-1, size),
    state: exchanged(scanned.state) as unknown as RecurrentDecoderState,
  };
}
