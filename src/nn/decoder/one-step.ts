// One step of a decoder, composed of other operations: for loops of one's own. Whole targets (whole-target.ts) and streams
// give the same numbers faster.
import { concat } from "../../ops/join.js";
import { dropout } from "../../ops/dropout.js";
import { tanh } from "../../ops/unary.js";
import type { Tensor } from "../../tensor/tensor.js";
import { keepMask, type DecoderParts } from "./parts.js";
import type { Target, TargetOutputs } from "./whole-target.js";

/** x `[B, features]`, of a target of one step without its axis of time. */
export function runStep(parts: DecoderParts, target: Omit<Target, "lengths">): TargetOutputs {
  const { cell, layers, hiddenSize, attention, combine, dropout: p, residual } = parts;
  const { x, memory, encoding, initial } = target;
  const gnmt = target.feed !== undefined && !combine;
  const finals: Tensor[][] = [];
  let { feed } = target;
  let weights: Tensor | undefined;
  const attend = (query: Tensor): Tensor => {
    const attended = attention!.forward(query, memory!, { needWeights: true });
    weights = attended.weights;
    return attended.output;
  };
  let below = x;
  layers.forEach((own, layer) => {
    const fed = layer === 0 || gnmt ? feed : undefined;
    const joined = fed ? concat([below, fed], -1) : below;
    const read = layer > 0 ? dropout(joined, p) : joined;
    const [output, ...final] = cell.layer(encoding ? concat([encoding, read], -1) : read, [own], {
      hiddenSize,
      initial,
      slot: layer,
      mask: keepMask([1, x.shape[0]!, hiddenSize], parts.recurrentDropout),
    });
    finals.push(final);
    below = residual && layer > 0 ? output!.add(below) : output!;
    if (layer === 0 && gnmt) feed = attend(below);
  });
  let output = below;
  if (combine) {
    output = dropout(tanh(combine.forward(concat([attend(below), below], -1))), p);
    if (feed) feed = output;
  } else if (gnmt) output = concat([below, feed!], -1);
  return {
    output: encoding ? concat([output, encoding], -1) : output,
    state: cell.parts.map((_, part) => concat(finals.map((final) => final[part]!))),
    feed,
    weights,
  };
}
