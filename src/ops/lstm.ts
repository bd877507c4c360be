// A whole stack of LSTM layers as one operation: the calls into the kernels do not grow with time.
import { defineOp } from "../autograd/op.js";
import { records } from "../autograd/mode.js";
import type { BackwardPass } from "../autograd/backward-pass.js";
import { drawBlock, type RandomBlock } from "../core/random.js";
import type { Shape } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { heap, kernels } from "../wasm/backend.js";
import { copyBytes, fillZero, scratch } from "../wasm/memory.js";
import { requireFloat } from "./check.js";
import type { LayerWeights } from "./layer-weights.js";
import { accumulateWeightGradient } from "./linear.js";
import { gradientPacking, packed, productPacking } from "./packed.js";

export interface SequenceOptions {
  readonly hiddenSize: number;
  readonly bidirectional: boolean;
  /** Probability of dropping what passes from layer to layer. */
  readonly dropout: number;
  /** Steps that count in each row; undefined where all do. */
  readonly lengths: Int32Array | undefined;
  /** The shape of each part of the state: `[layers · directions, batch, hidden]`, for a cell without the first axis. */
  readonly stateShape: Shape;
}

/** Where the sequences start. */
export interface InitialState {
  readonly h: Tensor;
  readonly c: Tensor;
}

/** Sizes of one call: time, batch, hidden, and directions. */
interface Sizes {
  readonly T: number;
  readonly B: number;
  readonly H: number;
  readonly D: number;
}

/** What one layer keeps for its gradient. */
interface SavedLayer {
  /** `[T, B, features]`, time-major, as the layer read it. */
  readonly input: Tensor;
  readonly features: number;
  readonly directions: readonly SavedDirection[];
  /** The dropout on the way to the next layer. */
  readonly mask: RandomBlock | undefined;
}

interface Saved {
  readonly layers: readonly SavedLayer[];
  readonly lengths: Tensor<"int32"> | undefined;
}

interface SavedDirection {
  readonly gates: Tensor;
  readonly hs: Tensor;
  readonly cs: Tensor;
}

/**
 * Runs an LSTM stack over `x` `[batch, time, features]`, or over one step `[batch, features]`.
 *
 * @param initial default zeros
 * @param weights of each layer, forward then reverse
 * @returns output `[batch, time, hidden · directions]` (of one step without the time axis), final h and c
 */
export const lstmSequence = /* @__PURE__ */ defineOp({
  name: "lstm",
  forward(
    x: Tensor,
    initial: InitialState | undefined,
    weights: readonly LayerWeights[],
    options: SequenceOptions,
  ) {
    const { hiddenSize: H, bidirectional, stateShape } = options;
    const B = x.shape[0]!;
    const T = x.shape.length === 2 ? 1 : x.shape[1]!;
    const D = bidirectional ? 2 : 1;
    const sizes = { T, B, H, D };
    // The initial state is copied: a carried one may take the next values before backward().
    const unread = initial ? [initial.h, initial.c] : [];
    const inputs = [x, ...unread, ...weights.flatMap(tensorsOf)];
    requireFloat("lstm", ...inputs);
    const output = empty([...x.shape.slice(0, -1), D * H]);
    const [hn, cn] = [empty(stateShape), empty(stateShape)];
    const run = () => forwardLayers(x, initial, weights, options, sizes, output, hn, cn);
    // Without a graph to record, what the layers keep goes at once.
    const kept = records(...inputs) ? run() : scope(() => void run());
    const saved = { weights, options, sizes, kept, firstWeight: 1 + unread.length };
    return { inputs, unread, output: [output, hn, cn] as const, saved };
  },
  backward(pass, { weights, options, sizes, kept, firstWeight }) {
    if (kept) backwardLayers(pass, weights, firstWeight, options, sizes, kept);
  },
});

function tensorsOf({ inputWeight, hiddenWeight, inputBias, hiddenBias }: LayerWeights): Tensor[] {
  return inputBias && hiddenBias
    ? [inputWeight, hiddenWeight, inputBias, hiddenBias]
    : [inputWeight, hiddenWeight];
}

function forwardLayers(
  x: Tensor,
  initial: InitialState | undefined,
  weights: readonly LayerWeights[],
  options: SequenceOptions,
  sizes: Sizes,
  output: Tensor,
  hn: Tensor,
  cn: Tensor,
): Saved {
  const { T, B, H, D } = sizes;
  const { dropout } = options;
  const lengths = options.lengths && tensor(options.lengths);
  const count = weights.length / D;
  const layers: SavedLayer[] = [];
  let input = timeMajor(x, lengths, sizes);
  for (let layer = 0; layer < count; layer++) {
    const last = layer === count - 1;
    const out = last ? output : empty([T, B, D * H]);
    const features = input.size / (T * B) || weights[layer * D]!.inputWeight.shape[1]!;
    const directions = Array.from({ length: D }, (_, d) => {
      const slot = layer * D + d;
      return forwardDirection(input, features, weights[slot]!, initial, slot, lengths, sizes, {
        to: out.storage.ptr + d * H * 4,
        ...strides(last, sizes),
        reverse: d,
        hn,
        cn,
      });
    });
    const mask = dropout > 0 && !last ? drawBlock(out.size) : undefined;
    if (mask) drop(out.storage.ptr, out.storage.ptr, out.size, dropout, mask);
    layers.push({ input, features, directions, mask });
    input = out;
  }
  return { layers, lengths };
}

/** Where output elements stand: the last layer's batch-first, as the caller wants them, the others time-major. */
function strides(last: boolean, { T, B, H, D }: Sizes): { rowStride: number; timeStride: number } {
  return last
    ? { rowStride: T * D * H, timeStride: D * H }
    : { rowStride: D * H, timeStride: B * D * H };
}

interface Target {
  readonly to: number;
  readonly rowStride: number;
  readonly timeStride: number;
  /** 0 forwards, 1 backwards. */
  readonly reverse: number;
  readonly hn: Tensor;
  readonly cn: Tensor;
}

function forwardDirection(
  input: Tensor,
  features: number,
  { inputWeight, hiddenWeight, inputBias, hiddenBias }: LayerWeights,
  initial: InitialState | undefined,
  slot: number,
  lengths: Tensor<"int32"> | undefined,
  { T, B, H }: Sizes,
  { to, rowStride, timeStride, reverse, hn, cn }: Target,
): SavedDirection {
  const k = kernels();
  const slab = B * H * 4;
  const gates = empty([T * B, 4 * H]);
  const [hs, cs] = [empty([T + 1, B, H]), empty([T + 1, B, H])];
  const bias = sumOfBiases(inputBias, hiddenBias);
  const [first, final] = reverse ? [T * slab, 0] : [0, T * slab];
  const from = slot * slab;
  start(hs.storage.ptr + first, initial && initial.h.address("lstm") + from, slab);
  start(cs.storage.ptr + first, initial && initial.c.address("lstm") + from, slab);
  const wx = packed(inputWeight, productPacking(T * B), "lstm");
  const [at, rows] = [gates.storage.ptr, input.address("lstm")];
  if (T * B === 1) k.gemv(at, rows, wx, bias, 4 * H, features);
  else k.gemm(at, rows, wx, bias, T * B, 4 * H, features, features, 4 * H);
  const wh = packed(hiddenWeight, productPacking(B), "lstm");
  const counts = lengths?.address("lstm") ?? 0;
  k.lstmForward(
    to,
    hs.storage.ptr,
    cs.storage.ptr,
    at,
    wh,
    counts,
    0,
    0,
    rowStride,
    timeStride,
    T,
    B,
    H,
    reverse,
  );
  copyBytes(hn.storage.ptr + from, hs.storage.ptr + final, slab);
  copyBytes(cn.storage.ptr + from, cs.storage.ptr + final, slab);
  return { gates, hs, cs };
}

/** Address of b_ih + b_hh, or 0 without biases. */
function sumOfBiases(inputBias: Tensor | undefined, hiddenBias: Tensor | undefined): number {
  if (!inputBias || !hiddenBias) return 0;
  const sum = empty(inputBias.shape);
  kernels().add(sum.storage.ptr, inputBias.address("lstm"), hiddenBias.address("lstm"), sum.size);
  return sum.storage.ptr;
}

/**
 * The input in the order the time loop reads it, zeros past each row's length. One pass over the input:
 * under 0.5 % of a training step, and every product after it runs over contiguous rows.
 */
function timeMajor(x: Tensor, lengths: Tensor<"int32"> | undefined, { T, B }: Sizes): Tensor {
  if (B === 1 && !lengths) return x;
  const features = x.shape.at(-1)!;
  const out = empty([T, B, features]);
  kernels().toTimeMajor(
    out.storage.ptr,
    x.address("lstm"),
    lengths?.address("lstm") ?? 0,
    B,
    T,
    features,
  );
  return out;
}

function drop(to: number, from: number, size: number, p: number, mask: RandomBlock): void {
  const { seedLo, seedHi, counterLo, counterHi } = mask;
  kernels().dropout(to, from, size, p, 1 / (1 - p), seedLo, seedHi, counterLo, counterHi);
}

function backwardLayers(
  pass: BackwardPass,
  weights: readonly LayerWeights[],
  firstWeight: number,
  { dropout }: SequenceOptions,
  sizes: Sizes,
  { layers, lengths }: Saved,
): void {
  const { T, B, H, D } = sizes;
  const slab = B * H * 4;
  const perSlot = tensorsOf(weights[0]!).length;
  const blocks: number[] = [];
  const temporary = (bytes: number): number => {
    const block = heap().allocate(bytes);
    blocks.push(block);
    return block;
  };
  try {
    // Gradients of the states: the final ones go in, the initial ones come out, in place.
    const dh = temporary(layers.length * D * slab);
    const dc = temporary(layers.length * D * slab);
    start(dh, pass.gradOrNone(1) || undefined, layers.length * D * slab);
    start(dc, pass.gradOrNone(2) || undefined, layers.length * D * slab);
    let dOut = pass.grad(0);
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      const { input, features, directions, mask } = layers[layer]!;
      const last = layer === layers.length - 1;
      if (mask) drop(dOut, dOut, T * B * D * H, dropout, mask);
      const wantsInput = layer > 0 || pass.needs(0);
      const dInput = wantsInput ? temporary(T * B * features * 4) : 0;
      directions.forEach((saved, d) => {
        const slot = layer * D + d;
        const { rowStride, timeStride } = strides(last, sizes);
        backwardDirection(
          pass,
          weights[slot]!,
          firstWeight + slot * perSlot,
          saved,
          lengths,
          sizes,
          {
            dh: dh + slot * slab,
            dc: dc + slot * slab,
            dOut: dOut + d * H * 4,
            rowStride,
            timeStride,
            reverse: d,
            input: input.address("lstm"),
            features,
            dInput,
          },
        );
      });
      dOut = dInput;
    }
    giveInput(pass, dOut, layers[0]!.features, sizes);
    if (firstWeight > 1) {
      pass.write(1, (to) => copyBytes(to, dh, layers.length * D * slab));
      pass.write(2, (to) => copyBytes(to, dc, layers.length * D * slab));
    }
  } finally {
    blocks.forEach((block) => heap().free(block));
  }
}

/** Copies what is there to start from, or zeros where nothing is. */
function start(to: number, from: number | undefined, bytes: number): void {
  if (from === undefined) fillZero(to, bytes);
  else copyBytes(to, from, bytes);
}

interface Source {
  readonly dh: number;
  readonly dc: number;
  readonly dOut: number;
  readonly rowStride: number;
  readonly timeStride: number;
  readonly reverse: number;
  readonly input: number;
  readonly features: number;
  /** Where the gradient of the layer's input goes, time-major, or 0. The reverse direction adds. */
  readonly dInput: number;
}

function backwardDirection(
  pass: BackwardPass,
  { inputWeight, hiddenWeight, inputBias }: LayerWeights,
  first: number,
  { gates, hs, cs }: SavedDirection,
  lengths: Tensor<"int32"> | undefined,
  { T, B, H }: Sizes,
  { dh, dc, dOut, rowStride, timeStride, reverse, input, features, dInput }: Source,
): void {
  const k = kernels();
  const rows = T * B;
  const dGates = gates.address("lstm");
  const wh = packed(hiddenWeight, gradientPacking(B), "lstm");
  const counts = lengths?.address("lstm") ?? 0;
  k.lstmBackward(
    dh,
    dc,
    dGates,
    cs.address("lstm"),
    dOut,
    wh,
    counts,
    0,
    rowStride,
    timeStride,
    T,
    B,
    H,
    reverse,
  );
  const before = hs.address("lstm") + (reverse ? B * H * 4 : 0);
  accumulateWeightGradient(pass, first, {
    dy: dGates,
    x: input,
    rows,
    outputs: 4 * H,
    inputs: features,
  });
  accumulateWeightGradient(pass, first + 1, {
    dy: dGates,
    x: before,
    rows,
    outputs: 4 * H,
    inputs: H,
  });
  if (inputBias) accumulateBiases(pass, first + 2, dGates, rows, 4 * H);
  if (dInput === 0) return;
  const wx = packed(inputWeight, gradientPacking(rows), "lstm");
  if (rows === 1) {
    if (reverse) k.gemvAcc(dInput, dGates, wx, features, 4 * H);
    else k.gemv(dInput, dGates, wx, 0, features, 4 * H);
  } else if (reverse) k.gemmAcc(dInput, dGates, wx, rows, features, 4 * H, 4 * H, features);
  else k.gemm(dInput, dGates, wx, 0, rows, features, 4 * H, 4 * H, features);
}

/** Both biases of a direction, at `input` and after it, have the same gradient: the sum over all rows. */
function accumulateBiases(
  pass: BackwardPass,
  input: number,
  dGates: number,
  rows: number,
  columns: number,
): void {
  if (!pass.needs(input) && !pass.needs(input + 1)) return;
  const sum = scratch(columns * 4);
  kernels().sumAxis(sum, dGates, 1, rows, columns);
  for (const bias of [input, input + 1])
    pass.accumulate(bias, (to, accumulates) => {
      if (accumulates) kernels().axpy(to, sum, columns, 1);
      else copyBytes(to, sum, columns * 4);
    });
}

/** The gradient of x, from time-major to batch-first. */
function giveInput(pass: BackwardPass, dInput: number, features: number, { T, B }: Sizes): void {
  pass.write(0, (to) => kernels().toBatchFirst(to, dInput, B, T, features));
}
