// An LSTM written out plainly in float64, one row and one step at a time, forward and by hand backward.

export interface LstmCase {
  readonly T: number;
  readonly B: number;
  readonly H: number;
  readonly reverse: boolean;
  /** Steps of each row; undefined: all T. */
  readonly lengths: readonly number[] | undefined;
  /** x·W_ihᵀ + biases, [T, B, 4H]; past a row's length anything. */
  readonly input: ArrayLike<number>;
  /** W_hh [4H, H]. */
  readonly wh: ArrayLike<number>;
  readonly h0: ArrayLike<number>;
  readonly c0: ArrayLike<number>;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const order = ({ T, reverse }: LstmCase) =>
  Array.from({ length: T }, (_, step) => (reverse ? T - 1 - step : step));
const counts = ({ lengths }: LstmCase, row: number, t: number) => !lengths || t < lengths[row]!;

export function lstmForward(lstm: LstmCase) {
  const { T, B, H, input, wh } = lstm;
  const h = Float64Array.from(lstm.h0);
  const c = Float64Array.from(lstm.c0);
  /** After step t, by t: what the next step reads. */
  const hs = new Float64Array(T * B * H);
  const cs = new Float64Array(T * B * H);
  const before = { h: new Float64Array(T * B * H), c: new Float64Array(T * B * H) };
  const gates = new Float64Array(T * B * 4 * H);
  const out = new Float64Array(T * B * H);
  for (const t of order(lstm))
    for (let row = 0; row < B; row++) {
      const at = (t * B + row) * H;
      const state = row * H;
      before.h.set(h.subarray(state, state + H), at);
      before.c.set(c.subarray(state, state + H), at);
      if (counts(lstm, row, t)) {
        const z = Array.from({ length: 4 * H }, (_, gate) => {
          let sum = input[4 * at + gate]!;
          for (let j = 0; j < H; j++) sum += wh[gate * H + j]! * before.h[at + j]!;
          return sum;
        });
        for (let j = 0; j < H; j++) {
          const [i, f] = [sigmoid(z[j]!), sigmoid(z[H + j]!)];
          const [g, o] = [Math.tanh(z[2 * H + j]!), sigmoid(z[3 * H + j]!)];
          gates.set([i], 4 * at + j);
          gates.set([f], 4 * at + H + j);
          gates.set([g], 4 * at + 2 * H + j);
          gates.set([o], 4 * at + 3 * H + j);
          c[state + j] = f * c[state + j]! + i * g;
          h[state + j] = o * Math.tanh(c[state + j]!);
          out[at + j] = h[state + j]!;
        }
      }
      hs.set(h.subarray(state, state + H), at);
      cs.set(c.subarray(state, state + H), at);
    }
  return { out, hs, cs, gates, before, hN: h, cN: c };
}

/** Gradients of Σ out·dOut + h_N·dhN + c_N·dcN; dOut [T, B, H], ignored past a row's length. */
export function lstmBackward(
  lstm: LstmCase,
  dOut: ArrayLike<number>,
  dhN: ArrayLike<number>,
  dcN: ArrayLike<number>,
) {
  const { T, B, H, wh } = lstm;
  const { cs, gates, before } = lstmForward(lstm);
  const dh = Float64Array.from(dhN);
  const dc = Float64Array.from(dcN);
  const dGates = new Float64Array(T * B * 4 * H);
  const dWh = new Float64Array(4 * H * H);
  for (const t of order(lstm).reverse())
    for (let row = 0; row < B; row++) {
      if (!counts(lstm, row, t)) continue;
      const at = (t * B + row) * H;
      const state = row * H;
      for (let j = 0; j < H; j++) {
        const [i, f, g, o] = [0, 1, 2, 3].map((gate) => gates[4 * at + gate * H + j]!) as [
          number,
          number,
          number,
          number,
        ];
        const y = Math.tanh(cs[at + j]!);
        const dy = dh[state + j]! + dOut[at + j]!;
        const dNext = dc[state + j]! + dy * o * (1 - y * y);
        dGates[4 * at + j] = dNext * g * i * (1 - i);
        dGates[4 * at + H + j] = dNext * before.c[at + j]! * f * (1 - f);
        dGates[4 * at + 2 * H + j] = dNext * i * (1 - g * g);
        dGates[4 * at + 3 * H + j] = dy * y * o * (1 - o);
        dc[state + j] = dNext * f;
      }
      for (let j = 0; j < H; j++) {
        dh[state + j] = 0;
        for (let gate = 0; gate < 4 * H; gate++) {
          dh[state + j]! += dGates[4 * at + gate]! * wh[gate * H + j]!;
          dWh[gate * H + j]! += dGates[4 * at + gate]! * before.h[at + j]!;
        }
      }
    }
  return { dGates, dWh, dh0: dh, dc0: dc };
}
