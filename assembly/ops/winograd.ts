// Convolutions by 3 × 3 kernels at every place, in tiles of 2 × 2 outputs: Winograd's F(2 × 2, 3 × 3), as Lavin and Gray
// have it (Fast Algorithms for Convolutional Neural Networks, 2016). Per tile and pair of channels 16 multiplications instead
// of 36: with g a kernel and d the 4 × 4 elements that a tile's outputs read,
//   y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A,
//   G = [1 0 0; ½ ½ ½; ½ -½ ½; 0 0 1], Bᵀ = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 -1 0 1], Aᵀ = [1 1 1 0; 0 1 -1 1].
// Summed over channels, each of the 16 elements is a matrix product M = V · U, [tiles, channels] · [channels, outputs]. The
// gradients are those of the formula: dg = Gᵀ (Σ V ⊙ A dy Aᵀ) G, summed over tiles; an image's is a convolution of dy by
// the kernels turned by 180°.
//
// A geometry is six int32 words: height and width of the image, rows and columns of zeros before it, height and width of
// the output. Tiles count row by row.
import { gemm, gemmTNAcc, gemmTNScratchBytes } from "../gemm/gemm";
import { packedBytes } from "../gemm/panels";
import { assertAligned, assertApart } from "../simd/preconditions";
import {
  lanesOf, tilesAcross, transformGradients, transformKernels, transformKernelsBackAcc, transformProducts, transformTiles,
} from "./winograd-transforms";

/** Elements that the products of a block read and write: they stay in the second-level cache. */
const BLOCK_ELEMENTS: i32 = 96 * 1024;
/** Blocks are of whole register tiles, in either build. */
const WHOLE: i32 = 12;

/** Bytes from one of 16 matrices to the next: never a power of two, whose matrices would meet in one set of a cache. */
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
function tilesOf(geometry: usize): i32 {
  return ((load<i32>(geometry, 16) + 1) >> 1) * tilesAcross(geometry);
}

/** Tiles at a time: about as many in each block. */
function blockOf(from: i32, to: i32, tiles: i32): i32 {
  const most = max(BLOCK_ELEMENTS / 16 / (from + to), WHOLE);
  const count = (tiles + most - 1) / most;
  return min((tiles + count * WHOLE - 1) / (count * WHOLE) * WHOLE, tiles);
}

/** Bytes of scratch for a convolution from `from` to `to` channels, either way. */
export function winogradScratchBytes(geometry: usize, from: i32, to: i32): usize {
  const block = blockOf(from, to, tilesOf(geometry));
  return 16 * (rowsPart(block, from) + partOf(packedBytes(from, to)) + rowsPart(block, to)) + 64;
}

/**
 * y[batch, outputs, height', width'] = the convolution of x[batch, inputs, height, width] by weight[outputs, inputs, 3, 3], plus
 * bias[outputs] where it is not 0. Overwrites; no aliasing. Reads up to 12 bytes before x.
 *
 * @param scratch winogradScratchBytes(geometry, inputs, outputs)
 */
export function winogradForward(
  y: usize, x: usize, weight: usize, bias: usize, geometry: usize, scratch: usize, batch: i32, inputs: i32, outputs: i32,
): void {
  transformKernels(
    scratch, weight, inputs, outputs, 36, <usize>inputs * 36, false, partOf(packedBytes(inputs, outputs)),
  );
  convolve(y, x, bias, geometry, scratch, batch, inputs, outputs);
}

/**
 * dx[batch, inputs, …] of winogradForward. Overwrites; no aliasing. Reads up to 12 bytes before dy.
 *
 * @param geometry of dy as the image and dx as the output, 2 rows and columns of zeros before the one less those before the other
 * @param scratch winogradScratchBytes(geometry, outputs, inputs)
 */
export function winogradBackward(
  dx: usize, dy: usize, weight: usize, geometry: usize, scratch: usize, batch: i32, inputs: i32, outputs: i32,
): void {
  transformKernels(
    scratch, weight, outputs, inputs, <usize>inputs * 36, 36, true, partOf(packedBytes(outputs, inputs)),
  );
  convolve(dx, dy, 0, geometry, scratch, batch, outputs, inputs);
}

/** The convolution by the transformed kernels in front of the scratch. */
function convolve(
  y: usize, x: usize, bias: usize, geometry: usize, scratch: usize, batch: i32, from: i32, to: i32,
): void {
  assertAligned(scratch);
  const tiles = tilesOf(geometry), block = blockOf(from, to, tiles);
  const uPart = partOf(packedBytes(from, to)), vPart = rowsPart(block, from), mPart = rowsPart(block, to);
  const v = scratch + 16 * uPart, m = v + 16 * vPart;
  const xBytes = imageBytes(geometry, from), yBytes = outputBytes(geometry, to);
  assertApart(y, <usize>batch * yBytes, x, <usize>batch * xBytes);
  for (; batch > 0; batch--, x += xBytes, y += yBytes)
    for (let start = 0; start < tiles; start += block) {
      const count = min(block, tiles - start);
      transformTiles(v, x, geometry, from, start, count, vPart);
      for (let i: usize = 0; i < 16; i++)
        gemm(m + i * mPart, v + i * vPart, scratch + i * uPart, 0, count, to, from, lanesOf(from), lanesOf(to));
      transformProducts(y, m, bias, geometry, to, start, count, mPart);
    }
}

/** Bytes of scratch for the gradient of kernels. */
export function winogradKernelsScratchBytes(geometry: usize, inputs: i32, outputs: i32): usize {
  const block = blockOf(inputs, outputs, tilesOf(geometry));
  const parts = rowsPart(block, inputs) + partOf(packedBytes(block, outputs)) + partOf(<usize>(inputs * outputs) << 2);
  return 16 * parts + gemmTNScratchBytes(inputs) + 64;
}

/**
 * dWeight[outputs, inputs, 3, 3] += its gradient in winogradForward, whose geometry this is. Accumulates. Reads up to 12 bytes
 * before x.
 *
 * @param scratch winogradKernelsScratchBytes(geometry, inputs, outputs)
 */
export function winogradKernelsAcc(
  dWeight: usize, dy: usize, x: usize, geometry: usize, scratch: usize, batch: i32, inputs: i32, outputs: i32,
): void {
  assertAligned(scratch);
  const tiles = tilesOf(geometry), block = blockOf(inputs, outputs, tiles);
  const uPart = partOf(<usize>(inputs * outputs) << 2), vPart = rowsPart(block, inputs);
  const gPart = partOf(packedBytes(block, outputs));
  const v = scratch + 16 * uPart, g = v + 16 * vPart, transposed = g + 16 * gPart;
  const xBytes = imageBytes(geometry, inputs), yBytes = outputBytes(geometry, outputs);
  memory.fill(scratch, 0, 16 * uPart);
  for (; batch > 0; batch--, x += xBytes, dy += yBytes)
    for (let start = 0; start < tiles; start += block) {
      const count = min(block, tiles - start);
      transformTiles(v, x, geometry, inputs, start, count, vPart);
      transformGradients(g, dy, geometry, outputs, start, count, gPart);
      for (let i: usize = 0; i < 16; i++)
        gemmTNAcc(
          scratch + i * uPart, v + i * vPart, g + i * gPart, transposed, inputs, outputs, count, lanesOf(inputs), outputs,
        );
    }
  transformKernelsBackAcc(dWeight, scratch, outputs, inputs, uPart);
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
