// Attention of single queries by one kernel call for all of them: what a decoder asks of its memory.
import { defineOp } from "../../autograd/op.js";
import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { tensor } from "../../tensor/create.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { extraKernels } from "../../wasm/extra.js";
import { copyBytes, fillZero } from "../../wasm/memory.js";
import { bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withBlock, withScratch } from "../../wasm/scratch.js";
import { requireFloat } from "../check.js";
import type { BackwardPass } from "../../autograd/backward-pass.js";

/** What queries meet, and how. */
export interface Attended {
  /** `[rows, S, K]` */
  readonly keys: Tensor;
  /** `[rows, S, M]` */
  readonly values: Tensor;
  /** `[rows, 1, S]`, not 0 where a key counts. */
  readonly mask: Tensor<"int32"> | undefined;
  /** Of the additive score vᵀ tanh(q + k), `[1, K]`; without it the score is `scale` · qᵀk. */
  readonly v: Tensor | undefined;
  readonly scale: number;
}

/** Queries, and where what they give goes. */
export interface Queries {
  readonly rows: number;
  query: Ptr;
  /** Elements from row to row. */
  readonly queryRow: number;
  readonly contextRow: number;
  /** `[rows]`: each row's row of the memory; 0 where these are the same. */
  readonly index: Ptr;
  /** `[rows]`: 0 where a row is left out; or 0. */
  readonly active: Ptr;
}

export function attendRows(
  op: string,
  context: Ptr,
  weights: Ptr,
  { keys, values, mask, v, scale }: Attended,
  { rows, query, queryRow, contextRow, index, active }: Queries,
): void {
  const [, S, K] = keys.shape as [number, number, number];
  const [k, m] = [keys.address(op), values.address(op)];
  const [counts, score] = [mask?.address(op) ?? 0, v?.address(op) ?? 0];
  const M = values.shape[2]!;
  // prettier-ignore
  extraKernels().attendForward(
    context, weights, query, k, m, index, counts, active, score, scale, rows, S, K, M, queryRow, contextRow,
  );
}

/** Gradients that {@link attendRowsBackward} adds to: as large as what they are of. */
export interface AttendedGradients {
  readonly keys: Ptr;
  readonly values: Ptr;
  readonly v: Ptr;
}

export function attendRowsBackward(
  op: string,
  dQuery: Ptr,
  to: AttendedGradients,
  dContext: Ptr,
  dWeights: Ptr,
  dWeightsRow: number,
  weights: Ptr,
  { keys, values, v, scale }: Attended,
  { rows, query, queryRow, contextRow, index, active }: Queries,
): void {
  const [, S, K] = keys.shape as [number, number, number];
  const M = values.shape[2]!;
  const [k, m, score] = [keys.address(op), values.address(op), v?.address(op) ?? 0];
  withScratch(bytesOf(S), (space) =>
    // prettier-ignore
    extraKernels().attendBackwardAcc(
      dQuery, to.keys, to.values, to.v, space, dContext, dWeights, weights, query, k, m, index, active, score, scale,
      rows, S, K, M, queryRow, contextRow, dWeightsRow, queryRow,
    ),
  );
}

/** Runs with room for the gradients of what was attended, zeros at first; then gives them to inputs, from `first` on. */
export function givingAttended(
  pass: BackwardPass,
  first: number,
  { keys, values, v }: Attended,
  run: (to: AttendedGradients) => void,
): void {
  const all = v ? [keys, values, v] : [keys, values];
  const bytes = all.map(({ size }) => Math.ceil(bytesOf(size) / 64) * 64);
  withBlock(
    bytes.reduce((sum, each) => sum + each),
    (block) => {
      let end = block;
      const places = bytes.map((each) => {
        const place = end;
        fillZero(place, each);
        end = (end + each) as Ptr;
        return place;
      });
      run({ keys: places[0]!, values: places[1]!, v: places[2] ?? 0 });
      all.forEach(({ size }, i) =>
        pass.write(first + i, (to) => copyBytes(to, places[i]!, bytesOf(size))),
      );
    },
  );
}

/**
 * Each query's mix of the values, and its weights: query `[rows, queries, K]` → context `[rows, queries, M]`, weights
 * `[rows, queries, S]`. Past a row's length both are zeros, whatever the query holds there.
 */
export const attend = /* @__PURE__ */ defineOp({
  name: "attend",
  forward(query: Tensor, attended: Attended, lengths: Int32Array | undefined) {
    const { keys, values, v } = attended;
    const inputs = v ? [query, keys, values, v] : [query, keys, values];
    requireFloat("attend", ...inputs);
    const [B, T, K] = query.shape as [number, number, number];
    const [, S, M] = values.shape as [number, number, number];
    if (K !== keys.shape[2])
      throw new ShapeError({
        op: "attend",
        expected: `queries [batch, queries, ${keys.shape[2]}]`,
        got: formatShape(query.shape),
      });
    const [context, weights] = [empty([B, T, M]), empty([B, T, S])];
    const rows = B * T;
    const index = tensor(Int32Array.from({ length: rows }, (_, row) => Math.floor(row / T)));
    const active =
      lengths &&
      tensor(
        Int32Array.from({ length: rows }, (_, row) =>
          row % T < lengths[Math.floor(row / T)]! ? 1 : 0,
        ),
      );
    const queries = (): Queries => ({
      ...{ rows, query: query.address("attend"), queryRow: K, contextRow: M },
      ...{ index: index.address("attend"), active: active?.address("attend") ?? 0 },
    });
    attendRows("attend", context.storage.ptr, weights.storage.ptr, attended, queries());
    return {
      inputs,
      output: [context, weights] as const,
      saved: { query, attended, weights, queries },
    };
  },
  backward(pass, { query, attended, weights, queries }) {
    const S = weights.shape[2]!;
    withBlock(bytesOf(query.size), (dQuery) => {
      fillZero(dQuery, bytesOf(query.size));
      givingAttended(pass, 1, attended, (to) =>
        // prettier-ignore
        attendRowsBackward(
          "attend", dQuery, to, pass.grad(0), pass.gradOrNone(1), S, weights.address("attend"), attended, queries(),
        ),
      );
      pass.write(0, (dx) => copyBytes(dx, dQuery, bytesOf(query.size)));
    });
  },
});
