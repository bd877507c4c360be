// Backpropagation through a target. The loop over time has what depends on the step after; the gradients of weights, of
// the input and of the queries' weight follow, one product each.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { kernels } from "../../wasm/backend.js";
import { copyBytes, fillZero } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withBlock } from "../../wasm/scratch.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { product } from "../products.js";
import { hiddenWeightGradient } from "../recurrent/gradients.js";
import type { Direction } from "../recurrent/direction.js";
import { gruHiddenGradients, gruThroughTime } from "../recurrent/gru.js";
import { lstmThroughTime } from "../recurrent/lstm.js";
import { rnnThroughTime } from "../recurrent/rnn.js";
import { tensorsOf } from "../recurrent/weights.js";
import { giveBiasGradients, giveWeightGradient } from "../weight-gradients.js";
import { attendRowsBackward, givingAttended, type AttendedGradients } from "./attend.js";
import { giveColumnGradients, withPackedColumns, type Columns } from "./columns.js";
import type { Recurrence } from "./recurrence.js";
import { directionAt, eachPast, maskOf, stepOf, type RecurrenceSizes, type Tape } from "./tape.js";

const OP = "attentionRecurrence";

/** The recurrence of each cell's gradient, and the gradients of what multiplies h, which wait for its end. */
const CELLS: Readonly<
  Record<
    string,
    {
      throughTime(direction: Direction, dh: Ptr, dc: Ptr, dOut: Ptr): void;
      hiddenGradients(pass: BackwardPass, direction: Direction, first: number): void;
    }
  >
> = {
  lstm: {
    throughTime: lstmThroughTime,
    hiddenGradients: (pass, direction, first) =>
      hiddenWeightGradient(pass, first + 1, direction, 4),
  },
  gru: { throughTime: gruThroughTime, hiddenGradients: gruHiddenGradients },
  rnn: {
    throughTime: rnnThroughTime,
    hiddenGradients: (pass, direction, first) =>
      hiddenWeightGradient(pass, first + 1, direction, 1),
  },
};

/** Which input each is, as `inputsOf` lists them. */
function placesOf({ attended, queryWeight, combine, initial }: Recurrence) {
  const query = attended.v ? 4 : 3;
  const combined = query + (queryWeight ? 1 : 0);
  const feed = combined + (combine ? 1 : 0);
  return { query, combine: combined, feed, initial: feed + 1, layers: feed + 1 + initial.length };
}

/** Gradients on their way through time, or for the products behind it. */
interface Flow {
  /** `[T, B, F]` with `combine`, before its tanh; else one step, `[B, joined]`. */
  readonly vectors: Ptr;
  /** One step's, `[B, joined]`. */
  readonly joined: Ptr;
  /** `[T, B, K]` */
  readonly queries: Ptr;
  /** Of each layer's state, `[layers, B, H]`. */
  readonly dh: Ptr;
  readonly dc: Ptr;
  /** Of a layer's output and of the one below, `[B, H]`. */
  readonly out: Ptr;
  readonly below: Ptr;
  /** Of what is fed back, `[B, F]`, and of what was a step earlier. */
  readonly feed: Ptr;
  readonly feedBefore: Ptr;
  /** A step's gate gradients on the side of the input, `[B, gates · H]`. */
  readonly gates: Ptr;
}

export function backwardRecurrence(
  pass: BackwardPass,
  recurrence: Recurrence,
  sizes: RecurrenceSizes,
  tape: Tape,
): void {
  const { cell, layers, attended, queryWeight, combine, initial } = recurrence;
  const { T, B, H, K, F, given, encoding, joined } = sizes;
  const count = layers.length;
  const floats = [
    combine ? T * B * F : 0,
    B * joined,
    queryWeight ? T * B * K : 0,
    count * B * H,
    initial.length > 1 ? count * B * H : 0,
    ...[B * H, B * H, B * F, B * F, cell.biasesApart ? B * cell.gates * H : 0],
  ].map((size) => Math.ceil(size / 16) * 16);
  withBlock(bytesOf(floats.reduce((sum, size) => sum + size)), (block) => {
    let end = block;
    const [vectors, beside, queries, dh, dc, out, below, feed, feedBefore, gates] = floats.map(
      (size) => {
        const place = end;
        end = at(end, size);
        return place;
      },
    ) as [Ptr, Ptr, Ptr, Ptr, Ptr, Ptr, Ptr, Ptr, Ptr, Ptr];
    const flow: Flow = {
      ...{ vectors, joined: beside, queries, dh, dc, out, below, feed, feedBefore, gates },
    };
    const final = [feed, dh, dc].slice(0, 1 + initial.length);
    final.forEach((to, i) => start(to, pass.gradOrNone(1 + i), i === 0 ? B * F : count * B * H));
    if (queryWeight) fillZero(queries, bytesOf(T * B * K));
    if (combine) takeOutput(pass, recurrence, sizes, vectors);
    const blocks: Columns[] = [
      { weight: layers[0]!.inputWeight, first: given, count: F },
      ...layers.slice(1).map(({ inputWeight: weight }) => ({
        ...{ weight, first: encoding, count: H },
      })),
      ...[queryWeight, combine]
        .filter((each) => each !== undefined)
        .map((weight) => ({ weight, first: 0, count: weight.shape[1]! })),
    ];
    const places = placesOf(recurrence);
    let fed = feed;
    givingAttended(pass, 1, attended, (to) =>
      withPackedColumns(OP, "packB", blocks, (panels) => {
        fed = throughTime(pass, recurrence, sizes, tape, flow, to, panels);
      }),
    );
    pass.write(places.feed, (to) => copyBytes(to, fed, bytesOf(B * F)));
    [dh, dc].slice(0, initial.length).forEach((from, i) => {
      pass.write(places.initial + i, (to) => copyBytes(to, from, bytesOf(count * B * H)));
    });
    const rows = T * B;
    if (queryWeight) {
      const x = tape.layers[count - 1]!.out.storage.ptr;
      const sides = { rows, outputs: K, inputs: H };
      giveWeightGradient(pass, places.query, { dy: queries, x, ...sides });
    }
    if (combine) {
      const x = tape.joined.storage.ptr;
      const sides = { rows, outputs: F, inputs: joined };
      giveWeightGradient(pass, places.combine, { dy: vectors, x, ...sides });
    }
    giveLayers(pass, recurrence, sizes, tape, places.layers);
  });
}

/** Copies a gradient to start from; zeros where there is none. */
function start(to: Ptr, from: Ptr, size: number): void {
  if (from === 0) fillZero(to, bytesOf(size));
  else copyBytes(to, from, bytesOf(size));
}

/** The gradient of the attentional vectors, time-major, zeros past each row's length. */
function takeOutput(
  pass: BackwardPass,
  { lengths }: Recurrence,
  { T, B, F }: RecurrenceSizes,
  to: Ptr,
): void {
  kernels().toTimeMajor(to, pass.grad(0), 0, B, T, F);
  for (let t = 0; t < T; t++)
    eachPast(lengths, t, (row) => fillZero(at(to, (t * B + row) * F), bytesOf(F)));
}

/** The loop over time; gives the address of the gradient of the first step's feed. */
function throughTime(
  pass: BackwardPass,
  recurrence: Recurrence,
  sizes: RecurrenceSizes,
  tape: Tape,
  flow: Flow,
  to: AttendedGradients,
  [fedPanels, ...panels]: readonly Ptr[],
): Ptr {
  const { cell, layers, attended, queryWeight, combine, lengths, masks, residual } = recurrence;
  const { T, B, H, S, K, F, joined, contextAt, hiddenAt } = sizes;
  const { throughTime: backward } = CELLS[cell.op]!;
  const top = layers.length - 1;
  const belowPanels = panels.splice(0, top);
  const [queryPanels, combinePanels] = queryWeight ? panels : [0 as Ptr, panels[0]];
  const n = cell.gates * H;
  let [feed, feedBefore] = [flow.feed, flow.feedBefore];
  for (let t = T - 1; t >= 0; t--) {
    intoJoined(t);
    const out = intoQuery(t);
    intoLayers(t, out);
    // What a row past its length fed back is what it was.
    eachPast(lengths, t, (row) =>
      copyBytes(at(feedBefore, row * F), at(feed, row * F), bytesOf(F)),
    );
    [feed, feedBefore] = [feedBefore, feed];
  }
  return feed;

  /** The gradient of context and h side by side, of what was given and what was fed back. */
  function intoJoined(t: number): void {
    if (combine) {
      const vectors = at(flow.vectors, t * B * F);
      const { attentional } = masks;
      trainingKernels().axpy(vectors, feed, B * F, 1);
      if (attentional) kernels().mul(vectors, vectors, maskOf(attentional, t), B * F);
      const y = tape.attentional ? stepOf(tape.attentional, t) : stepOf(tape.feeds, t + 1);
      trainingKernels().tanhBackward(vectors, vectors, y, B * F);
      eachPast(lengths, t, (row) => fillZero(at(vectors, row * F), bytesOf(F)));
      product(flow.joined, vectors, combinePanels!, { m: B, n: joined, k: F });
    } else {
      copyBytes(flow.joined, at(pass.grad(0), t * B * joined), bytesOf(B * joined));
      trainingKernels().copyRowsAcc(at(flow.joined, contextAt), feed, B, F, joined, F);
      eachPast(lengths, t, (row) => fillZero(at(flow.joined, row * joined), bytesOf(joined)));
    }
  }

  /** Back through the attention; the gradient of the top layer's output. */
  function intoQuery(t: number): Ptr {
    const { out } = flow;
    kernels().copyRows(out, at(flow.joined, hiddenAt), B, H, H, joined);
    const hidden = stepOf(tape.layers[top]!.out, t);
    const dQuery = queryWeight ? at(flow.queries, t * B * K) : out;
    const given = recurrence.needWeights ? pass.gradOrNone(2 + recurrence.initial.length) : 0;
    const dWeights = given && at(given, t * S);
    // prettier-ignore
    attendRowsBackward(
      OP, dQuery, to, at(flow.joined, contextAt), dWeights, T * S, stepOf(tape.weights, t), attended,
      {
        rows: B, query: tape.queries ? stepOf(tape.queries, t) : hidden, queryRow: K, contextRow: joined,
        index: 0, active: tape.active ? at(tape.active.storage.ptr, t * B) : 0,
      },
    );
    if (queryWeight) product(out, dQuery, queryPanels, { m: B, n: H, k: K }, true);
    return out;
  }

  /** Down through the layers. */
  function intoLayers(t: number, from: Ptr): void {
    let [out, below] = [from, flow.below];
    for (let layer = top; layer >= 0; layer--) {
      const own = tape.layers[layer]!;
      const mask = masks.recurrent?.[layer];
      const direction = directionAt(own, layers[layer]!, mask, tape.active, sizes, t, 1);
      const state = layer * B * H;
      backward(direction, at(flow.dh, state), at(flow.dc, state), out);
      const gates = inputSide(direction);
      if (layer === 0) {
        product(feedBefore, gates, fedPanels!, { m: B, n: F, k: n });
        return;
      }
      product(below, gates, belowPanels[layer - 1]!, { m: B, n: H, k: n });
      if (masks.below) kernels().mul(below, below, maskOf(masks.below[layer - 1]!, t), B * H);
      if (residual) trainingKernels().axpy(below, out, B * H, 1);
      [out, below] = [below, out];
    }
  }

  /** A step's gate gradients on the side of the input; the kernels of a GRU leave those on the other side. */
  function inputSide({ gates, extra }: Direction): Ptr {
    if (!cell.biasesApart) return gates;
    copyBytes(flow.gates, gates, bytesOf(B * n));
    kernels().copyRows(at(flow.gates, n - H), extra, B, H, n, H);
    return flow.gates;
  }
}

/** Gives the layers' weights and the input their gradients. */
function giveLayers(
  pass: BackwardPass,
  { cell, layers, masks }: Recurrence,
  sizes: RecurrenceSizes,
  tape: Tape,
  firstOfAll: number,
): void {
  const { T, B, H, F, given, encoding } = sizes;
  const [rows, n] = [T * B, cell.gates * H];
  let first = firstOfAll;
  layers.forEach((weights, layer) => {
    const own = tape.layers[layer]!;
    const all = directionAt(own, weights, masks.recurrent?.[layer], tape.active, sizes, 0, T);
    CELLS[cell.op]!.hiddenGradients(pass, all, first);
    const known = { first: 0, x: tape.x.storage.ptr, stride: given };
    const below = (own.below ?? tape.layers[layer - 1]?.out)?.storage.ptr ?? 0;
    giveColumnGradients(
      pass,
      first,
      weights.inputWeight,
      all.gates,
      rows,
      layer === 0
        ? [
            { ...known, count: given },
            { first: given, count: F, x: tape.feeds.storage.ptr, stride: F },
          ]
        : [
            { ...known, count: encoding },
            { first: encoding, count: H, x: below, stride: H },
          ],
    );
    if (weights.inputBias) {
      const biases = cell.biasesApart ? [first + 2] : [first + 2, first + 3];
      giveBiasGradients(pass, biases, all.gates, rows, n);
    }
    first += tensorsOf(weights).length;
  });
  giveInput(pass, { cell, layers }, sizes, tape);
}

/** Gives x its gradient: of the lowest layer all columns, of the others the encoding's. */
function giveInput(
  pass: BackwardPass,
  { cell, layers }: Pick<Recurrence, "cell" | "layers">,
  { T, B, H, given, encoding }: RecurrenceSizes,
  tape: Tape,
): void {
  if (!pass.needs(0)) return;
  const rows = T * B;
  const blocks = layers.map(({ inputWeight: weight }, layer) => ({
    ...{ weight, first: 0, count: layer === 0 ? given : encoding },
  }));
  withBlock(bytesOf(rows * given), (dx) =>
    withPackedColumns(OP, "packB", blocks, (panels) => {
      layers.forEach((_, layer) => {
        const { count } = blocks[layer]!;
        if (count === 0) return;
        const shape = { m: rows, n: count, k: cell.gates * H, cStride: given };
        const gates = tape.layers[layer]!.gates.storage.ptr;
        product(dx, gates, panels[layer]!, shape, layer > 0);
      });
      pass.write(0, (to) => trainingKernels().toBatchFirst(to, dx, B, T, given));
    }),
  );
}
