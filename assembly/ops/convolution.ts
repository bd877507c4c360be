// Between an image and the columns that a convolution multiplies: each output position's window, laid out as
// a column of a matrix [channels · kernelHeight · kernelWidth, positions].
//
// The image is [channels, height, width], its padding included. A geometry is ten int32 words: channels, elements
// of a channel, width, kernel height and width, stride down and across, dilation down and across, output width.
// Positions count row by row.
import { tilePanel } from "../gemm/panels";
import { addRow, copyRow } from "../simd/rows";

/** n elements, `step` bytes apart in the image, side by side in the columns. */
// @ts-ignore: decorator
@inline
function moveRun(folds: bool, columns: usize, image: usize, n: i32, step: usize): void {
  if (step == 4) {
    if (folds) addRow(image, columns, n);
    else copyRow(columns, image, n);
  } else
    for (; n > 0; n--, columns += 4, image += step) {
      if (folds) store<f32>(image, load<f32>(image) + load<f32>(columns));
      else store<f32>(columns, load<f32>(image));
    }
}

/** Columns `from` to `from + count` of the matrix, whose rows are `ld` elements apart: a run for each output row. */
// @ts-ignore: decorator
@inline
function moveColumns(folds: bool, columns: usize, image: usize, geometry: usize, from: i32, count: i32, ld: i32): void {
  const channels = load<i32>(geometry), plane = load<u32>(geometry, 4) << 2, width = load<u32>(geometry, 8) << 2;
  const kernelHeight = load<i32>(geometry, 12), kernelWidth = load<i32>(geometry, 16);
  const down = load<u32>(geometry, 20) * width, across = load<u32>(geometry, 24) << 2;
  const tapDown = load<u32>(geometry, 28) * width, tapAcross = load<u32>(geometry, 32) << 2;
  const outWidth = load<i32>(geometry, 36);
  while (count > 0) {
    const row = from / outWidth, column = from % outWidth;
    const run = min(count, outWidth - column);
    let at = columns;
    let channel = image + row * down + column * across;
    for (let c = 0; c < channels; c++, channel += plane) {
      let line = channel;
      for (let y = 0; y < kernelHeight; y++, line += tapDown) {
        let tap = line;
        for (let x = 0; x < kernelWidth; x++, tap += tapAcross, at += <usize>ld << 2) moveRun(folds, at, tap, run, across);
      }
    }
    from += run;
    count -= run;
    columns += <usize>run << 2;
  }
}

/** A call, to have the loops once for both layouts of the columns. */
function unfoldColumns(columns: usize, image: usize, geometry: usize, from: i32, count: i32, ld: i32): void {
  moveColumns(false, columns, image, geometry, from, count, ld);
}

/** out[channels · kernel, count] = the windows of positions `from` to `from + count`. Overwrites; no aliasing. */
export function unfold(out: usize, image: usize, geometry: usize, from: i32, count: i32): void {
  unfoldColumns(out, image, geometry, from, count, count);
}

/** As unfold, in the panels of packB: what gemm multiplies with. */
export function unfoldPacked(out: usize, image: usize, geometry: usize, from: i32, count: i32): void {
  const depth = load<i32>(geometry) * load<i32>(geometry, 12) * load<i32>(geometry, 16);
  for (let j = 0, w = 0; j < count; j += w) {
    w = tilePanel(count - j);
    unfoldColumns(out, image, geometry, from + j, min(w, count - j), w);
    out += (<usize>depth * w) << 2;
  }
}

/** image += the columns[channels · kernel, count] of positions `from` to `from + count`, each element where unfold took it. Accumulates; no aliasing. */
export function foldAcc(image: usize, columns: usize, geometry: usize, from: i32, count: i32): void {
  moveColumns(true, columns, image, geometry, from, count, count);
}
