// Convolutions by 3 × 3 kernels at every place, in tiles of 4 × 4 outputs: Winograd's F(4 × 4, 3 × 3), as Lavin and Gray
// have it (Fast Algorithms for Convolutional Neural Networks, 2016). Per tile and pair of channels 36 multiplications instead
// of 144: with g a kernel and d the 6 × 6 elements that a tile's outputs read,
//   y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.
// The polynomials behind it are interpolated at 0, ±√½, ±√2 and ∞. These lie as far above 1 as below, so that the matrices have
// no large numbers, and errors are a fifth of those that 0, ±1, ±2 and ∞ give (docs/findings.md, 39):
//   Bᵀ = [1 0 -5⁄2 0 1 0; 0 -√2 -2 √½ 1 0; 0 √2 -2 -√½ 1 0; 0 -√2 -1 √8 2 0; 0 √2 -1 -√8 2 0; 0 1 0 -5⁄2 0 1],
//   G = [1 0 0; -⅔ -√2⁄3 -⅓; -⅔ √2⁄3 -⅓; 1⁄12 √½⁄6 ⅙; 1⁄12 -√½⁄6 ⅙; 0 0 1],
//   Aᵀ = [1 1 1 1 1 0; 0 √½ -√½ √2 -√2 0; 0 ½ ½ 2 2 0; 0 √⅛ -√⅛ √8 -√8 1].
// Summed over channels, each of the 36 elements is a matrix product M = V · U, [tiles, channels] · [channels, outputs]. The
// gradients are those of the formula: dg = Gᵀ (Σ V ⊙ A dy Aᵀ) G, summed over tiles; an image's is a convolution of dy by
// the kernels turned by 180°.
//
// A geometry is six int32 words: height and width of the image, rows and columns of zeros before it, height and width of
// the output. Tiles count row by row, image by image.
import { gemm, gemmTNAcc, gemmTNScratchBytes } from "../gemm/gemm";
import { packedBytes } from "../gemm/panels";
import { assertAligned, assertApart } from "../simd/preconditions";
import {
  lanesOf, POINTS, STRIP_BYTES, tilesAcross, tilesDown, transformGradients, transformKernels, transformKernelsBackAcc,
  transformProducts, transformTiles,
} from "./winograd-transforms";

const MATRICES: usize = POINTS * POINTS;
/** Elements that the products of a block read and write: they stay in the second-level cache. */
const BLOCK_ELEMENTS: i32 = 96 * 1024;
/** Blocks are of whole register tiles, in either build. */
const WHOLE: i32 = 12;

/** Bytes from one of the matrices to the next: never a power of two, whose matrices would meet in one set of a cache. */
// @ts-ignore: decorator
@inline
function partOf(bytes: usize): usize {
  return ((bytes + 63) & -64) + 64;
}

// @ts-ignore: decorator
@inline
function rowsPart(rows: i32, columns: i32): usize {
  return partOf(<usize>(rows * lanesOf(columns)) << 2);
}

// @ts-ignore: decorator
@inline
function tilesOf(geometry: usize, batch: i32): i32 {
  return batch * tilesDown(geometry) * tilesAcross(geometry);
}

/** Tiles at a time: about as many in each block. */
function blockOf(from: i32, to: i32, tiles: i32): i32 {
  const most = max(BLOCK_ELEMENTS / <i32>MATRICES / (from + to), WHOLE);
  const count = max(1, (tiles + most - 1) / most);
  return min((tiles + count * WHOLE - 1) / (count * WHOLE) * WHOLE, tiles);
}

/** Bytes of scratch for a convolution from `from` to `to` channels, either way. */
export function winogradScratchBytes(geometry: usize, batch: i32, from: i32, to: i32): usize {
  const block = blockOf(from, to, tilesOf(geometry, batch));
  const parts = rowsPart(block, from) + partOf(packedBytes(from, to)) + rowsPart(block, to);
  return MATRICES * parts + STRIP_BYTES;
}

/**
 * y[batch, outputs, height', width'] = the convolution of x[batch, inputs, height, width] by weight[outputs, inputs, 3, 3], plus
 * bias[outputs] where it is not 0. Overwrites; no aliasing.
 *
 * @param scratch winogradScratchBytes(geometry, batch, inputs, outputs)
 */
export function winogradForward(
  y: usize, x: usize, weight: usize, bias: usize, geometry: usize, scratch: usize, batch: i32, inputs: i32, outputs: i32,
): void {
  convolve(y, x, weight, bias, geometry, scratch, batch, inputs, outputs, 36, <usize>inputs * 36, false);
}

/**
 * dx[batch, inputs, …] of winogradForward. Overwrites; no aliasing.
 *
 * @param geometry of dy as the image and dx as the output, 2 rows and columns of zeros before the one less those before the other
 * @param scratch winogradScratchBytes(geometry, batch, outputs, inputs)
 */
export function winogradBackward(
  dx: usize, dy: usize, weight: usize, geometry: usize, scratch: usize, batch: i32, inputs: i32, outputs: i32,
): void {
  convolve(dx, dy, weight, 0, geometry, scratch, batch, outputs, inputs, <usize>inputs * 36, 36, true);
}

/** The convolution from `from` to `to` channels by kernels that lie `fromStep` and `toStep` bytes apart; `turned`: each by 180°. */
function convolve(
  y: usize, x: usize, weight: usize, bias: usize, geometry: usize, u: usize, batch: i32, from: i32, to: i32, fromStep: usize,
  toStep: usize, turned: bool,
): void {
  assertAligned(u);
  const tiles = tilesOf(geometry, batch), block = blockOf(from, to, tiles);
  const uPart = partOf(packedBytes(from, to)), vPart = rowsPart(block, from), mPart = rowsPart(block, to);
  const v = u + MATRICES * uPart, m = v + MATRICES * vPart, strip = m + MATRICES * mPart;
  assertApart(y, <usize>batch * outputBytes(geometry, to), x, <usize>batch * imageBytes(geometry, from));
  transformKernels(u, weight, from, to, fromStep, toStep, turned, uPart, strip);
  for (let start = 0; start < tiles; start += block) {
    const count = min(block, tiles - start);
    transformTiles(v, x, geometry, from, start, count, vPart, strip);
    for (let i: usize = 0; i < MATRICES; i++)
      gemm(m + i * mPart, v + i * vPart, u + i * uPart, 0, count, to, from, lanesOf(from), lanesOf(to));
    transformProducts(y, m, bias, geometry, to, start, count, mPart, strip);
  }
}

/** Bytes of scratch for the gradient of kernels. */
export function winogradKernelsScratchBytes(geometry: usize, batch: i32, inputs: i32, outputs: i32): usize {
  const block = blockOf(inputs, outputs, tilesOf(geometry, batch));
  const parts = partOf(<usize>(inputs * outputs) << 2) + rowsPart(block, inputs) + partOf(packedBytes(block, outputs));
  return MATRICES * parts + partOf(STRIP_BYTES) + gemmTNScratchBytes(inputs);
}

/**
 * dWeight[outputs, inputs, 3, 3] += its gradient in winogradForward, whose geometry this is. Accumulates.
 *
 * @param scratch winogradKernelsScratchBytes(geometry, batch, inputs, outputs)
 */
export function winogradKernelsAcc(
  dWeight: usize, dy: usize, x: usize, geometry: usize, scratch: usize, batch: i32, inputs: i32, outputs: i32,
): void {
  assertAligned(scratch);
  const tiles = tilesOf(geometry, batch), block = blockOf(inputs, outputs, tiles);
  const uPart = partOf(<usize>(inputs * outputs) << 2), vPart = rowsPart(block, inputs);
  const gPart = partOf(packedBytes(block, outputs));
  const v = scratch + MATRICES * uPart, g = v + MATRICES * vPart, strip = g + MATRICES * gPart;
  const transposed = strip + partOf(STRIP_BYTES);
  memory.fill(scratch, 0, MATRICES * uPart);
  for (let start = 0; start < tiles; start += block) {
    const count = min(block, tiles - start);
    transformTiles(v, x, geometry, inputs, start, count, vPart, strip);
    transformGradients(g, dy, geometry, outputs, start, count, gPart, strip);
    for (let i: usize = 0; i < MATRICES; i++)
      gemmTNAcc(
        scratch + i * uPart, v + i * vPart, g + i * gPart, transposed, inputs, outputs, count, lanesOf(inputs), outputs,
      );
  }
  transformKernelsBackAcc(dWeight, scratch, outputs, inputs, uPart, strip);
}

// @ts-ignore: decorator
@inline
function imageBytes(geometry: usize, channels: i32): usize {
  return <usize>(load<i32>(geometry) * load<i32>(geometry, 4) * channels) << 2;
}

// @ts-ignore: decorator
@inline
function outputBytes(geometry: usize, channels: i32): usize {
  return <usize>(load<i32>(geometry, 16) * load<i32>(geometry, 20) * channels) << 2;
}
