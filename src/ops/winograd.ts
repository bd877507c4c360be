// Convolutions by 3 × 3 kernels in tiles of 4 × 4 outputs, which take 4 times fewer multiplications: assembly/ops/winograd.ts.
import { extraKernels } from "../wasm/extra.js";
import { fillZero, i32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import type { Convolution } from "./columns.js";
import type { Pair } from "./window.js";

const KERNEL = 3;
/** Channels from which on fewer products save more than the transforms take. */
const LEAST_CHANNELS = 8;
/** Outputs down and across from which on little of the tiles reaches beyond them. */
const LEAST_OUT = 4;

/**
 * Whether a convolution is computed in tiles. It depends on nothing but a picture's and the kernels' shape: so an image has
 * the same bits in every batch, and in an inference build.
 */
export function isInTiles({ window, groups, inputs, outputs }: Convolution): boolean {
  const { kernel, stride, dilation, out } = window;
  return (
    groups === 1 &&
    Math.min(inputs, outputs) >= LEAST_CHANNELS &&
    kernel.every((size) => size === KERNEL) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    out.every((size) => size >= LEAST_OUT)
  );
}

/** y of all images, with a bias for each output channel where it is not 0. Overwrites. */
export function convolveTiles(
  y: Ptr,
  { x, weight, bias }: { x: Ptr; weight: Ptr; bias: Ptr },
  { batch, inputs, outputs, window: { size, before, out } }: Convolution,
): void {
  withGeometry([...size, ...before, ...out], (geometry) => {
    const { winogradScratchBytes, winogradForward } = extraKernels();
    withScratch(winogradScratchBytes(geometry, batch, inputs, outputs), (scratch) =>
      winogradForward(y, x, weight, bias, geometry, scratch, batch, inputs, outputs),
    );
  });
}

/** dx: a convolution of dy by the kernels turned by 180°. Overwrites. */
export function tiledGradientOfImages(
  dx: Ptr,
  { dy, weight }: { dy: Ptr; weight: Ptr },
  { batch, inputs, outputs, window: { size, before, out } }: Convolution,
): void {
  const turned: Pair = [KERNEL - 1 - before[0], KERNEL - 1 - before[1]];
  withGeometry([...out, ...turned, ...size], (geometry) => {
    const { winogradScratchBytes, winogradBackward } = extraKernels();
    withScratch(winogradScratchBytes(geometry, batch, outputs, inputs), (scratch) =>
      winogradBackward(dx, dy, weight, geometry, scratch, batch, inputs, outputs),
    );
  });
}

/** dWeight. Overwrites or adds. */
export function tiledGradientOfKernels(
  dWeight: Ptr,
  { dy, x }: { dy: Ptr; x: Ptr },
  { batch, inputs, outputs, window: { size, before, out } }: Convolution,
  accumulates: boolean,
): void {
  if (!accumulates) fillZero(dWeight, bytesOf(outputs * inputs * KERNEL * KERNEL));
  withGeometry([...size, ...before, ...out], (geometry) => {
    const { winogradKernelsScratchBytes, winogradKernelsAcc } = extraKernels();
    withScratch(winogradKernelsScratchBytes(geometry, batch, inputs, outputs), (scratch) =>
      winogradKernelsAcc(dWeight, dy, x, geometry, scratch, batch, inputs, outputs),
    );
  });
}

/** Lends the geometry as the kernels read it. */
function withGeometry(words: readonly number[], run: (geometry: Ptr) => void): void {
  withScratch(bytesOf(words.length), (geometry) => {
    i32(geometry, words.length).set(words);
    run(geometry);
  });
}
