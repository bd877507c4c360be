// The target from its first step to its last.
import { tensor } from "../../tensor/create.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { copyBytes, fillZero } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { biasedProduct, product } from "../products.js";
import { gateBias } from "../recurrent/layer.js";
import { attendRows } from "./attend.js";
import { withPackedColumns, type Columns } from "./columns.js";
import type { Recurrence } from "./recurrence.js";
import {
  directionAt,
  eachPast,
  maskOf,
  stepOf,
  type LayerTape,
  type Outputs,
  type RecurrenceSizes,
  type Tape,
} from "./tape.js";

const OP = "attentionRecurrence";

export function forwardRecurrence(
  x: Tensor,
  recurrence: Recurrence,
  sizes: RecurrenceSizes,
  outputs: Outputs,
): Tape {
  const { layers, queryWeight, combine, lengths } = recurrence;
  const { T, B, H, F, M, given, encoding, joined } = sizes;
  const tape = makeTape(x, recurrence, sizes);
  const top = layers.length - 1;
  const known = layers.map(({ inputWeight: weight }, i) => ({
    ...{ weight, first: 0, count: i === 0 ? given : encoding },
  }));
  const below = layers.slice(1).map(({ inputWeight: weight }) => ({
    ...{ weight, first: encoding, count: H },
  }));
  const blocks: Columns[] = [
    { weight: layers[0]!.inputWeight, first: given, count: F },
    ...below,
    ...(queryWeight ? [whole(queryWeight)] : []),
    ...(combine ? [whole(combine)] : []),
  ];
  givenProducts(recurrence, sizes, tape, known);
  withPackedColumns(OP, "packBT", blocks, ([fedPanels, ...panels]) => {
    const belowPanels = panels.splice(0, top);
    const [queryPanels, combinePanels] = queryWeight ? panels : [0 as Ptr, panels[0]];
    for (let t = 0; t < T; t++) {
      addTo(stepOf(tape.layers[0]!.gates, t), stepOf(tape.feeds, t), fedPanels!, F);
      layers.forEach((_, layer) => runLayer(layer, t, belowPanels));
      const hidden = stepOf(tape.layers[top]!.out, t);
      attendAt(t, hidden, queryPanels);
      const beside = stepOf(tape.joined, t);
      kernels().copyRows(at(beside, sizes.hiddenAt), hidden, B, H, joined, H);
      feedBack(t, beside, combinePanels);
    }
  });
  give(outputs, recurrence, sizes, tape);
  return tape;

  /** gates += from · panels */
  function addTo(gates: Ptr, from: Ptr, panels: Ptr, k: number): void {
    product(gates, from, panels, { m: B, n: recurrence.cell.gates * H, k }, true);
  }

  function runLayer(layer: number, t: number, belowPanels: readonly Ptr[]): void {
    const { cell, masks, residual } = recurrence;
    const own = tape.layers[layer]!;
    const mask = masks.recurrent?.[layer];
    const direction = directionAt(own, layers[layer]!, mask, tape.active, sizes, t, 1);
    const out = stepOf(own.out, t);
    if (layer === 0) return cell.forward(direction, out);
    const from = stepOf(tape.layers[layer - 1]!.out, t);
    let read = from;
    if (masks.below) {
      read = stepOf(own.below, t);
      kernels().mul(read, from, maskOf(masks.below[layer - 1]!, t), B * H);
    }
    addTo(direction.gates, read, belowPanels[layer - 1]!, H);
    cell.forward(direction, out);
    if (residual) kernels().add(out, out, from, B * H);
  }

  function attendAt(t: number, hidden: Ptr, queryPanels: Ptr): void {
    const { attended } = recurrence;
    let query = hidden;
    if (tape.queries) {
      query = stepOf(tape.queries, t);
      product(query, hidden, queryPanels, { m: B, n: sizes.K, k: H });
    }
    const context = at(stepOf(tape.joined, t), sizes.contextAt);
    const active = tape.active ? at(tape.active.storage.ptr, t * B) : 0;
    const places = { queryRow: sizes.K, contextRow: joined, index: 0 as Ptr, active };
    attendRows(OP, context, stepOf(tape.weights, t), attended, { rows: B, query, ...places });
  }

  /** What the next step reads: the attentional vector, or the context; of a row past its length what it was. */
  function feedBack(t: number, beside: Ptr, combinePanels: Ptr | undefined): void {
    const { attentional } = recurrence.masks;
    const next = stepOf(tape.feeds, t + 1);
    if (combinePanels) {
      const vector = tape.attentional ? stepOf(tape.attentional, t) : next;
      product(vector, beside, combinePanels, { m: B, n: F, k: joined });
      kernels().tanhForward(vector, vector, B * F);
      if (attentional) kernels().mul(next, vector, maskOf(attentional, t), B * F);
    } else kernels().copyRows(next, at(beside, sizes.contextAt), B, M, M, joined);
    const before = stepOf(tape.feeds, t);
    eachPast(lengths, t, (row) => copyBytes(at(next, row * F), at(before, row * F), bytesOf(F)));
  }
}

function whole(weight: Tensor): Columns {
  return { weight, first: 0, count: weight.shape[1]! };
}

/** gates = [encoding | x] · W_ihᵀ and the biases, over all time; of layers after the first the encoding alone. */
function givenProducts(
  { cell, layers }: Recurrence,
  { T, B, H, given }: RecurrenceSizes,
  tape: Tape,
  known: readonly Columns[],
): void {
  withPackedColumns(OP, "packBT", known, (panels) =>
    layers.forEach((weights, layer) => {
      const k = known[layer]!.count;
      const sizes = { m: T * B, n: cell.gates * H, k, aStride: given };
      const to = tape.layers[layer]!.gates.storage.ptr;
      biasedProduct(to, tape.x.storage.ptr, panels[layer]!, gateBias(cell, weights), sizes);
    }),
  );
}

function makeTape(x: Tensor, recurrence: Recurrence, sizes: RecurrenceSizes): Tape {
  const { cell, layers, initial, feed, queryWeight, lengths, masks } = recurrence;
  const { T, B, H, S, K, F, given, joined } = sizes;
  const counts = lengths && tensor(lengths);
  const input = empty([T, B, given]);
  const ends = counts?.storage.ptr ?? 0;
  kernels().toTimeMajor(input.storage.ptr, x.address(OP), ends, B, T, given);
  const feeds = empty([T + 1, B, F]);
  copyBytes(feeds.storage.ptr, feed.address(OP), bytesOf(B * F));
  return {
    x: input,
    layers: layers.map((_, layer) => layerTape(layer)),
    queries: queryWeight && empty([T, B, K]),
    weights: empty([T, B, S]),
    joined: empty([T, B, joined]),
    attentional: masks.attentional && empty([T, B, F]),
    feeds,
    active: lengths && tensor(activity(lengths, T)),
  };

  function layerTape(layer: number): LayerTape {
    const [hs, cs] = initial.map((part) => {
      const slabs = empty([T + 1, B, H]);
      copyBytes(slabs.storage.ptr, at(part.address(OP), layer * B * H), bytesOf(B * H));
      return slabs;
    });
    return {
      gates: empty([T, B, cell.gates * H]),
      hs: hs!,
      cs,
      extra: cell.keepsExtra ? empty([T, B, H]) : undefined,
      masked: masks.recurrent && empty([T, B, H]),
      out: empty([T, B, H]),
      below: masks.below && layer > 0 ? empty([T, B, H]) : undefined,
    };
  }
}

/** `[T, B]`: 1 where a step counts. */
function activity(lengths: Int32Array, T: number): Int32Array {
  const B = lengths.length;
  return Int32Array.from({ length: T * B }, (_, i) =>
    Math.floor(i / B) < lengths[i % B]! ? 1 : 0,
  );
}

/** Writes what the operation gives. */
function give(
  { output, feed, state, weights }: Outputs,
  { combine, lengths }: Recurrence,
  { T, B, H, S, F, joined }: RecurrenceSizes,
  tape: Tape,
): void {
  if (combine) {
    // From [T, B, F] to [B, T, F]: the same copy with the axes' roles exchanged.
    kernels().toTimeMajor(output.storage.ptr, stepOf(tape.feeds, 1), 0, T, B, F);
    lengths?.forEach((length, row) =>
      fillZero(at(output.storage.ptr, (row * T + length) * F), bytesOf((T - length) * F)),
    );
  } else copyBytes(output.storage.ptr, tape.joined.storage.ptr, bytesOf(T * B * joined));
  if (weights) kernels().toTimeMajor(weights.storage.ptr, tape.weights.storage.ptr, 0, T, B, S);
  copyBytes(feed.storage.ptr, stepOf(tape.feeds, T), bytesOf(B * F));
  tape.layers.forEach(({ hs, cs }, layer) =>
    [hs, cs].forEach((slabs, part) => {
      if (!slabs) return;
      const to = at(state[part]!.storage.ptr, layer * B * H);
      copyBytes(to, stepOf(slabs, T), bytesOf(B * H));
    }),
  );
}
