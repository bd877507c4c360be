// Elman's RNN over a sequence, forward and backward: h = tanh(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh), or with ReLU.
// Dimensions, slabs, lengths, mask and the strides of `out` and `dOut` as in lstm.ts.
import { add } from "../ops/broadcast";
import { tanhBackward, tanhForward } from "../ops/activation-gates";
import { reluBackward, reluForward } from "../ops/activation-rectifiers";
import { masking, product, productAcc, productBackward } from "./recurrent-product";
import { isActive } from "./rows";

/**
 * The recurrence. `gates` [T, B, H] holds x·W_ihᵀ + b_ih + b_hh; what it holds afterwards is for rnnBackward
 * alone. `hs`: the initial slab is read, the others are overwritten. `wh`: W_hh [H, H] packed for products.
 * `lengths` [B] or 0, `mask` [B, H] or 0, `masked` [T, B, H]. `relu`: 1 for ReLU, 0 for tanh.
 */
export function rnnForward(
  out: usize, hs: usize, gates: usize, wh: usize, lengths: usize, mask: usize, masked: usize, outRow: i32,
  outTime: i32, T: i32, B: i32, H: i32, reverse: i32, relu: i32,
): void {
  const slab = <usize>(B * H) << 2;
  const bytes = <usize>H << 2;
  for (let step = 0; step < T; step++) {
    const t = reverse ? T - 1 - step : step;
    const before = hs + <usize>(reverse ? t + 1 : t) * slab;
    const after = hs + <usize>(reverse ? t : t + 1) * slab;
    const gate = gates + <usize>t * slab;
    productAcc(gate, masking(before, mask, masked + <usize>t * slab, B * H), wh, B, H, H);
    activate(after, gate, B * H, relu);
    for (let row = 0; row < B; row++) {
      const at = <usize>row * bytes;
      const to = out + (<usize>(row * outRow + t * outTime) << 2);
      if (isActive(lengths, row, t)) memory.copy(to, after + at, bytes);
      else {
        memory.copy(after + at, before + at, bytes);
        memory.fill(gate + at, 0, bytes);
        memory.fill(to, 0, bytes);
      }
    }
  }
}

/**
 * One step for B rows: h [B, H] is replaced by the next state. `gates` [B, H] is scratch; `wx`, `wh` are
 * W_ih [H, I] and W_hh [H, H] packed for products; `bias` [H] is b_ih + b_hh.
 */
export function rnnStep(
  h: usize, gates: usize, x: usize, wx: usize, wh: usize, bias: usize, B: i32, I: i32, H: i32, relu: i32,
): void {
  product(gates, x, wx, bias, B, H, I);
  productAcc(gates, h, wh, B, H, H);
  activate(h, gates, B * H, relu);
}

/**
 * Backpropagation through time. `gates` is what rnnForward left and becomes the gradient before the
 * activation, 0 past a row's length. `dh` [B, H] holds the gradient of the final state and becomes that of
 * the initial one. `wh`: W_hh packed for gradients. `dOut` is not read past a row's length.
 */
export function rnnBackward(
  dh: usize, gates: usize, hs: usize, dOut: usize, wh: usize, lengths: usize, mask: usize, outRow: i32,
  outTime: i32, T: i32, B: i32, H: i32, reverse: i32, relu: i32,
): void {
  const slab = <usize>(B * H) << 2;
  for (let step = T - 1; step >= 0; step--) {
    const t = reverse ? T - 1 - step : step;
    const after = hs + <usize>(reverse ? t : t + 1) * slab;
    const gate = gates + <usize>t * slab;
    for (let row = 0; row < B; row++) {
      // A row past its length: its gate is 0 already.
      if (!isActive(lengths, row, t)) continue;
      const at = <usize>(row * H) << 2;
      add(gate + at, dh + at, dOut + (<usize>(row * outRow + t * outTime) << 2), H);
      if (relu) reluBackward(gate + at, gate + at, after + at, H);
      else tanhBackward(gate + at, gate + at, after + at, H);
    }
    productBackward(dh, gate, wh, lengths, mask, t, B, H, H);
  }
}

/** All rows at once: those past their length are put right afterwards. */
// @ts-ignore: decorator
@inline
function activate(h: usize, gates: usize, n: i32, relu: i32): void {
  if (relu) reluForward(h, gates, n);
  else tanhForward(h, gates, n);
}
