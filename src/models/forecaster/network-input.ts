// What the network reads, and what it is to say, as tensors.
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { aimAt, featuresIn, type Aim, type Prepared, type Preparation } from "./prepared.js";
import type { Piece } from "./windows.js";

export interface NetworkInput {
  /** `[batch, time, features]` */
  readonly x: Tensor;
  /** `[batch, time, horizon, covariates]`; undefined where there are none. */
  readonly ahead: Tensor | undefined;
  readonly lengths: Int32Array;
}

/** Pieces of series side by side. */
export function inputOf(
  pieces: readonly Pick<Piece, "prepared" | "start" | "length">[],
  preparation: Preparation,
): NetworkInput {
  const { options, covariates } = preparation;
  const features = featuresIn(preparation);
  const time = Math.max(...pieces.map(({ length }) => length));
  const known = options.horizon * covariates;
  const x = new Float32Array(pieces.length * time * features);
  const ahead = new Float32Array(pieces.length * time * known);
  pieces.forEach(({ prepared, start, length }, row) => {
    const from = prepared.features.subarray(start * features, (start + length) * features);
    x.set(from, row * time * features);
    if (known > 0)
      for (let i = 0; i < length; i++)
        ahead.set(aheadOf(prepared, preparation, start + i), (row * time + i) * known);
  });
  const shape = [pieces.length, time];
  return {
    x: tensor(x, { shape: [...shape, features] }),
    ahead:
      known > 0 ? tensor(ahead, { shape: [...shape, options.horizon, covariates] }) : undefined,
    lengths: Int32Array.from(pieces, ({ length }) => length),
  };
}

/** What was right at every step of pieces, padded as {@link inputOf} pads them: `[batch · time · horizon · targets]`. */
export function aimOf(pieces: readonly Piece[], preparation: Preparation): Aim {
  const time = Math.max(...pieces.map(({ length }) => length));
  const cells = preparation.options.horizon * preparation.targets;
  const size = pieces.length * time * cells;
  const aim = { values: new Float32Array(size), counts: new Float32Array(size) };
  pieces.forEach(({ prepared, end, start, length }, row) => {
    for (let i = 0; i < length; i++)
      aimAt(prepared, preparation, start + i, end, aim, (row * time + i) * cells);
  });
  return aim;
}

/** What is known of the steps ahead of a step: `[horizon · covariates]`, cut off where nothing is. */
function aheadOf(
  { ahead }: Prepared,
  { options: { horizon }, covariates }: Preparation,
  t: number,
): Float32Array {
  return ahead.subarray((t + 1) * covariates, (t + 1 + horizon) * covariates);
}
