// GRU over a sequence in PyTorch's form, which resets the recurrent product: n = tanh(x·W_in + b_in + r ⊙ (h·W_hn +
// b_hn)), h' = (1 - z) ⊙ n + z ⊙ h. Gates in PyTorch's order r, z, n. Dimensions, slabs, lengths, mask and the
// strides of `out` and `dOut` as in lstm.ts.
import { madd } from "../simd/madd";
import { storeLast } from "../simd/lanes";
import { vsigmoid, vtanh } from "../simd/activate";
import { masking, product, productBackwardAcc } from "./recurrent-product";
import { isActive } from "./rows";

/**
 * The recurrence. `gates` [T, B, 3H] holds x·W_ihᵀ + b_ih and becomes σ(r) σ(z) tanh(n); `candidate` [T, B, H] becomes
 * h·W_hnᵀ + b_hn; both 0 past a row's length. `hs`: the initial slab is read, the others are overwritten. `wh`:
 * W_hh [3H, H] packed for products of B rows; `bias` [3H] is b_hh, or 0. `lengths` [B] or 0, `mask` [B, H] or 0,
 * `masked` [T, B, H]. `scratch` [B, 3H].
 */
export function gruForward(
  out: usize, hs: usize, gates: usize, candidate: usize, wh: usize, bias: usize, lengths: usize, mask: usize,
  masked: usize, scratch: usize, outRow: i32, outTime: i32, T: i32, B: i32, H: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2;
  const bytes = <usize>H << 2;
  for (let step = 0; step < T; step++) {
    const t = reverse ? T - 1 - step : step;
    const before = hs + <usize>(reverse ? t + 1 : t) * slab;
    const after = hs + <usize>(reverse ? t : t + 1) * slab;
    const gate = gates + <usize>t * 3 * slab;
    const inner = candidate + <usize>t * slab;
    product(scratch, masking(before, mask, masked + <usize>t * slab, B * H), wh, bias, B, 3 * H, H);
    for (let row = 0; row < B; row++) {
      const at = <usize>row * bytes;
      const to = out + (<usize>(row * outRow + t * outTime) << 2);
      if (isActive(lengths, row, t)) {
        cellForward(to, after + at, before + at, gate + 3 * at, scratch + 3 * at, inner + at, H);
      } else {
        memory.copy(after + at, before + at, bytes);
        memory.fill(gate + 3 * at, 0, 3 * bytes);
        memory.fill(inner + at, 0, bytes);
        memory.fill(to, 0, bytes);
      }
    }
  }
}

/**
 * One step for B rows: h [B, H] is replaced by the next state. `gates`, `hidden` [B, 3H] are scratch; `wx`, `wh` are
 * W_ih [3H, I] and W_hh [3H, H] packed for products of B rows; `biasInput`, `biasHidden` [3H] are b_ih and b_hh, or 0.
 */
export function gruStep(
  h: usize, gates: usize, hidden: usize, x: usize, wx: usize, wh: usize, biasInput: usize, biasHidden: usize, B: i32,
  I: i32, H: i32,
): void {
  product(gates, x, wx, biasInput, B, 3 * H, I);
  product(hidden, h, wh, biasHidden, B, 3 * H, H);
  for (let row = 0; row < B; row++) {
    const at = <usize>(row * H) << 2;
    const inner = hidden + 3 * at;
    cellForward(h + at, h + at, h + at, gates + 3 * at, inner, inner + (<usize>H << 3), H);
  }
}

/**
 * Backpropagation through time. `gates` and `candidate` hold what gruForward left there. `gates` becomes the gradient
 * before the activations on the side of the recurrent product, dr dz dn ⊙ r, from which follow dW_hh and db_hh;
 * `candidate` becomes dn: in the third block of `gates` it makes the gradient on the side of the input. Both are 0
 * past a row's length. `dh` [B, H] holds the gradient of the final state and becomes that of the initial one. `wh`:
 * W_hh packed for gradients of B rows. `scratch` [B, H], for a mask only. `dOut` is not read past a row's length.
 */
export function gruBackward(
  dh: usize, gates: usize, candidate: usize, hs: usize, dOut: usize, wh: usize, lengths: usize, mask: usize,
  scratch: usize, outRow: i32, outTime: i32, T: i32, B: i32, H: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2;
  for (let step = T - 1; step >= 0; step--) {
    const t = reverse ? T - 1 - step : step;
    const before = hs + <usize>(reverse ? t + 1 : t) * slab;
    const gate = gates + <usize>t * 3 * slab;
    for (let row = 0; row < B; row++) {
      // A row past its length: its gates are 0 already, and its gradient passes through.
      if (!isActive(lengths, row, t)) continue;
      const at = <usize>(row * H) << 2;
      const from = dOut + (<usize>(row * outRow + t * outTime) << 2);
      cellBackward(dh + at, gate + 3 * at, candidate + <usize>t * slab + at, before + at, from, H);
    }
    productBackwardAcc(dh, gate, wh, mask, scratch, B, H, 3 * H, 3 * H);
  }
}

/** One row of a step: gates become activations; `candidate` = the third block of `hidden`; h' also to `out`. */
function cellForward(out: usize, h: usize, hBefore: usize, gates: usize, hidden: usize, candidate: usize, H: i32): void {
  const size = <usize>H << 2;
  let gate = gates, sum = hidden;
  for (let rest = 2 * H; ; rest -= 4, gate += 16, sum += 16) {
    const v = vsigmoid(f32x4.add(v128.load(gate), v128.load(sum)));
    if (rest <= 4) {
      storeLast(gate, v, rest);
      break;
    }
    v128.store(gate, v);
  }
  hidden += 2 * size;
  for (let rest = H; ; rest -= 4) {
    const inner = v128.load(hidden);
    const n = vtanh(madd(v128.load(gates), inner, v128.load(gates + 2 * size)));
    const next = madd(v128.load(gates + size), f32x4.sub(v128.load(hBefore), n), n);
    if (rest <= 4) {
      storeLast(gates + 2 * size, n, rest);
      storeLast(candidate, inner, rest);
      storeLast(h, next, rest);
      return storeLast(out, next, rest);
    }
    v128.store(gates + 2 * size, n);
    v128.store(candidate, inner);
    v128.store(h, next);
    v128.store(out, next);
    gates += 16;
    hidden += 16;
    candidate += 16;
    hBefore += 16;
    h += 16;
    out += 16;
  }
}

/** One row of a step backwards: gates and candidate become gradients; dh becomes what passes by z alone. */
function cellBackward(dh: usize, gates: usize, candidate: usize, hBefore: usize, dOut: usize, H: i32): void {
  const size = <usize>H << 2;
  const one = f32x4.splat(1);
  for (let rest = H; ; rest -= 4) {
    const r = v128.load(gates), z = v128.load(gates + size), n = v128.load(gates + 2 * size);
    const dy = f32x4.add(v128.load(dh), v128.load(dOut));
    const keep = f32x4.sub(one, z);
    const dn = f32x4.mul(f32x4.mul(dy, keep), f32x4.sub(one, f32x4.mul(n, n)));
    const dz = f32x4.mul(f32x4.mul(dy, f32x4.sub(v128.load(hBefore), n)), f32x4.mul(z, keep));
    const hidden = f32x4.mul(dn, r);
    const dr = f32x4.mul(f32x4.mul(hidden, v128.load(candidate)), f32x4.sub(one, r));
    const passed = f32x4.mul(dy, z);
    if (rest <= 4) {
      storeLast(gates, dr, rest);
      storeLast(gates + size, dz, rest);
      storeLast(gates + 2 * size, hidden, rest);
      storeLast(candidate, dn, rest);
      return storeLast(dh, passed, rest);
    }
    v128.store(gates, dr);
    v128.store(gates + size, dz);
    v128.store(gates + 2 * size, hidden);
    v128.store(candidate, dn);
    v128.store(dh, passed);
    gates += 16;
    candidate += 16;
    hBefore += 16;
    dh += 16;
    dOut += 16;
  }
}
