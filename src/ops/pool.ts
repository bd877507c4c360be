// Pooling over windows, channels first: the largest where they stand, means from each channel's windows laid out as columns.
import { defineOp } from "../autograd/op.js";
import { checkCall } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { extraKernels } from "../wasm/extra.js";
import { f32, i32 } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { requireFloat } from "./check.js";
import { isPadded, withWorkspace, type Images, type Workspace } from "./image-workspace.js";
import { windowOver, type PairOption, type Window } from "./window.js";

export interface MaxPoolOptions<Size = PairOption> {
  /** Steps from one output to the next. Default: the window's own size. */
  stride?: Size | undefined;
  /** Places on both sides that never count, at most half the window. Default 0. */
  padding?: Size | undefined;
  /** Steps from one element of the window to the next. Default 1. */
  dilation?: Size | undefined;
}

export interface AvgPoolOptions<Size = PairOption> {
  /** Steps from one output to the next. Default: the window's own size. */
  stride?: Size | undefined;
  /** Zeros on both sides, at most half the window. Default 0. */
  padding?: Size | undefined;
  /** Whether those zeros count in the mean. Default true. */
  countIncludePad?: boolean | undefined;
}

/** Images of a call, a group a channel, and how many. */
interface Pooling extends Images {
  readonly batch: number;
  /** Elements of a window, and its places. */
  readonly depth: number;
  readonly positions: number;
}

type Axes = 1 | 2;

function planned(
  op: string,
  axes: Axes,
  x: Tensor,
  kernel: PairOption,
  { stride = kernel, padding = 0, dilation = 1 }: MaxPoolOptions,
): Pooling {
  requireFloat(op, x);
  if (x.shape.length !== axes + 2)
    throw new ShapeError({
      op,
      expected: `input [batch, channels, ${axes === 1 ? "time" : "height, width"}]`,
      got: formatShape(x.shape),
    });
  const window = windowOver(op, x.shape, axes, { kernel, stride, padding, dilation });
  if (window.before.some((side, i) => 2 * side > window.kernel[i]!))
    throw new OptionError({
      op,
      expected: "padding of at most half the window",
      got: window.before.slice(-axes).join(", "),
    });
  return {
    window,
    batch: x.shape[0]!,
    groups: x.shape[1]!,
    inputs: 1,
    depth: window.kernel[0] * window.kernel[1],
    positions: window.out[0] * window.out[1],
  };
}

function outputShape({ batch, groups, window }: Pooling, axes: Axes): number[] {
  return [batch, groups, ...window.out.slice(-axes)];
}

/** Columns at a time: they stay in the second-level cache from their making to their use. */
const BLOCK_ELEMENTS = 64 * 1024;

/** Channels whose columns are made at once: a call for each would take longer than a small image. */
function channelsAtOnce({ groups, depth, positions }: Pooling): number {
  return Math.max(1, Math.min(groups, Math.floor(BLOCK_ELEMENTS / (depth * positions))));
}

/** Goes through the channels of an image. */
function inChannels(
  pooling: Pooling,
  { geometry }: Workspace,
  run: (first: number, channels: number) => void,
): void {
  const most = channelsAtOnce(pooling);
  for (let first = 0; first < pooling.groups; first += most) {
    const channels = Math.min(most, pooling.groups - first);
    i32(geometry, 1)[0] = channels;
    run(first, channels);
  }
}

/** What is done with the columns of some channels, `[channels, depth, positions]`, whose output begins at an element. */
type OnColumns = (columns: Ptr, first: number, channels: number) => void;

/** Channels' windows as columns, handed to `reduce`. */
function eachChannel(x: Ptr, pooling: Pooling, space: Workspace, reduce: OnColumns): void {
  const { batch, groups, positions } = pooling;
  const [columns] = space.parts as [Ptr];
  for (let image = 0; image < batch; image++) {
    const from = space.pad(x, image);
    inChannels(pooling, space, (first, channels) => {
      extraKernels().unfold(columns, space.group(from, first), space.geometry, 0, positions);
      reduce(columns, (image * groups + first) * positions, channels);
    });
  }
}

/** dx from channels' columns of gradients, which `spread` writes. Overwrites. */
function gradientOfChannels(dx: Ptr, pooling: Pooling, space: Workspace, spread: OnColumns): void {
  const { batch, groups, positions } = pooling;
  const [columns] = space.parts as [Ptr];
  for (let image = 0; image < batch; image++) {
    const to = space.zeroed(dx, image);
    inChannels(pooling, space, (first, channels) => {
      spread(columns, (image * groups + first) * positions, channels);
      extraKernels().foldAcc(space.group(to, first), columns, space.geometry, 0, positions);
    });
    space.crop(dx, image);
  }
}

function columnBytes(pooling: Pooling): number {
  return bytesOf(channelsAtOnce(pooling) * pooling.depth * pooling.positions);
}

interface SavedMax {
  readonly pooling: Pooling;
  /** How far from the first element of each window the largest one stands. */
  readonly places: Tensor<"int32">;
}

/** All images as channels of one, where none has to be copied with its padding: one call for all. */
function joined(pooling: Pooling): Pooling {
  const { window, batch, groups } = pooling;
  return isPadded(window) ? pooling : { ...pooling, batch: 1, groups: batch * groups };
}

/** Goes through the images, all channels of one at a time; `first` counts windows. */
function eachImage(
  { batch, groups, positions }: Pooling,
  { geometry }: Workspace,
  run: (image: number, first: number) => void,
): void {
  i32(geometry, 1)[0] = groups;
  for (let image = 0; image < batch; image++) run(image, image * groups * positions);
}

function maxPool(
  name: string,
  axes: Axes,
): (x: Tensor, kernel: PairOption, options: MaxPoolOptions) => Tensor {
  return defineOp({
    name,
    forward(x: Tensor, kernel: PairOption, options: MaxPoolOptions) {
      const plan = planned(name, axes, x, kernel, options);
      const [pooling, y] = [joined(plan), empty(outputShape(plan, axes))];
      const places = empty(y.shape, "int32");
      const [from, to, where] = [x.address(name), y.storage.ptr, places.storage.ptr];
      const { maxPoolForward } = extraKernels();
      const reduce = (space: Workspace) =>
        eachImage(pooling, space, (image, first) => {
          const padded = space.pad(from, image);
          maxPoolForward(
            at(to, first),
            at(where, first),
            padded,
            space.geometry,
            pooling.positions,
          );
        });
      withWorkspace(pooling, [], reduce, -Infinity);
      return { inputs: [x], unread: [x], output: y, saved: { pooling, places } };
    },
    backward(pass, { pooling, places }: SavedMax) {
      const [dy, where] = [pass.grad(), places.address(name)];
      const { maxPoolBackwardAcc } = extraKernels();
      pass.write(0, (dx) => {
        withWorkspace(pooling, [], (space) =>
          eachImage(pooling, space, (image, first) => {
            const to = space.zeroed(dx, image);
            const [gradient, found] = [at(dy, first), at(where, first)];
            maxPoolBackwardAcc(to, gradient, found, space.geometry, pooling.positions);
            space.crop(dx, image);
          }),
        );
      });
    },
  });
}

interface SavedAverage {
  readonly pooling: Pooling;
  readonly countIncludePad: boolean;
}

function avgPool(
  name: string,
  axes: Axes,
): (x: Tensor, kernel: PairOption, options: AvgPoolOptions) => Tensor {
  return defineOp({
    name,
    forward(x: Tensor, kernel: PairOption, options: AvgPoolOptions) {
      const { countIncludePad = true, ...rest } = options;
      const pooling = planned(name, axes, x, kernel, rest);
      const { depth, positions } = pooling;
      const y = empty(outputShape(pooling, axes));
      const to = y.storage.ptr;
      withWorkspace(pooling, [columnBytes(pooling), bytesOf(positions)], (space) => {
        const counts = writeCounts(space, pooling, countIncludePad);
        eachChannel(x.address(name), pooling, space, (columns, first, channels) => {
          kernels().sumAxis(at(to, first), columns, channels, depth, positions);
          for (let i = 0, sum = first; i < channels; i++, sum += positions)
            kernels().div(at(to, sum), at(to, sum), counts, positions);
        });
      });
      return { inputs: [x], unread: [x], output: y, saved: { pooling, countIncludePad } };
    },
    backward(pass, { pooling, countIncludePad }: SavedAverage) {
      const { depth, positions } = pooling;
      const dy = pass.grad();
      pass.write(0, (dx) => {
        const row = bytesOf(positions);
        const rows = channelsAtOnce(pooling) * row;
        withWorkspace(pooling, [columnBytes(pooling), row, rows], (space) => {
          const counts = writeCounts(space, pooling, countIncludePad);
          const shares = space.parts[2]!;
          gradientOfChannels(dx, pooling, space, (columns, first, channels) => {
            for (let i = 0; i < channels; i++)
              kernels().div(
                at(shares, i * positions),
                at(dy, first + i * positions),
                counts,
                positions,
              );
            kernels().expandAxis(columns, shares, channels, depth, positions, 1);
          });
        });
      });
    },
  });
}

/** Writes what the sum of each window is divided by; gives its address. */
function writeCounts({ parts }: Workspace, { window, depth }: Pooling, all: boolean): Ptr {
  const [rows, columns] = window.out;
  const counts = f32(parts[1]!, rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      counts[row * columns + column] = all
        ? depth
        : inside(window, 0, row) * inside(window, 1, column);
  return parts[1]!;
}

/** How many places of the window number `index` along an axis lie on the input. */
function inside({ before, size, kernel, stride }: Window, axis: 0 | 1, index: number): number {
  const start = index * stride[axis] - before[axis];
  return Math.min(start + kernel[axis], size[axis]) - Math.max(start, 0);
}

const maxOverTime = /* @__PURE__ */ maxPool("maxPool1d", 1);
const maxOverImage = /* @__PURE__ */ maxPool("maxPool2d", 2);
const averageOverTime = /* @__PURE__ */ avgPool("avgPool1d", 1);
const averageOverImage = /* @__PURE__ */ avgPool("avgPool2d", 2);

/**
 * The largest element of each window over time; NaN counts as the largest. The gradient goes to the first
 * of equals.
 *
 * @param x `[batch, channels, time]`
 * @returns `[batch, channels, ⌊(time + 2 · padding - dilation · (kernelSize - 1) - 1) / stride⌋ + 1]`
 * @throws ShapeError for other shapes or an input shorter than the window; OptionError for options that
 *   are no counts or too much padding; DTypeError for int32
 */
export function maxPool1d(
  x: Tensor,
  kernelSize: number,
  options: MaxPoolOptions<number> = {},
): Tensor {
  checkCall(
    "maxPool1d",
    arguments,
    "x:tensor kernelSize:number {stride:number padding:number dilation:number}",
  );
  return maxOverTime(x, kernelSize, options);
}

/**
 * As {@link maxPool1d}, over images `[batch, channels, height, width]`.
 *
 * @param kernelSize a number for both axes, or two: down, across
 */
export function maxPool2d(x: Tensor, kernelSize: PairOption, options: MaxPoolOptions = {}): Tensor {
  checkCall(
    "maxPool2d",
    arguments,
    "x:tensor kernelSize:number|list {stride:number|list padding:number|list dilation:number|list}",
  );
  return maxOverImage(x, kernelSize, options);
}

/**
 * The mean of each window over time.
 *
 * @param x `[batch, channels, time]`
 * @returns `[batch, channels, ⌊(time + 2 · padding - kernelSize) / stride⌋ + 1]`
 * @throws ShapeError for other shapes or an input shorter than the window; OptionError for options that
 *   are no counts or too much padding; DTypeError for int32
 */
export function avgPool1d(
  x: Tensor,
  kernelSize: number,
  options: AvgPoolOptions<number> = {},
): Tensor {
  checkCall(
    "avgPool1d",
    arguments,
    "x:tensor kernelSize:number {stride:number padding:number countIncludePad:boolean}",
  );
  return averageOverTime(x, kernelSize, options);
}

/**
 * As {@link avgPool1d}, over images `[batch, channels, height, width]`.
 *
 * @param kernelSize a number for both axes, or two: down, across
 */
export function avgPool2d(x: Tensor, kernelSize: PairOption, options: AvgPoolOptions = {}): Tensor {
  checkCall(
    "avgPool2d",
    arguments,
    "x:tensor kernelSize:number|list {stride:number|list padding:number|list countIncludePad:boolean}",
  );
  return averageOverImage(x, kernelSize, options);
}
