// GRU over a sequence in the textbook's form (Cho et al. 2014), which resets the state before the product:
// n = tanh(x·W_in + b_in + (r ⊙ h)·W_hn + b_hn), h' = (1 - z) ⊙ n + z ⊙ h. Gates in the order r, z, n. W_hh [3H, H] comes in
// two parts, packed apart: `whGates`, its first 2H rows, and `whCandidate`. Dimensions, slabs, lengths, mask and the
// strides of `out` and `dOut` as in lstm.ts; with a mask both products read h ⊙ mask.
import { madd } from "../simd/madd";
import { addLast, storeLast } from "../simd/lanes";
import { vtanh } from "../simd/activate";
import { mul } from "../ops/broadcast";
import { sigmoidForward } from "../ops/activation-gates";
import { masking, product, productAcc, productBackwardAcc } from "./recurrent-product";
import { isActive } from "./rows";

/**
 * The recurrence. `gates` [T, B, 3H] holds x·W_ihᵀ + b_ih + b_hh and becomes σ(r) σ(z) tanh(n), 0 past a row's length.
 * `resets` [T, B, H] becomes r ⊙ h, or r ⊙ h ⊙ mask. `hs`: the initial slab is read, the others are overwritten.
 * `lengths` [B] or 0, `mask` [B, H] or 0, `masked` [T, B, H].
 */
export function gruResetBeforeForward(
  out: usize, hs: usize, gates: usize, resets: usize, whGates: usize, whCandidate: usize, lengths: usize, mask: usize,
  masked: usize, outRow: i32, outTime: i32, T: i32, B: i32, H: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2;
  const bytes = <usize>H << 2;
  for (let step = 0; step < T; step++) {
    const t = reverse ? T - 1 - step : step;
    const before = hs + <usize>(reverse ? t + 1 : t) * slab;
    const after = hs + <usize>(reverse ? t : t + 1) * slab;
    const gate = gates + <usize>t * 3 * slab;
    const reset = resets + <usize>t * slab;
    hiddenProducts(gate, reset, masking(before, mask, masked + <usize>t * slab, B * H), whGates, whCandidate, B, H);
    for (let row = 0; row < B; row++) {
      const at = <usize>row * bytes;
      const to = out + (<usize>(row * outRow + t * outTime) << 2);
      if (isActive(lengths, row, t)) mixForward(to, after + at, before + at, gate + 3 * at, H);
      else {
        memory.copy(after + at, before + at, bytes);
        memory.fill(gate + 3 * at, 0, 3 * bytes);
        memory.fill(reset + at, 0, bytes);
        memory.fill(to, 0, bytes);
      }
    }
  }
}

/**
 * One step for B rows: h [B, H] is replaced by the next state. `gates` [B, 3H] and `reset` [B, H] are scratch; `wx` is
 * W_ih [3H, I]; all weights are packed for products of B rows; `bias` [3H] is b_ih + b_hh, or 0.
 */
export function gruResetBeforeStep(
  h: usize, gates: usize, reset: usize, x: usize, wx: usize, whGates: usize, whCandidate: usize, bias: usize, B: i32,
  I: i32, H: i32,
): void {
  product(gates, x, wx, bias, B, 3 * H, I);
  hiddenProducts(gates, reset, h, whGates, whCandidate, B, H);
  for (let row = 0; row < B; row++) {
    const at = <usize>(row * H) << 2;
    mixForward(h + at, h + at, h + at, gates + 3 * at, H);
  }
}

/**
 * Backpropagation through time. `gates` holds what gruResetBeforeForward left there and becomes the gradient before
 * the activations, dr dz dn, 0 past a row's length; `masked` is what forward left, read with a mask only. `dh` [B, H]
 * holds the gradient of the final state and becomes that of the initial one. The weights are packed for gradients of
 * B rows. `scratch` [B, H]. `dOut` is not read past a row's length.
 */
export function gruResetBeforeBackward(
  dh: usize, gates: usize, hs: usize, dOut: usize, whGates: usize, whCandidate: usize, lengths: usize, mask: usize,
  masked: usize, scratch: usize, outRow: i32, outTime: i32, T: i32, B: i32, H: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2;
  for (let step = T - 1; step >= 0; step--) {
    const t = reverse ? T - 1 - step : step;
    const before = hs + <usize>(reverse ? t + 1 : t) * slab;
    const read = mask ? masked + <usize>t * slab : before;
    const gate = gates + <usize>t * 3 * slab;
    for (let row = 0; row < B; row++) {
      // A row past its length: its gates are 0 already, and its gradient passes through.
      if (!isActive(lengths, row, t)) continue;
      const at = <usize>(row * H) << 2;
      const from = dOut + (<usize>(row * outRow + t * outTime) << 2);
      mixBackward(dh + at, gate + 3 * at, before + at, from, H);
    }
    // The gradient of r ⊙ h, then its two factors'.
    product(scratch, gate + (<usize>H << 3), whCandidate, 0, B, H, H, 3 * H);
    for (let row = 0; row < B; row++) {
      if (!isActive(lengths, row, t)) continue;
      const at = <usize>(row * H) << 2;
      resetBackward(dh + at, gate + 3 * at, scratch + at, read + at, mask ? mask + at : 0, H);
    }
    productBackwardAcc(dh, gate, whGates, mask, scratch, B, H, 2 * H, 3 * H);
  }
}

/** The products of a step, and between them what stands between them: r and z become activations, reset = r ⊙ h. */
function hiddenProducts(
  gates: usize, reset: usize, h: usize, whGates: usize, whCandidate: usize, B: i32, H: i32,
): void {
  productAcc(gates, h, whGates, B, 2 * H, H, H, 3 * H);
  for (let row = 0; row < B; row++) {
    const at = <usize>(row * H) << 2;
    sigmoidForward(gates + 3 * at, gates + 3 * at, 2 * H);
    mul(reset + at, gates + 3 * at, h + at, H);
  }
  productAcc(gates + (<usize>H << 3), reset, whCandidate, B, H, H, H, 3 * H);
}

/** One row: n becomes its activation; h' = (1 - z) ⊙ n + z ⊙ h, also to `out`. */
function mixForward(out: usize, h: usize, hBefore: usize, gates: usize, H: i32): void {
  const size = <usize>H << 2;
  for (let rest = H; ; rest -= 4) {
    const n = vtanh(v128.load(gates + 2 * size));
    const next = madd(v128.load(gates + size), f32x4.sub(v128.load(hBefore), n), n);
    if (rest <= 4) {
      storeLast(gates + 2 * size, n, rest);
      storeLast(h, next, rest);
      return storeLast(out, next, rest);
    }
    v128.store(gates + 2 * size, n);
    v128.store(h, next);
    v128.store(out, next);
    gates += 16;
    hBefore += 16;
    h += 16;
    out += 16;
  }
}

/** One row backwards: z and n become gradients; dh becomes what passes by z alone. */
function mixBackward(dh: usize, gates: usize, hBefore: usize, dOut: usize, H: i32): void {
  const size = <usize>H << 2;
  const one = f32x4.splat(1);
  for (let rest = H; ; rest -= 4) {
    const z = v128.load(gates + size), n = v128.load(gates + 2 * size);
    const dy = f32x4.add(v128.load(dh), v128.load(dOut));
    const keep = f32x4.sub(one, z);
    const dz = f32x4.mul(f32x4.mul(dy, f32x4.sub(v128.load(hBefore), n)), f32x4.mul(z, keep));
    const dn = f32x4.mul(f32x4.mul(dy, keep), f32x4.sub(one, f32x4.mul(n, n)));
    const passed = f32x4.mul(dy, z);
    if (rest <= 4) {
      storeLast(gates + size, dz, rest);
      storeLast(gates + 2 * size, dn, rest);
      return storeLast(dh, passed, rest);
    }
    v128.store(gates + size, dz);
    v128.store(gates + 2 * size, dn);
    v128.store(dh, passed);
    gates += 16;
    hBefore += 16;
    dh += 16;
    dOut += 16;
  }
}

/** One row backwards through r ⊙ read, whose gradient is `d`: r becomes its gradient, and dh += d ⊙ r (⊙ mask). */
function resetBackward(dh: usize, r: usize, d: usize, read: usize, mask: usize, H: i32): void {
  const one = f32x4.splat(1);
  for (let at: usize = 0, rest = H; ; rest -= 4, at += 16) {
    const v = v128.load(r + at);
    let through = f32x4.mul(v128.load(d + at), v);
    const dr = f32x4.mul(f32x4.mul(through, v128.load(read + at)), f32x4.sub(one, v));
    if (mask) through = f32x4.mul(through, v128.load(mask + at));
    if (rest <= 4) {
      storeLast(r + at, dr, rest);
      return addLast(dh + at, through, rest);
    }
    v128.store(r + at, dr);
    v128.store(dh + at, f32x4.add(v128.load(dh + at), through));
  }
}
