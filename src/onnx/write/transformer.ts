// Layers of a Transformer that attend to themselves.
import type { TransformerEncoderLayer } from "../../nn/transformer/encoder-layer.js";
import type { TransformerEncoder } from "../../nn/transformer/stack.js";
import { exp, log } from "../../core/exp-log.js";
import type { GraphBuilder, Ref } from "./builder.js";
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

/** One layer of a stack. */
export function writeEncoderLayer(
  b: GraphBuilder,
  layer: TransformerEncoderLayer,
  path: string,
  x: Ref,
  how: How,
): Ref {
  const added = (y: Ref, name: "norm1" | "norm2", part: (y: Ref) => Ref): Ref => {
    const norm = (z: Ref): Ref => writeLayer(b, layer[name], partOf(path, name), z);
    return layer.options.normFirst
      ? b.node("Add", [y, part(norm(y))], y.axes)
      : norm(b.node("Add", [y, part(y)], y.axes));
  };
  const attended = added(x, "norm1", (y) => writeSelfAttention(b, layer, path, y, how));
  return added(attended, "norm2", (y) => {
    const hidden = writeLinear(b, layer.linear1, partOf(path, "linear1"), y);
    return writeLinear(b, layer.linear2, partOf(path, "linear2"), activated(b, layer, hidden));
  });
}

function activated(b: GraphBuilder, { options }: TransformerEncoderLayer, x: Ref): Ref {
  const { activation } = options;
  if (activation === "relu") return b.node("Relu", [x], x.axes);
  if (activation === "silu") return b.node("Mul", [x, b.node("Sigmoid", [x], x.axes)], x.axes);
  return writeGelu(b, activation === "gelu" ? "none" : "tanh", x);
}

function writeSelfAttention(
  b: GraphBuilder,
  { self_attn, dModel, numHeads: heads, options }: TransformerEncoderLayer,
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
  const [q, k, v] = parts.map((part) => {
    const apart = b.node(
      "Reshape",
      [part, b.ints([0, 0, heads, size])],
      [batch, time, heads, size],
    );
    return b.node("Transpose", [apart], [batch, heads, time, size], { perm: [0, 2, 1, 3] });
  }) as [Ref, Ref, Ref];
  const placed = options.rotary
    ? writeRotary(b, [q, k], x, size, options.rotary.base, options.rotary.pairing, own)
    : [q, k];
  const keys = b.node("Transpose", [placed[1]!], [batch, heads, size, time], {
    perm: [0, 1, 3, 2],
  });
  const scores = b.node("MatMul", [placed[0]!, keys], [batch, heads, time, time]);
  const scaled = b.node("Mul", [scores, b.scalar(1 / Math.sqrt(size))], scores.axes);
  const allowed =
    steps || causal ? masked(b, scaled, x, { steps, causal }, options.window) : scaled;
  const weights = b.node("Softmax", [allowed], scores.axes, { axis: -1 });
  const mixed = b.node("MatMul", [weights, v], q.axes);
  const beside = b.node("Transpose", [mixed], [batch, time, heads, size], { perm: [0, 2, 1, 3] });
  const joined = b.node("Reshape", [beside, b.ints([0, 0, dModel])], x.axes);
  return writeLinear(b, out_proj, partOf(own, "out_proj"), joined);
}

/** The least number where a key does not count, comes later, or is too far back for a window of steps. */
function masked(
  b: GraphBuilder,
  scores: Ref,
  x: Ref,
  { steps, causal }: How,
  window?: number,
): Ref {
  const [batch, time] = x.axes as [string, string];
  const least = b.scalar(-3.4028234663852886e38);
  let all = scores;
  if (steps) {
    const keys = b.node("Transpose", [steps.mask], [batch, 1, time], { perm: [0, 2, 1] });
    const mask = b.node("Unsqueeze", [keys, b.ints([1])], [batch, 1, 1, time]);
    all = b.node("Where", [mask, all, least], scores.axes);
  }
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
  return b.node("Where", [near, all, least], scores.axes);
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
