// Layers of several inputs: sums, products, largest numbers, side by side.
import { add, mul, sub } from "../../ops/arithmetic.js";
import { maximum, minimum } from "../../ops/extremes.js";
import { concat } from "../../ops/join.js";
import { matmul } from "../../ops/matmul.js";
import { transpose } from "../../ops/permute.js";
import { normalize } from "../../ops/similarity.js";
import type { Tensor } from "../../tensor/tensor.js";
import { numberOf } from "../config.js";
import {
  KerasLayer,
  unknownOption,
  type LayerParts,
  type MakeLayer,
  type Value,
} from "../layer.js";
import type { Mask } from "../mask.js";

class MergeLayer extends KerasLayer {
  readonly #merge: (inputs: readonly Tensor[]) => Tensor;

  constructor(parts: LayerParts, merge: (inputs: readonly Tensor[]) => Tensor) {
    super(parts);
    this.#merge = merge;
  }

  /** @internal */
  call(inputs: readonly Value[]): Value[] {
    return [{ x: this.#merge(inputs.map(({ x }) => x as Tensor)), mask: merged(inputs) }];
  }
}

/** A step counts where it does in all inputs that say so. */
function merged(inputs: readonly Value[]): Mask | undefined {
  const masks = inputs.flatMap(({ mask }) => (mask ? [mask] : []));
  const [first] = masks;
  if (!first || masks.some(({ batch, time }) => batch !== first.batch || time !== first.time))
    return undefined;
  return masks.reduce((a, b) => a.and(b));
}

const folded =
  (two: (a: Tensor, b: Tensor) => Tensor): MakeLayer =>
  (parts) =>
    new MergeLayer(parts, (inputs) => inputs.reduce(two));

function dotLayer(parts: LayerParts): KerasLayer {
  const { axes, normalize: unit } = parts.config;
  const pair = Array.isArray(axes) ? (axes as unknown[]) : [axes, axes];
  if (!pair.every((axis) => typeof axis === "number")) throw unknownOption(parts, "axes", axes);
  return new MergeLayer(parts, ([a, b]) => {
    const at = [a!, b!].map((x, i) => {
      const axis = pair[i] as number;
      return axis < 0 ? x.shape.length + axis : axis;
    });
    const [x, y] = [a!, b!].map((each, i) =>
      unit === true ? normalize(each, { axis: at[i]! }) : each,
    ) as [Tensor, Tensor];
    // [batch, rows, summed] · [batch, summed, columns]; a vector is a matrix of one row.
    const rows =
      x.shape.length === 2
        ? x.reshape([x.shape[0]!, 1, x.shape[1]!])
        : at[0] === 1
          ? transpose(x, 1, 2)
          : x;
    const columns =
      y.shape.length === 2 ? y.reshape([...y.shape, 1]) : at[1] === 2 ? transpose(y, 1, 2) : y;
    const product = matmul(rows, columns);
    const rest = [
      ...(x.shape.length === 3 ? [product.shape[1]!] : []),
      ...(y.shape.length === 3 ? [product.shape[2]!] : []),
    ];
    return product.reshape([product.shape[0]!, ...(rest.length > 0 ? rest : [1])]);
  });
}

export const mergingLayers: Readonly<Record<string, MakeLayer>> = {
  ...{
    Add: folded((a, b) => add(a, b)),
    Subtract: folded((a, b) => sub(a, b)),
    Multiply: folded((a, b) => mul(a, b)),
  },
  ...{ Maximum: folded((a, b) => maximum(a, b)), Minimum: folded((a, b) => minimum(a, b)) },
  Average: (parts) =>
    new MergeLayer(parts, (inputs) => inputs.reduce((a, b) => add(a, b)).div(inputs.length)),
  Concatenate: (parts) => {
    const axis = numberOf(parts.config.axis, -1);
    return new MergeLayer(parts, (inputs) => concat(inputs, axis));
  },
  Dot: dotLayer,
};
