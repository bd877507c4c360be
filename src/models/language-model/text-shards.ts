// A step's windows in parts: some rows each, with their own part of the state that is carried on.
import type { Carry } from "../../nn/carry.js";
import type { LSTMState } from "../../nn/lstm.js";
import type { Replica, ShardLoss } from "../../parallel/shard-runner.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { LanguageModel } from "./language-model.js";

/** Ids side by side, row by row. */
export interface Windows {
  readonly input: Int32Array;
  readonly target: Int32Array;
  /** `[batch, time]` of both. */
  readonly shape: readonly [batch: number, time: number];
}

/** Some rows of a step. */
interface RowShard extends Windows {
  /** `[layers, rows, hidden]` each; undefined where nothing is carried. */
  readonly state: StateRows | undefined;
}

interface StateRows {
  readonly h: Float32Array;
  readonly c: Float32Array;
}

/** Neighbouring rows in as many shards; undefined instead of an empty one. */
export function splitRows(
  { input, target, shape: [rows, time] }: Windows,
  shards: number,
  carry?: Carry<LSTMState>,
): (RowShard | undefined)[] {
  return edgesOf(rows, shards).map(([from, to]) => {
    if (from === to) return undefined;
    const part = (ids: Int32Array) => ids.slice(from * time, to * time);
    const state = carry && { h: rowsOf(carry.h, from, to), c: rowsOf(carry.c, from, to) };
    return { input: part(input), target: part(target), shape: [to - from, time], state };
  });
}

/** Puts the shards' states side by side again. */
export function mergeRows(results: readonly unknown[], carry: Carry<LSTMState>): void {
  const edges = edgesOf(carry.h.shape[1]!, results.length);
  for (const part of ["h", "c"] as const) {
    const whole = carry[part].data();
    const [layers, rows, size] = carry[part].shape as [number, number, number];
    (results as readonly (StateRows | undefined)[]).forEach((state, shard) => {
      const [from, to] = edges[shard]!;
      const each = (to - from) * size;
      for (let layer = 0; state && layer < layers; layer++)
        whole.set(
          state[part].subarray(layer * each, (layer + 1) * each),
          (layer * rows + from) * size,
        );
    });
    carry[part].set(whole);
  }
}

/** What computes the losses of shards. */
export function replicaOf(
  model: LanguageModel,
  lossOf: (window: Windows, carry: Carry<LSTMState> | undefined) => Tensor,
): Replica {
  /** By rows. */
  const carries = new Map<number, Carry<LSTMState>>();
  const carryOf = (rows: number): Carry<LSTMState> => {
    const known = carries.get(rows) ?? model.carry(rows);
    carries.set(rows, known);
    return known;
  };
  return {
    model,
    loss({ state, ...window }: RowShard): ShardLoss {
      const count = window.input.length;
      if (!state) return { loss: lossOf(window, undefined), count };
      const carry = carryOf(window.shape[0]);
      carry.h.set(state.h);
      carry.c.set(state.c);
      const loss = lossOf(window, carry);
      return { loss, count, result: { h: carry.h.data(), c: carry.c.data() } };
    },
    dispose() {
      for (const carry of carries.values()) carry.dispose();
    },
  };
}

function edgesOf(rows: number, shards: number): [from: number, to: number][] {
  const edge = (shard: number) => Math.floor((shard * rows) / shards);
  return Array.from({ length: shards }, (_, shard) => [edge(shard), edge(shard + 1)]);
}

function rowsOf(state: Tensor, from: number, to: number): Float32Array {
  const [layers, rows, size] = state.shape as [number, number, number];
  const all = state.data();
  const each = (to - from) * size;
  const own = new Float32Array(layers * each);
  for (let layer = 0; layer < layers; layer++)
    own.set(all.subarray((layer * rows + from) * size, (layer * rows + to) * size), layer * each);
  return own;
}
