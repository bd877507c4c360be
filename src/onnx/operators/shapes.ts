// Operators that give elements other shapes and other places.
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape, normalizeAxis, sizeOf, type Shape } from "../../core/shape.js";
import { expand } from "../../ops/expand.js";
import { concat } from "../../ops/join.js";
import { pad } from "../../ops/pad.js";
import { permute } from "../../ops/permute.js";
import { stridesOf } from "../../ops/strided.js";
import { full } from "../../tensor/create.js";
import { asked, floatsOf, Host, hostOf, isFloats, onHost, type Value } from "../value.js";
import { isFloat, typeOf, type ElementType } from "../types.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import { broadcastShapes } from "../../core/shape.js";
import { broadcastMap } from "./host-math.js";
import { byPlace, placeOf, rearranged } from "./rearrange.js";

/** The same elements under another shape. */
export function reshaped(x: Value, shape: Shape): Value {
  return x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])
    ? x
    : x instanceof Host
      ? x.reshaped(shape)
      : x.reshape(shape);
}

/** Axes in another order. */
export function permuted(x: Value, order: readonly number[]): Value {
  if (order.every((axis, i) => axis === i)) return x;
  const shape = order.map((axis) => x.shape[axis]!);
  // Axes of one element may stand anywhere.
  const moved = order.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return reshaped(x, shape);
  if (!(x instanceof Host)) return permute(x, order);
  const strides = stridesOf(x.shape);
  const along = order.map((axis) => strides[axis]!);
  return rearranged(
    x,
    shape,
    byPlace(shape, (at) => placeOf(at, along)),
  );
}

/** Values side by side. */
export function joined(values: readonly Value[], axis: number): Value {
  const some = values.filter((each) => each.size > 0 || each.shape.length > 1);
  const all = some.length > 0 ? some : values.slice(0, 1);
  if (all.length === 1) return all[0]!;
  if (all.some((each) => !(each instanceof Host)))
    return concat(
      all.map((each) => floatsOf(each)),
      axis,
    );
  const hosts = all as Host[];
  const [first] = hosts as [Host];
  const shape = first.shape.map((n, i) =>
    i === axis ? hosts.reduce((sum, each) => sum + each.shape[axis]!, 0) : n,
  );
  const out = hostOf("Concat", first.type, shape);
  const [inner, outer] = [sizeOf(shape.slice(axis + 1)), sizeOf(shape.slice(0, axis))];
  let to = 0;
  for (let block = 0; block < outer; block++)
    for (const each of hosts) {
      const length = each.shape[axis]! * inner;
      out.data.set(each.data.subarray(block * length, (block + 1) * length), to);
      to += length;
    }
  return out.done();
}

/** Elements `start`, `start + step`, … of an axis, `count` of them. */
export function sliced(x: Value, axis: number, start: number, count: number, step = 1): Value {
  if (start === 0 && step === 1 && count === x.shape[axis]) return x;
  if (!(x instanceof Host) && step === 1) return x.slice(axis, start, start + count);
  const shape = x.shape.map((n, i) => (i === axis ? count : n));
  const strides = stridesOf(x.shape);
  const first = start * strides[axis]!;
  const along = strides.map((stride, i) => (i === axis ? stride * step : stride));
  return rearranged(
    x,
    shape,
    byPlace(shape, (at) => first + placeOf(at, along)),
  );
}

function reshape(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const sizes = inputs.numbers(1) ?? node.ints("shape") ?? [];
  const keepZero = node.int("allowzero", 0) === 1;
  const shape = sizes.map((n, axis) => (n === 0 && !keepZero ? (x.shape[axis] ?? 0) : n));
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const missing = shape.indexOf(-1);
  if (missing >= 0) shape[missing] = known === 0 ? 0 : x.size / known;
  if (sizeOf(shape) !== x.size || !shape.every(Number.isInteger))
    throw new ShapeError({
      op: String(node),
      expected: `a shape of ${x.size} elements, those of ${formatShape(x.shape)}`,
      got: formatShape(sizes),
    });
  return reshaped(x, shape);
}

function squeeze(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const axes = inputs.axes(1)?.map((axis) => normalizeAxis(String(node), axis, x.shape.length));
  const shape = x.shape.filter((n, axis) => (axes ? !axes.includes(axis) : n !== 1));
  if (sizeOf(shape) !== x.size)
    throw new ShapeError({
      op: String(node),
      expected: `axes of one element`,
      got: `${formatShape(axes ?? [])} of ${formatShape(x.shape)}`,
    });
  return reshaped(x, shape);
}

function unsqueeze(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const given = inputs.axes(1) ?? [];
  const rank = x.shape.length + given.length;
  const axes = given.map((axis) => normalizeAxis(String(node), axis, rank));
  const sizes = [...x.shape];
  return reshaped(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : sizes.shift()!)),
  );
}

function split(inputs: Inputs, node: GraphNode): Value[] {
  const x = inputs.at(0);
  const axis = inputs.axis(x.shape.length, 0);
  const length = x.shape[axis]!;
  const count = node.outputs.length;
  const each = Math.ceil(length / count);
  const sizes =
    inputs.numbers(1) ??
    node.ints("split") ??
    Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, length - i * each)));
  let start = 0;
  return sizes.map((size) => {
    const part = sliced(x, axis, start, size);
    start += size;
    return part;
  });
}

/** By attributes until version 10, by inputs since. */
function slice(inputs: Inputs, node: GraphNode): Value {
  let x = inputs.at(0);
  const starts = inputs.numbers(1) ?? node.ints("starts") ?? [];
  const ends = inputs.numbers(2) ?? node.ints("ends") ?? [];
  const axes = inputs.numbers(3) ?? node.ints("axes") ?? starts.map((_, i) => i);
  const steps = inputs.numbers(4) ?? starts.map(() => 1);
  axes.forEach((given, i) => {
    const axis = normalizeAxis(String(node), given, x.shape.length);
    const [length, step] = [x.shape[axis]!, steps[i]!];
    if (step === 0)
      throw new OptionError({ op: String(node), expected: "a step other than 0", got: "0" });
    const fromEnd = (n: number): number => (n < 0 ? n + length : n);
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const bounded = (n: number): number => Math.max(low, Math.min(high, fromEnd(n)));
    const start =
      step > 0 ? bounded(starts[i]!) : Math.max(0, Math.min(length - 1, fromEnd(starts[i]!)));
    const end = bounded(ends[i]!);
    const count = Math.max(0, Math.ceil((end - start) / step));
    x = sliced(x, axis, Math.min(start, length), count, step);
  });
  return x;
}

function expanded(x: Value, shape: Shape, node: GraphNode): Value {
  asked(String(node), shape);
  if (!(x instanceof Host)) return expand(x, shape);
  return rearranged(x, shape, broadcastMap(x.shape, shape));
}

function tile(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const repeats = inputs.numbers(1)!;
  const shape = asked(
    String(node),
    x.shape.map((n, axis) => n * repeats[axis]!),
  );
  const strides = stridesOf(x.shape);
  return rearranged(
    x,
    shape,
    byPlace(shape, (at) => {
      let place = 0;
      for (let axis = 0; axis < at.length; axis++)
        place += (at[axis]! % x.shape[axis]!) * strides[axis]!;
      return place;
    }),
  );
}

/** Where an element behind the edge comes from, by the mode. */
const BEYOND: Readonly<Record<string, (i: number, length: number) => number>> = {
  constant: () => -1,
  edge: (i, length) => Math.max(0, Math.min(length - 1, i)),
  reflect: (i, length) => {
    const period = Math.max(1, 2 * (length - 1));
    const at = ((i % period) + period) % period;
    return at < length ? at : period - at;
  },
  wrap: (i, length) => ((i % length) + length) % length,
};

function padded(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const mode = node.string("mode", "constant");
  const given = inputs.numbers(1) ?? node.ints("pads") ?? [];
  const fill = inputs.has(2) ? inputs.number(2) : node.float("value", 0);
  const rank = x.shape.length;
  const axes = (inputs.numbers(3) ?? x.shape.map((_, axis) => axis)).map((axis) =>
    normalizeAxis(String(node), axis, rank),
  );
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  axes.forEach((axis, i) => {
    before[axis] = given[i]!;
    after[axis] = given[i + axes.length]!;
  });
  const all = [...before, ...after];
  const shape = asked(
    String(node),
    x.shape.map((n, axis) => Math.max(0, n + before[axis]! + after[axis]!)),
  );
  if (mode === "constant" && !(x instanceof Host) && all.every((n) => n >= 0)) {
    if (all.every((n) => n === 0)) return x;
    const pairs = x.shape.flatMap((_, i) => [before[rank - 1 - i]!, after[rank - 1 - i]!]);
    return pad(x, pairs, fill);
  }
  const strides = stridesOf(x.shape);
  const beyond = BEYOND[mode]!;
  return rearranged(
    x,
    shape,
    byPlace(shape, (at) => {
      let place = 0;
      for (let axis = 0; axis < rank; axis++) {
        const [i, length] = [at[axis]! - before[axis]!, x.shape[axis]!];
        const inside = i >= 0 && i < length ? i : beyond(i, length);
        if (inside < 0) return -1;
        place += inside * strides[axis]!;
      }
      return place;
    }),
    fill,
  );
}

function trilu(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const k = inputs.number(1, 0);
  const upper = node.int("upper", 1) === 1;
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return rearranged(x, x.shape, (i) => {
    const [row, column] = [Math.floor(i / columns) % rows, i % columns];
    return upper === column - row >= k || (!upper && column - row === k) ? i : -1;
  });
}

function reverseSequence(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const lengths = inputs.numbers(1)!;
  const [batch, time] = [node.int("batch_axis", 1), node.int("time_axis", 0)];
  const strides = stridesOf(x.shape);
  return rearranged(
    x,
    x.shape,
    byPlace(x.shape, (at) => {
      const [t, length] = [at[time]!, lengths[at[batch]!]!];
      const moved = t < length ? length - 1 - 2 * t : 0;
      return placeOf(at, strides) + moved * strides[time]!;
    }),
  );
}

/** Sizes of the last axes and of one before them, in other places: what super-resolution and patches do. */
function depthToSpace(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const b = node.int("blocksize", 1);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const rowsFirst = node.string("mode", "DCR") === "DCR";
  const apart = rowsFirst ? [n, b, b, c / (b * b), h, w] : [n, c / (b * b), b, b, h, w];
  const order = rowsFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return reshaped(permuted(reshaped(x, apart), order), [n, c / (b * b), h * b, w * b]);
}

function spaceToDepth(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const b = node.int("blocksize", 1);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const apart = reshaped(x, [n, c, h / b, b, w / b, b]);
  return reshaped(permuted(apart, [0, 3, 5, 1, 2, 4]), [n, c * b * b, h / b, w / b]);
}

/** What a node Shape says of a shape. */
export function shapePart(shape: Shape, node: GraphNode): Host {
  const part = shape.slice(node.int("start", 0), node.has("end") ? node.int("end", 0) : undefined);
  return new Host("int64", [part.length], part);
}

/** A tensor of one value, on the host where it is of whole numbers. */
function filled(node: GraphNode, shape: Shape, value: number, type: ElementType): Value {
  if (isFloat(type) && sizeOf(shape) > 64) return full(asked(String(node), shape), value);
  const out = hostOf(String(node), type, shape);
  out.data.fill(value);
  return out.done();
}

function range(inputs: Inputs, node: GraphNode): Value {
  const [start, limit, step] = [inputs.number(0), inputs.number(1), inputs.number(2)];
  const count = Math.max(0, Math.ceil((limit - start) / step));
  const out = hostOf(String(node), onHost(inputs.at(0)).type, [count]);
  for (let i = 0; i < count; i++) out.data[i] = start + i * step;
  return out.done();
}

/** Constant, in any of its forms. */
function constant(_inputs: Inputs, node: GraphNode): Value {
  const value = node.tensor("value");
  if (value) return value;
  if (node.has("value_float")) return new Host("float", [], [node.float("value_float", 0)]);
  if (node.has("value_int")) return new Host("int64", [], [node.int("value_int", 0)]);
  const floats = node.floats("value_floats");
  if (floats) return new Host("float", [floats.length], floats);
  const ints = node.ints("value_ints") ?? [];
  return new Host("int64", [ints.length], ints);
}

export const shapes: Readonly<Record<string, Operator>> = {
  Identity: { inputs: [1, 1], run: (inputs) => inputs.at(0) },
  Dropout: {
    inputs: [1, 3],
    attributes: "ratio seed is_test",
    run(inputs, node) {
      if (inputs.has(2) && inputs.number(2) !== 0)
        throw new OptionError({
          op: String(node),
          expected: "training_mode false",
          got: "true",
          cure: "Export the model for inference: model.eval() first.",
        });
      // The second output, the mask, is of what is kept: all.
      const mask = node.outputs.length > 1;
      return [inputs.at(0), ...(mask ? [filled(node, inputs.at(0).shape, 1, "bool")] : [])];
    },
  },
  Constant: {
    inputs: [0, 0],
    attributes: "value value_float value_floats value_int value_ints",
    run: constant,
  },
  ConstantOfShape: {
    inputs: [1, 1],
    attributes: "value",
    run(inputs, node) {
      const value = node.tensor("value");
      return filled(node, inputs.numbers(0)!, value?.data[0] ?? 0, value?.type ?? "float");
    },
  },
  Shape: {
    inputs: [1, 1],
    attributes: "start end",
    run: (inputs, node) => shapePart(inputs.at(0).shape, node),
  },
  Size: { inputs: [1, 1], run: (inputs) => new Host("int64", [], [inputs.at(0).size]) },
  Reshape: { inputs: [1, 2], attributes: "shape allowzero", run: reshape },
  Flatten: {
    inputs: [1, 1],
    attributes: "axis",
    run(inputs, node) {
      const x = inputs.at(0);
      const given = node.int("axis", 1);
      const axis = given < 0 ? given + x.shape.length : given;
      return reshaped(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
    },
  },
  Squeeze: { inputs: [1, 2], attributes: "axes", run: squeeze },
  Unsqueeze: { inputs: [1, 2], attributes: "axes", run: unsqueeze },
  Transpose: {
    inputs: [1, 1],
    attributes: "perm",
    run(inputs, node) {
      const x = inputs.at(0);
      return permuted(x, node.ints("perm") ?? x.shape.map((_, i) => x.shape.length - 1 - i));
    },
  },
  Concat: {
    inputs: [1, Infinity],
    attributes: "axis",
    run(inputs) {
      const axis = inputs.axis(inputs.at(0).shape.length, 0);
      return joined(
        inputs.values.map((_, i) => inputs.at(i)),
        axis,
      );
    },
  },
  Split: {
    inputs: [1, 2],
    attributes: "axis split num_outputs",
    refuses(node) {
      const { length } = node.outputs;
      const count = node.int("num_outputs", length);
      return count === length ? undefined : `num_outputs ${count}, of ${length} outputs`;
    },
    run: split,
  },
  Slice: { inputs: [1, 5], attributes: "axes starts ends", run: slice },
  Expand: {
    inputs: [2, 2],
    run(inputs, node) {
      const x = inputs.at(0);
      return expanded(x, broadcastShapes(String(node), x.shape, inputs.numbers(1)!), node);
    },
  },
  Tile: { inputs: [2, 2], run: tile },
  Pad: {
    inputs: [1, 4],
    attributes: "mode pads value",
    refuses(node) {
      const mode = node.string("mode", "constant");
      return Object.hasOwn(BEYOND, mode) ? undefined : `mode "${mode}"`;
    },
    run: padded,
  },
  Trilu: { inputs: [1, 2], attributes: "upper", run: trilu },
  ReverseSequence: { inputs: [2, 2], attributes: "batch_axis time_axis", run: reverseSequence },
  DepthToSpace: { inputs: [1, 1], attributes: "blocksize mode", run: depthToSpace },
  SpaceToDepth: { inputs: [1, 1], attributes: "blocksize", run: spaceToDepth },
  Range: { inputs: [3, 3], run: range },
  EyeLike: {
    inputs: [1, 1],
    attributes: "dtype k",
    run(inputs, node) {
      const x = inputs.at(0);
      const type = typeOf(node.int("dtype", 0)) ?? (isFloats(x) ? "float" : onHost(x).type);
      const k = node.int("k", 0);
      const out = hostOf(String(node), type, x.shape);
      const [rows, columns] = x.shape as [number, number];
      for (let i = 0; i < rows; i++)
        if (i + k >= 0 && i + k < columns) out.data[i * columns + i + k] = 1;
      return out.done();
    },
  },
};
