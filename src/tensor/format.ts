// How a tensor reads in a console, after PyTorch: aligned columns, and of a large one the edges.
import type { DType } from "../core/dtype.js";
import { formatShape, sizeOf } from "../core/shape.js";
import { view } from "../wasm/memory.js";
import type { Tensor } from "./tensor.js";

/** More elements than this, and the middle of long axes is left out. */
const THRESHOLD = 1000;
/** Elements left at either end of such an axis. */
const EDGE = 3;
const LINE = 80;
const BEGIN = "tensor(";

/** `tensor([[ 0.1200, -1.3000], …], shape [2, 2], requiresGrad)` */
export function formatTensor(tensor: Tensor<DType>): string {
  const { shape, dtype, storage, node, requiresGrad } = tensor;
  // The inference build shows no numbers: toArray() has them.
  if (!TRAINING) return `${BEGIN}shape ${formatShape(shape)}, ${dtype})`;
  const notes = [
    shape.length > 0 && `shape ${formatShape(shape)}`,
    dtype !== "float32" && dtype,
    node ? `from ${node.op}` : requiresGrad && "requiresGrad",
  ].filter(Boolean);
  const gone = storage.scope ? "its scope has ended" : "disposed of";
  return `${BEGIN}${[storage.live ? numbersOf(tensor) : gone, ...notes].join(", ")})`;
}

function numbersOf({ shape, dtype, size, storage }: Tensor<DType>): string {
  const values = view(dtype, storage.ptr, size);
  const indices = shape.map((length) => shownIndices(length, size > THRESHOLD));
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const shown: number[] = [];
  collect(0, 0);
  const format = formatOf(shown);
  const width = Math.max(...shown.map((value) => format(value).length));
  return nest(0, 0);

  function collect(axis: number, offset: number): void {
    if (axis === shape.length) shown.push(values[offset]!);
    else
      for (const i of indices[axis]!)
        if (i !== undefined) collect(axis + 1, offset + i * strides[axis]!);
  }

  function nest(axis: number, offset: number): string {
    if (axis === shape.length) return format(values[offset]!).padStart(width);
    const parts = indices[axis]!.map((i) =>
      i === undefined ? "…" : nest(axis + 1, offset + i * strides[axis]!),
    );
    const indent = " ".repeat(BEGIN.length + axis + 1);
    const inner = shape.length - axis - 1;
    if (inner > 0) return `[${parts.join(`,${"\n".repeat(inner)}${indent}`)}]`;
    const perLine = Math.max(1, Math.floor((LINE - indent.length) / (width + 2)));
    const lines = parts.flatMap((_, i) =>
      i % perLine === 0 ? [parts.slice(i, i + perLine).join(", ")] : [],
    );
    return `[${lines.join(`,\n${indent}`)}]`;
  }
}

/** All indices of an axis, or those at its ends with undefined between. */
function shownIndices(length: number, summarized: boolean): (number | undefined)[] {
  if (!summarized || length <= 2 * EDGE) return Array.from({ length }, (_, i) => i);
  const edge = Array.from({ length: EDGE }, (_, i) => i);
  return [...edge, undefined, ...edge.map((i) => length - EDGE + i)];
}

/** Whole numbers as such; else four decimals, or powers of ten where sizes differ much. */
function formatOf(values: readonly number[]): (value: number) => string {
  const sizes = values.filter(Number.isFinite).map(Math.abs);
  const high = Math.max(...sizes);
  const low = Math.min(...sizes.filter((size) => size > 0));
  if (sizes.every(Number.isInteger) && high < 1e8) return (value) => value.toFixed(0);
  if (high >= 1e8 || low < 1e-4 || high > 1000 * low) return (value) => value.toExponential(4);
  return (value) => value.toFixed(4);
}
