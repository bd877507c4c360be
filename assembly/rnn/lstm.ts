// LSTM over a sequence, forward and backward, gates in PyTorch's order i, f, g, o. Dimensions: T time,
// B batch, H hidden. Everything inside is time-major, [T, B, ·]; states are slabs [T + 1, B, H]: read
// forwards slab 0 is the initial state and slab t + 1 the one after step t; read in reverse slab T is
// the initial state and slab t the one after step t. `mask` [B, H] or 0 is the dropout of the recurrence (Gal and
// Ghahramani 2016): every step's product reads h ⊙ mask, kept in `masked` [T, B, H], slab t for step t.
import { storeLast } from "../simd/lanes";
import { madd } from "../simd/madd";
import { vtanh } from "../simd/activate";
import { assertApart } from "../simd/preconditions";
import { sigmoidForward, tanhForward } from "../ops/activation-gates";
import { masking, product, productAcc, productBackward } from "./recurrent-product";
import { isActive } from "./rows";

/**
 * The recurrence. `gates` [T, B, 4H] holds x·W_ihᵀ + b_ih + b_hh and becomes σ(i) σ(f) tanh(g) σ(o), 0 past
 * a row's length. `hs`, `cs`: the initial slab is read, the others are overwritten. The output of row b at
 * step t goes to out + (b·outRow + t·outTime) elements, 0 past the row's length. `wh`: W_hh [4H, H] packed for
 * products of B rows. `lengths` [B] or 0, `mask` [B, H] or 0.
 */
export function lstmForward(
  out: usize, hs: usize, cs: usize, gates: usize, wh: usize, lengths: usize, mask: usize, masked: usize,
  outRow: i32, outTime: i32, T: i32, B: i32, H: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2;
  assertApart(hs, <usize>(T + 1) * slab, cs, <usize>(T + 1) * slab);
  assertApart(gates, <usize>(4 * T) * slab, hs, <usize>(T + 1) * slab);
  for (let step = 0; step < T; step++) {
    const t = reverse ? T - 1 - step : step;
    const before = <usize>(reverse ? t + 1 : t) * slab;
    const after = <usize>(reverse ? t : t + 1) * slab;
    const gate = gates + <usize>t * 4 * slab;
    productAcc(gate, masking(hs + before, mask, masked + <usize>t * slab, B * H), wh, B, 4 * H, H);
    for (let row = 0; row < B; row++) {
      const at = <usize>(row * H) << 2;
      const to = out + (<usize>(row * outRow + t * outTime) << 2);
      if (isActive(lengths, row, t)) cellForward(to, hs + after + at, cs + after + at, cs + before + at, gate + 4 * at, H);
      else {
        memory.copy(hs + after + at, hs + before + at, <usize>H << 2);
        memory.copy(cs + after + at, cs + before + at, <usize>H << 2);
        memory.fill(gate + 4 * at, 0, <usize>H << 4);
        memory.fill(to, 0, <usize>H << 2);
      }
    }
  }
}

/**
 * One step for B rows: h, c [B, H] are replaced by the next state. `gates` [B, 4H] is scratch; `wx`, `wh` are
 * W_ih [4H, I] and W_hh [4H, H] packed for products of B rows; `bias` [4H] is b_ih + b_hh.
 */
export function lstmStep(
  h: usize, c: usize, gates: usize, x: usize, wx: usize, wh: usize, bias: usize, B: i32, I: i32, H: i32,
): void {
  product(gates, x, wx, bias, B, 4 * H, I);
  productAcc(gates, h, wh, B, 4 * H, H);
  for (let row = 0; row < B; row++) {
    const at = <usize>(row * H) << 2;
    cellForward(h + at, h + at, c + at, c + at, gates + 4 * at, H);
  }
}

/**
 * Backpropagation through time. `gates` holds what lstmForward left there and becomes the gradient before
 * the activations, 0 past a row's length. `dh`, `dc` [B, H] hold the gradient of the final state and become
 * that of the initial one. The gradient of the output of row b at step t is read at
 * dOut + (b·outRow + t·outTime) elements; past the row's length it is ignored, whatever it is. `wh`: W_hh
 * [4H, H] packed for gradients of B rows.
 */
export function lstmBackward(
  dh: usize, dc: usize, gates: usize, cs: usize, dOut: usize, wh: usize, lengths: usize, mask: usize, outRow: i32,
  outTime: i32, T: i32, B: i32, H: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2;
  for (let step = T - 1; step >= 0; step--) {
    const t = reverse ? T - 1 - step : step;
    const before = <usize>(reverse ? t + 1 : t) * slab;
    const after = <usize>(reverse ? t : t + 1) * slab;
    const gate = gates + <usize>t * 4 * slab;
    for (let row = 0; row < B; row++) {
      // A row past its length: its gates are 0 already, and its gradients pass through.
      if (!isActive(lengths, row, t)) continue;
      const at = <usize>(row * H) << 2;
      const from = dOut + (<usize>(row * outRow + t * outTime) << 2);
      cellBackward(dh + at, dc + at, gate + 4 * at, cs + after + at, cs + before + at, from, H);
    }
    productBackward(dh, gate, wh, lengths, mask, t, B, H, 4 * H);
  }
}

/**
 * One row of a step: gates become activations; c = f·c' + i·g; h = o·tanh(c), also to `out`. h, c, c' may be
 * one. Gate by gate: short loops of independent vectors overlap better than one loop of five functions.
 */
export function cellForward(out: usize, h: usize, c: usize, cBefore: usize, gates: usize, H: i32): void {
  const size = <usize>H << 2;
  sigmoidForward(gates, gates, 2 * H);
  tanhForward(gates + 2 * size, gates + 2 * size, H);
  sigmoidForward(gates + 3 * size, gates + 3 * size, H);
  for (let rest = H; ; rest -= 4) {
    const input = f32x4.mul(v128.load(gates), v128.load(gates + 2 * size));
    const next = madd(v128.load(gates + size), v128.load(cBefore), input);
    const y = f32x4.mul(v128.load(gates + 3 * size), vtanh(next));
    if (rest <= 4) {
      storeLast(c, next, rest);
      storeLast(h, y, rest);
      return storeLast(out, y, rest);
    }
    v128.store(c, next);
    v128.store(h, y);
    v128.store(out, y);
    gates += 16;
    c += 16;
    cBefore += 16;
    h += 16;
    out += 16;
  }
}

/** One row of a step backwards. dh is read only. */
function cellBackward(dh: usize, dc: usize, gates: usize, c: usize, cBefore: usize, dOut: usize, H: i32): void {
  gateGradients(dh, dOut, true, dc, gates, c, cBefore, H);
}

/**
 * Gates become gradients; dc becomes that of c'. The gradient of o ⊙ tanh(c) is `dy`, or with `sum`, which must be
 * a literal, dy + dOut.
 */
// @ts-ignore: decorator
@inline
export function gateGradients(
  dy: usize, dOut: usize, sum: bool, dc: usize, gates: usize, c: usize, cBefore: usize, H: i32,
): void {
  const size = <usize>H << 2;
  const one = f32x4.splat(1);
  for (let rest = H; ; rest -= 4) {
    const i = v128.load(gates), f = v128.load(gates + size);
    const g = v128.load(gates + 2 * size), o = v128.load(gates + 3 * size);
    const y = vtanh(v128.load(c));
    let d = v128.load(dy);
    if (sum) d = f32x4.add(d, v128.load(dOut));
    const dNext = madd(f32x4.mul(d, o), f32x4.sub(one, f32x4.mul(y, y)), v128.load(dc));
    const dOfI = f32x4.mul(f32x4.mul(dNext, g), slope(i, one));
    const dOfF = f32x4.mul(f32x4.mul(dNext, v128.load(cBefore)), slope(f, one));
    const dOfG = f32x4.mul(f32x4.mul(dNext, i), f32x4.sub(one, f32x4.mul(g, g)));
    const dOfO = f32x4.mul(f32x4.mul(d, y), slope(o, one));
    const dBefore = f32x4.mul(dNext, f);
    if (rest <= 4) {
      storeLast(gates, dOfI, rest);
      storeLast(gates + size, dOfF, rest);
      storeLast(gates + 2 * size, dOfG, rest);
      storeLast(gates + 3 * size, dOfO, rest);
      return storeLast(dc, dBefore, rest);
    }
    v128.store(gates, dOfI);
    v128.store(gates + size, dOfF);
    v128.store(gates + 2 * size, dOfG);
    v128.store(gates + 3 * size, dOfO);
    v128.store(dc, dBefore);
    gates += 16;
    c += 16;
    cBefore += 16;
    dy += 16;
    dc += 16;
    if (sum) dOut += 16;
  }
}

/** σ' by the output: y(1 - y). */
// @ts-ignore: decorator
@inline
function slope(y: v128, one: v128): v128 {
  return f32x4.mul(y, f32x4.sub(one, y));
}
