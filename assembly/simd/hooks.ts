// Exported loops over the vector functions that no kernel exposes as they are, for their tests.
import { storeLast } from "./lanes";
import { vexpFlushed, vlog1p } from "./exp";
import { vexp2 } from "./exp2";
import { vsinTurn } from "./trig";

export function simdExpFlushed(out: usize, x: usize, n: i32): void {
  for (; ; n -= 4, out += 16, x += 16) {
    const v = vexpFlushed(v128.load(x));
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}

export function simdLog1p(out: usize, x: usize, n: i32): void {
  for (; ; n -= 4, out += 16, x += 16) {
    const v = vlog1p(v128.load(x));
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}

export function simdSinTurn(out: usize, words: usize, n: i32): void {
  for (; ; n -= 4, out += 16, words += 16) {
    const v = vsinTurn(v128.load(words));
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}

export function simdExp2(out: usize, x: usize, n: i32): void {
  for (; ; n -= 4, out += 16, x += 16) {
    const v = vexp2(v128.load(x));
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}
