// Operators that take elements by indices, or put them there; orders and positions.
import { IndexError } from "../../core/errors.js";
import { normalizeAxis, sizeOf, splitAtAxis } from "../../core/shape.js";
import { embedding } from "../../ops/embedding.js";
import { indexSelect } from "../../ops/index-select.js";
import { concat } from "../../ops/join.js";
import { stridesOf } from "../../ops/strided.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import { floatsOf, Host, hostOf, type Value } from "../value.js";
import { byPlace, placeOf, rearranged } from "./rearrange.js";
import { reshaped, sliced } from "./shapes.js";

/** An index from 0 on, of one that may count from the end. */
function within(node: GraphNode, index: number, length: number): number {
  const at = index < 0 ? index + length : index;
  if (at >= 0 && at < length) return at;
  throw new IndexError({
    op: String(node),
    expected: `an index from ${-length} to ${length - 1}`,
    got: `${index}`,
  });
}

function gather(inputs: Inputs, node: GraphNode): Value {
  const [x, index] = [inputs.at(0), inputs.host(1)];
  const axis = inputs.axis(x.shape.length, 0);
  const length = x.shape[axis]!;
  const shape = [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)];
  // One place is a slice.
  if (index.size === 1)
    return reshaped(sliced(x, axis, within(node, index.data[0]!, length), 1), shape);
  const places = index.data.map((each) => within(node, each, length));
  if (!(x instanceof Host)) {
    const ids = new Host("int32", [places.length], places).ints();
    const rows = axis === 0 && x.shape.length === 2;
    return (rows ? embedding(ids, x) : indexSelect(x, axis, ids)).reshape(shape);
  }
  const { inner } = splitAtAxis(x.shape, axis);
  return rearranged(x, shape, (i) => {
    const [within, block] = [i % inner, Math.floor(i / inner)];
    const [place, outer] = [block % places.length, Math.floor(block / places.length)];
    return (outer * length + places[place]!) * inner + within;
  });
}

function gatherElements(inputs: Inputs, node: GraphNode): Value {
  const [x, index] = [inputs.at(0), inputs.host(1)];
  const axis = inputs.axis(x.shape.length, 0);
  const strides = stridesOf(x.shape);
  let i = 0;
  return rearranged(
    x,
    index.shape,
    byPlace(index.shape, (at) => {
      const asked = within(node, index.data[i++]!, x.shape[axis]!);
      return placeOf(at, strides) + (asked - at[axis]!) * strides[axis]!;
    }),
  );
}

function gatherND(inputs: Inputs, node: GraphNode): Value {
  const [x, index] = [inputs.at(0), inputs.host(1)];
  const batches = node.int("batch_dims", 0);
  const depth = index.shape.at(-1)!;
  const strides = stridesOf(x.shape);
  const rest = x.shape.slice(batches + depth);
  const inner = sizeOf(rest);
  const outer = index.shape.slice(0, -1);
  const perBatch = sizeOf(index.shape.slice(batches, -1));
  const batchSize = sizeOf(x.shape.slice(batches));
  return rearranged(x, [...outer, ...rest], (i) => {
    const row = Math.floor(i / inner);
    let place = Math.floor(row / perBatch) * batchSize + (i % inner);
    for (let k = 0; k < depth; k++)
      place +=
        within(node, index.data[row * depth + k]!, x.shape[batches + k]!) * strides[batches + k]!;
    return place;
  });
}

/** What is done where several updates meet, or one meets what is there. */
const MEETS: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
};

const refusesMeeting = (node: GraphNode): string | undefined => {
  const way = node.string("reduction", "none");
  return way === "none" || Object.hasOwn(MEETS, way) ? undefined : `reduction "${way}"`;
};

/** x with updates at places; those of tensors move with gradients where each place is written once. */
function scattered(node: GraphNode, x: Value, updates: Value, places: Int32Array): Value {
  const meets = MEETS[node.string("reduction", "none")];
  if (x instanceof Host && updates instanceof Host) {
    const data = x.data.slice();
    places.forEach((place, i) => {
      data[place] = meets ? meets(data[place]!, updates.data[i]!) : updates.data[i]!;
    });
    return new Host(x.type, x.shape, data);
  }
  const [into, from] = [floatsOf(x), floatsOf(updates)];
  if (meets) {
    const data = Float64Array.from(into.data());
    const values = from.data();
    places.forEach((place, i) => (data[place] = meets(data[place]!, values[i]!)));
    return new Host("float", x.shape, data).floats();
  }
  // Each element from x, or from the last update of its place.
  const source = Int32Array.from({ length: x.size }, (_, i) => i);
  places.forEach((place, i) => (source[place] = x.size + i));
  const all = concat([into.reshape([into.size]), from.reshape([from.size])]);
  return rearranged(all, x.shape, (i) => source[i]!);
}

function scatterElements(inputs: Inputs, node: GraphNode): Value {
  const [x, index, updates] = [inputs.at(0), inputs.host(1), inputs.at(2)];
  const axis = inputs.axis(x.shape.length, 0);
  const strides = stridesOf(x.shape);
  let i = 0;
  const place = byPlace(index.shape, (at) => {
    const asked = within(node, index.data[i++]!, x.shape[axis]!);
    return placeOf(at, strides) + (asked - at[axis]!) * strides[axis]!;
  });
  const places = Int32Array.from({ length: index.size }, (_, each) => place(each));
  return scattered(node, x, updates, places);
}

function scatterND(inputs: Inputs, node: GraphNode): Value {
  const [x, index, updates] = [inputs.at(0), inputs.host(1), inputs.at(2)];
  const depth = index.shape.at(-1)!;
  const strides = stridesOf(x.shape);
  const inner = sizeOf(x.shape.slice(depth));
  const places = Int32Array.from({ length: updates.size }, (_, i) => {
    const row = Math.floor(i / inner);
    let place = i % inner;
    for (let k = 0; k < depth; k++)
      place += within(node, index.data[row * depth + k]!, x.shape[k]!) * strides[k]!;
    return place;
  });
  return scattered(node, x, updates, places);
}

/** The order of an axis: by value, then by position. */
function topK(inputs: Inputs, node: GraphNode): Value[] {
  const x = inputs.at(0);
  const axis = inputs.axis(x.shape.length, -1);
  const k = inputs.has(1) ? inputs.number(1) : node.int("k", 1);
  const largest = node.int("largest", 1) === 1;
  const { data } = inputs.host(0);
  const { outer, length, inner } = splitAtAxis(x.shape, axis);
  const shape = x.shape.map((n, i) => (i === axis ? k : n));
  const indices = hostOf(String(node), "int64", shape);
  const places = new Int32Array(sizeOf(shape));
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = (j: number): number => (o * length + j) * inner + i;
      const order = Array.from({ length }, (_, j) => j).sort((a, b) => {
        const difference = data[at(a)]! - data[at(b)]!;
        return (largest ? -difference : difference) || a - b;
      });
      for (let j = 0; j < k; j++) {
        const to = (o * k + j) * inner + i;
        indices.data[to] = order[j]!;
        places[to] = at(order[j]!);
      }
    }
  return [rearranged(x, shape, (i) => places[i]!), indices.done()];
}

function extreme(best: (x: number, than: number) => boolean): Operator {
  return {
    inputs: [1, 1],
    attributes: "axis keepdims select_last_index",
    run(inputs, node) {
      const x = inputs.host(0);
      const axis = inputs.axis(x.shape.length, 0);
      const { outer, length, inner } = splitAtAxis(x.shape, axis);
      const last = node.int("select_last_index", 0) === 1;
      const kept = x.shape.map((n, i) => (i === axis ? 1 : n));
      const out = hostOf(String(node), "int64", kept);
      for (let o = 0; o < outer; o++)
        for (let i = 0; i < inner; i++) {
          let found = 0;
          for (let j = 1; j < length; j++) {
            const [value, than] = [j, found].map(
              (each) => x.data[(o * length + each) * inner + i]!,
            );
            if (best(value!, than!) || (last && value === than)) found = j;
          }
          out.data[o * inner + i] = found;
        }
      const made = out.done();
      return node.int("keepdims", 1) === 1
        ? made
        : made.reshaped(kept.filter((_, i) => i !== axis));
    },
  };
}

function oneHot(inputs: Inputs, node: GraphNode): Value {
  const index = inputs.host(0);
  const depth = inputs.number(1);
  const values = inputs.host(2);
  const rank = index.shape.length + 1;
  const axis = normalizeAxis(String(node), node.int("axis", -1), rank);
  const shape = [...index.shape.slice(0, axis), depth, ...index.shape.slice(axis)];
  const inner = sizeOf(index.shape.slice(axis));
  const out = hostOf(String(node), values.type, shape);
  out.data.fill(values.data[0]!);
  index.data.forEach((id, i) => {
    const at = id < 0 ? id + depth : id;
    if (at < 0 || at >= depth) return;
    out.data[(Math.floor(i / inner) * depth + at) * inner + (i % inner)] = values.data[1]!;
  });
  return out.done();
}

function nonZero(inputs: Inputs): Value {
  const x = inputs.host(0);
  const strides = stridesOf(x.shape);
  const found = [...x.data.keys()].filter((i) => x.data[i] !== 0);
  const rows = x.shape.map((n, axis) => found.map((i) => Math.floor(i / strides[axis]!) % n));
  return new Host("int64", [x.shape.length, found.length], rows.flat());
}

function compress(inputs: Inputs, node: GraphNode): Value {
  const x = node.has("axis") ? inputs.at(0) : reshaped(inputs.at(0), [inputs.at(0).size]);
  const axis = node.has("axis") ? inputs.axis(x.shape.length, 0) : 0;
  const chosen = inputs.numbers(1)!.flatMap((each, i) => (each ? [i] : []));
  const shape = x.shape.map((n, i) => (i === axis ? chosen.length : n));
  const strides = stridesOf(x.shape);
  return rearranged(
    x,
    shape,
    byPlace(
      shape,
      (at) => placeOf(at, strides) + (chosen[at[axis]!]! - at[axis]!) * strides[axis]!,
    ),
  );
}

export const selection: Readonly<Record<string, Operator>> = {
  Gather: { inputs: [2, 2], attributes: "axis", run: gather },
  GatherElements: { inputs: [2, 2], attributes: "axis", run: gatherElements },
  GatherND: { inputs: [2, 2], attributes: "batch_dims", run: gatherND },
  ScatterElements: {
    inputs: [3, 3],
    attributes: "axis reduction",
    refuses: refusesMeeting,
    run: scatterElements,
  },
  Scatter: { inputs: [3, 3], attributes: "axis", run: scatterElements },
  ScatterND: { inputs: [3, 3], attributes: "reduction", refuses: refusesMeeting, run: scatterND },
  TopK: { inputs: [1, 2], attributes: "axis k largest sorted", run: topK },
  ArgMax: extreme((x, than) => x > than),
  ArgMin: extreme((x, than) => x < than),
  OneHot: { inputs: [3, 3], attributes: "axis", run: oneHot },
  NonZero: { inputs: [1, 1], run: nonZero },
  Compress: { inputs: [2, 2], attributes: "axis", run: compress },
};
