// Exported loops over the vector functions that no kernel exposes as they are, for their tests.
import { storeLanes } from "./lanes";
import { vexpFlushed, vlog1p } from "./exp";
import { vsinTurn } from "./trig";

export function simdExpFlushed(out: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 4, out += 16, x += 16) storeLanes(out, vexpFlushed(v128.load(x)), n);
}

export function simdLog1p(out: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 4, out += 16, x += 16) storeLanes(out, vlog1p(v128.load(x)), n);
}

export function simdSinTurn(out: usize, words: usize, n: i32): void {
  for (; n > 0; n -= 4, out += 16, words += 16) storeLanes(out, vsinTurn(v128.load(words)), n);
}
