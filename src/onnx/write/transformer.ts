// Layers of a Transformer that attend to themselves.
import type { TransformerLayers } from "../../models/parts/transformer-layers.js";
import type { TransformerEncoderLayer } from "../../nn/transformer/encoder-layer.js";
import type { TransformerDecoderLayer } from "../../nn/transformer/decoder-layer.js";
import type { TransformerDecoder, TransformerEncoder } from "../../nn/transformer/stack.js";
import type { Module } from "../../nn/module.js";
import { exp, log } from "../../core/exp-log.js";
import type { Axis, GraphBuilder, Ref } from "./builder.js";
import { partOf, unwritable, writeGelu, writeLayer, writeLinear } from "./layers.js";
import { writeCleared, writePositionsOf, type Steps } from "./sequences.js";

export interface How {
  readonly steps?: Steps | undefined;
  readonly causal?: boolean | undefined;
}

/** A stack: x `[batch, time, features]` → the same, zeros past the lengths. */
export function writeEncoder(
  b: GraphBuilder,
  { layers, norm }: TransformerEncoder,
  path: string,
  x: Ref,
  how: How,
): Ref {
  const { steps } = how;
  const read = steps ? writeCleared(b, steps, x) : x;
  const last = layers.reduce(
    (y, layer, i) => writeEncoderLayer(b, layer, partOf(path, `layers.${i}`), y, how),
    read,
  );
  const made = norm ? writeLayer(b, norm, partOf(path, "norm"), last) : last;
  return steps ? writeCleared(b, steps, made) : made;
}

/** Layers over vectors of any size: projected, then a stack that sees all steps that count. */
export function writeTransformerLayers(
  b: GraphBuilder,
  { project, layers }: TransformerLayers,
  path: string,
  x: Ref,
  steps: Steps,
): Ref {
  const read = writeLinear(b, project, partOf(path, "project"), x);
  return writeEncoder(b, layers, partOf(path, "layers"), read, { steps });
}

/** One layer of a stack. */
export function writeEncoderLayer(
  b: GraphBuilder,
  layer: TransformerEncoderLayer,
  path: string,
  x: Ref,
  how: How,
): Ref {
  const attended = added(b, layer, path, "norm1", x, (y) =>
    writeSelfAttention(b, layer, path, y, how),
  );
  return added(b, layer, path, "norm2", attended, (y) => feedForward(b, layer, path, y));
}

/** A stack that looks at a memory `[batch, source, features]`, each step of x seeing those before it. */
export function writeDecoder(
  b: GraphBuilder,
  { layers, norm }: TransformerDecoder,
  path: string,
  x: Ref,
  memory: Ref,
  steps: Steps,
): Ref {
  const last = layers.reduce((y, layer, i) => {
    const own = partOf(path, `layers.${i}`);
    const self = added(b, layer, own, "norm1", y, (z) =>
      writeSelfAttention(b, layer, own, z, { causal: true }),
    );
    const looked = added(b, layer, own, "norm2", self, (z) =>
      writeAttentionTo(b, layer, partOf(own, "multihead_attn"), z, memory, steps),
    );
    return added(b, layer, own, "norm3", looked, (z) => feedForward(b, layer, own, z));
  }, x);
  return norm ? writeLayer(b, norm, partOf(path, "norm"), last) : last;
}

type AnyLayer = Pick<
  TransformerEncoderLayer,
  "options" | "self_attn" | "linear1" | "linear2" | "dModel" | "numHeads"
>;

/** What a part of a layer makes is added to what it reads, normalized before or after. */
function added<Name extends string>(
  b: GraphBuilder,
  layer: AnyLayer & Readonly<Record<Name, Module>>,
  path: string,
  name: Name,
  y: Ref,
  part: (y: Ref) => Ref,
): Ref {
  const norm = (z: Ref): Ref => writeLayer(b, layer[name], partOf(path, name), z);
  return layer.options.normFirst
    ? b.node("Add", [y, part(norm(y))], y.axes)
    : norm(b.node("Add", [y, part(y)], y.axes));
}

function feedForward(b: GraphBuilder, layer: AnyLayer, path: string, x: Ref): Ref {
  const hidden = writeLinear(b, layer.linear1, partOf(path, "linear1"), x);
  return writeLinear(b, layer.linear2, partOf(path, "linear2"), activated(b, layer, hidden));
}

function activated(b: GraphBuilder, { options }: AnyLayer, x: Ref): Ref {
  const { activation } = options;
  if (activation === "relu") return b.node("Relu", [x], x.axes);
  if (activation === "silu") return b.node("Mul", [x, b.node("Sigmoid", [x], x.axes)], x.axes);
  return writeGelu(b, activation === "gelu" ? "none" : "tanh", x);
}

function writeSelfAttention(
  b: GraphBuilder,
  { self_attn, dModel, numHeads: heads, options }: AnyLayer,
  path: string,
  x: Ref,
  { steps, causal = false }: How,
): Ref {
  const own = partOf(path, "self_attn");
  const [batch, time] = x.axes as [string, string];
  const size = dModel / heads;
  const { in_proj_weight, in_proj_bias, out_proj } = self_attn;
  const turned = b.node(
    "Transpose",
    [b.parameter(partOf(own, "in_proj_weight"), in_proj_weight!)],
    [dModel, 3 * dModel],
    { perm: [1, 0] },
  );
  const product = b.node("MatMul", [x, turned], [batch, time, 3 * dModel]);
  const projected = in_proj_bias
    ? b.node("Add", [product, b.parameter(partOf(own, "in_proj_bias"), in_proj_bias)], product.axes)
    : product;
  const parts = b.nodes(
    "Split",
    [projected],
    Array.from({ length: 3 }, () => x.axes),
    { axis: 2 },
  );
  const [q, k, v] = parts.map((part) => headsOf(b, part, heads)) as [Ref, Ref, Ref];
  const placed = options.rotary
    ? writeRotary(b, [q, k], x, size, options.rotary.base, options.rotary.pairing, own)
    : [q, k];
  const made = writeMixed(b, [placed[0]!, placed[1]!, v], (scores) =>
    steps || causal ? masked(b, scores, x, { steps, causal }, options.window) : scores,
  );
  return writeLinear(b, out_proj, partOf(own, "out_proj"), made);
}

/** Attention to a memory, of which the steps count. */
function writeAttentionTo(
  b: GraphBuilder,
  { dModel, numHeads: heads, multihead_attn }: TransformerDecoderLayer,
  path: string,
  x: Ref,
  memory: Ref,
  steps: Steps,
): Ref {
  const { in_proj_weight, in_proj_bias, out_proj } = multihead_attn;
  const all = b.parameter(partOf(path, "in_proj_weight"), in_proj_weight!);
  const turned = b.node("Transpose", [all], [dModel, 3 * dModel], { perm: [1, 0] });
  const square = [dModel, dModel];
  const weights = b.nodes("Split", [turned], [square, square, square], { axis: 1 });
  const size = [dModel];
  const biases =
    in_proj_bias &&
    b.nodes(
      "Split",
      [b.parameter(partOf(path, "in_proj_bias"), in_proj_bias)],
      [size, size, size],
      {
        axis: 0,
      },
    );
  const parts = [x, memory, memory].map((read, i) => {
    const product = b.node("MatMul", [read, weights[i]!], read.axes);
    const made = biases ? b.node("Add", [product, biases[i]!], read.axes) : product;
    return headsOf(b, made, heads);
  }) as [Ref, Ref, Ref];
  const made = writeMixed(b, parts, (scores) => cleared(b, scores, steps));
  return writeLinear(b, out_proj, partOf(path, "out_proj"), made);
}

/** `[batch, time, features]` → `[batch, heads, time, size]` */
function headsOf(b: GraphBuilder, x: Ref, heads: number): Ref {
  const [batch, time, features] = x.axes as [Axis, Axis, number];
  const size = features / heads;
  const apart = b.node("Reshape", [x, b.ints([0, 0, heads, size])], [batch, time, heads, size]);
  return b.node("Transpose", [apart], [batch, heads, time, size], { perm: [0, 2, 1, 3] });
}

/** Values by how well keys meet queries, heads side by side again. */
function writeMixed(
  b: GraphBuilder,
  [q, k, v]: readonly [Ref, Ref, Ref],
  allowed: (scores: Ref) => Ref,
): Ref {
  const [batch, heads, time, size] = q.axes as [Axis, number, Axis, number];
  const source = k.axes[2]!;
  const keys = b.node("Transpose", [k], [batch, heads, size, source], { perm: [0, 1, 3, 2] });
  const scores = b.node("MatMul", [q, keys], [batch, heads, time, source]);
  const scaled = b.node("Mul", [scores, b.scalar(1 / Math.sqrt(size))], scores.axes);
  const weights = b.node("Softmax", [allowed(scaled)], scores.axes, { axis: -1 });
  const mixed = b.node("MatMul", [weights, v], q.axes);
  const beside = b.node("Transpose", [mixed], [batch, time, heads, size], { perm: [0, 2, 1, 3] });
  return b.node("Reshape", [beside, b.ints([0, 0, heads * size])], [batch, time, heads * size]);
}

/** The least number, which no weight is left of. */
const LEAST = -3.4028234663852886e38;

/** The least number where a key does not count. */
function cleared(b: GraphBuilder, scores: Ref, { mask }: Steps): Ref {
  const [batch, source] = mask.axes as [Axis, Axis];
  const keys = b.node("Transpose", [mask], [batch, 1, source], { perm: [0, 2, 1] });
  const apart = b.node("Unsqueeze", [keys, b.ints([1])], [batch, 1, 1, source]);
  return b.node("Where", [apart, scores, b.scalar(LEAST)], scores.axes);
}

/** The least number where a key does not count, comes later, or is too far back for a window of steps. */
function masked(
  b: GraphBuilder,
  scores: Ref,
  x: Ref,
  { steps, causal }: How,
  window?: number,
): Ref {
  const time = x.axes[1]!;
  const all = steps ? cleared(b, scores, steps) : scores;
  if (!causal) return all;
  const positions = writePositionsOf(b, x);
  const queries = b.node("Unsqueeze", [positions, b.ints([1])], [time, 1]);
  const square = [time, time];
  const back = b.node("Sub", [queries, positions], square);
  const before = b.node("GreaterOrEqual", [back, b.ints([0], [])], square);
  const near =
    window === undefined
      ? before
      : b.node("And", [before, b.node("Less", [back, b.ints([window], [])], square)], square);
  return b.node("Where", [near, all, b.scalar(LEAST)], scores.axes);
}

/** Features of a head turned by their positions, i with i + size / 2. */
function writeRotary(
  b: GraphBuilder,
  heads: readonly Ref[],
  x: Ref,
  size: number,
  base: number,
  pairing: string,
  path: string,
): Ref[] {
  if (pairing !== "halves") throw unwritable(path, "rotary positions in interleaved pairs");
  const half = size / 2;
  const time = x.axes[1]!;
  const speeds = Float32Array.from({ length: half }, (_, i) => exp(((-2 * i) / size) * log(base)));
  const positions = b.node("Cast", [writePositionsOf(b, x)], [time], { to: 1 });
  const column = b.node("Unsqueeze", [positions, b.ints([1])], [time, 1]);
  const angles = b.node("Mul", [column, b.floats("speeds", speeds, [half])], [time, half]);
  const cosine = b.node("Cos", [angles], angles.axes);
  const sine = b.node("Sin", [angles], angles.axes);
  return heads.map((own) => {
    const axes = [...own.axes.slice(0, -1), half];
    const [first, second] = b.nodes("Split", [own], [axes, axes], { axis: 3 }) as [Ref, Ref];
    const mul = (a: Ref, c: Ref): Ref => b.node("Mul", [a, c], axes);
    const left = b.node("Sub", [mul(first, cosine), mul(second, sine)], axes);
    const right = b.node("Add", [mul(first, sine), mul(second, cosine)], axes);
    return b.node("Concat", [left, right], own.axes, { axis: 3 });
  });
}
