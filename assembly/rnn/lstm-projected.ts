// LSTM with a projection (Sak et al. 2014, PyTorch's projSize): h = (o ⊙ tanh(c))·W_hrᵀ of size P, W_hr [P, H]. Otherwise
// as lstm.ts; slabs of h are [T + 1, B, P], mask and masked are [B, P] and [T, B, P].
import { add } from "../ops/broadcast";
import { cellForward, gateGradients } from "./lstm";
import { masking, product, productAcc, productBackward } from "./recurrent-product";
import { isActive } from "./rows";

/**
 * The recurrence, as lstmForward. `ys` [T, B, H] becomes o ⊙ tanh(c), 0 past a row's length. `wh` is W_hh [4H, P] and
 * `wr` W_hr, packed for products of B rows.
 */
export function lstmProjectedForward(
  out: usize, hs: usize, cs: usize, ys: usize, gates: usize, wh: usize, wr: usize, lengths: usize, mask: usize,
  masked: usize, outRow: i32, outTime: i32, T: i32, B: i32, H: i32, P: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2, hSlab = <usize>(B * P) << 2;
  const bytes = <usize>H << 2, hBytes = <usize>P << 2;
  for (let step = 0; step < T; step++) {
    const t = reverse ? T - 1 - step : step;
    const before = <usize>(reverse ? t + 1 : t), after = <usize>(reverse ? t : t + 1);
    const h = hs + after * hSlab, hBefore = hs + before * hSlab;
    const c = cs + after * slab, cBefore = cs + before * slab;
    const gate = gates + <usize>t * 4 * slab;
    const y = ys + <usize>t * slab;
    productAcc(gate, masking(hBefore, mask, masked + <usize>t * hSlab, B * P), wh, B, 4 * H, P);
    for (let row = 0; row < B; row++) {
      const at = <usize>row * bytes;
      if (isActive(lengths, row, t)) cellForward(y + at, y + at, c + at, cBefore + at, gate + 4 * at, H);
      else {
        memory.copy(c + at, cBefore + at, bytes);
        memory.fill(gate + 4 * at, 0, 4 * bytes);
        memory.fill(y + at, 0, bytes);
      }
    }
    product(h, y, wr, 0, B, P, H);
    for (let row = 0; row < B; row++) {
      const at = <usize>row * hBytes;
      const to = out + (<usize>(row * outRow + t * outTime) << 2);
      if (isActive(lengths, row, t)) memory.copy(to, h + at, hBytes);
      else {
        memory.copy(h + at, hBefore + at, hBytes);
        memory.fill(to, 0, hBytes);
      }
    }
  }
}

/**
 * One step for B rows: h [B, P] and c [B, H] are replaced by the next state. `y` [B, H] and `gates` [B, 4H] are
 * scratch; `wx`, `wh`, `wr` are W_ih [4H, I], W_hh and W_hr packed for products of B rows; `bias` [4H] is
 * b_ih + b_hh, or 0.
 */
export function lstmProjectedStep(
  h: usize, c: usize, y: usize, gates: usize, x: usize, wx: usize, wh: usize, wr: usize, bias: usize, B: i32, I: i32,
  H: i32, P: i32,
): void {
  product(gates, x, wx, bias, B, 4 * H, I);
  productAcc(gates, h, wh, B, 4 * H, P);
  for (let row = 0; row < B; row++) {
    const at = <usize>(row * H) << 2;
    cellForward(y + at, y + at, c + at, c + at, gates + 4 * at, H);
  }
  product(h, y, wr, 0, B, P, H);
}

/**
 * Backpropagation through time, as lstmBackward; dh is [B, P], dc [B, H]. `dhs` [T, B, P] becomes the whole gradient
 * of h after each step, 0 past a row's length, from which follows dW_hr = dhsᵀ·ys. `wh`, `wr` are packed for
 * gradients of B rows. `scratch` [B, H].
 */
export function lstmProjectedBackward(
  dh: usize, dc: usize, dhs: usize, gates: usize, cs: usize, dOut: usize, wh: usize, wr: usize, lengths: usize,
  mask: usize, scratch: usize, outRow: i32, outTime: i32, T: i32, B: i32, H: i32, P: i32, reverse: i32,
): void {
  const slab = <usize>(B * H) << 2, hSlab = <usize>(B * P) << 2;
  for (let step = T - 1; step >= 0; step--) {
    const t = reverse ? T - 1 - step : step;
    const before = cs + <usize>(reverse ? t + 1 : t) * slab;
    const after = cs + <usize>(reverse ? t : t + 1) * slab;
    const gate = gates + <usize>t * 4 * slab;
    const dy = dhs + <usize>t * hSlab;
    for (let row = 0; row < B; row++) {
      const at = <usize>(row * P) << 2;
      if (isActive(lengths, row, t)) add(dy + at, dh + at, dOut + (<usize>(row * outRow + t * outTime) << 2), P);
      else memory.fill(dy + at, 0, <usize>P << 2);
    }
    product(scratch, dy, wr, 0, B, H, P);
    for (let row = 0; row < B; row++) {
      // A row past its length: its gates are 0 already, and its gradients pass through.
      if (!isActive(lengths, row, t)) continue;
      const at = <usize>(row * H) << 2;
      gateGradients(scratch + at, 0, false, dc + at, gate + 4 * at, after + at, before + at, H);
    }
    productBackward(dh, gate, wh, lengths, mask, t, B, P, 4 * H);
  }
}
