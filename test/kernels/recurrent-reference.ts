// Recurrent cells as their equations stand, in float64, one row and one step at a time. Gradients come from
// the chain rule applied to single operations on a tape: none is derived by hand.

/** Numbers and the gradient that has arrived at them. */
export interface Vec {
  readonly value: Float64Array;
  readonly grad: Float64Array;
}

export class Tape {
  readonly #back: (() => void)[] = [];

  vec(values: ArrayLike<number>): Vec {
    return { value: Float64Array.from(values), grad: new Float64Array(values.length) };
  }

  add(a: Vec, b: Vec): Vec {
    return this.#each(a.value, [a, b], (x, y) => x + y, [() => 1, () => 1]);
  }

  mul(a: Vec, b: Vec): Vec {
    return this.#each(a.value, [a, b], (x, y) => x * y, [(_, y) => y, (x) => x]);
  }

  /** 1 - a. */
  rest(a: Vec): Vec {
    return this.#each(a.value, [a], (x) => 1 - x, [() => -1]);
  }

  sigmoid(a: Vec): Vec {
    const s = (x: number) => 1 / (1 + Math.exp(-x));
    return this.#each(a.value, [a], s, [(x) => s(x) * (1 - s(x))]);
  }

  tanh(a: Vec): Vec {
    return this.#each(a.value, [a], Math.tanh, [(x) => 1 - Math.tanh(x) ** 2]);
  }

  relu(a: Vec): Vec {
    return this.#each(a.value, [a], (x) => Math.max(x, 0), [(x) => (x > 0 ? 1 : 0)]);
  }

  /** Block `index` of `count` equal ones. */
  block(a: Vec, index: number, count: number): Vec {
    const size = a.value.length / count;
    const [from, to] = [index * size, (index + 1) * size];
    return { value: a.value.subarray(from, to), grad: a.grad.subarray(from, to) };
  }

  /** w [rows, x.length] · x. */
  product(w: Vec, x: Vec): Vec {
    const k = x.value.length;
    const y = this.vec(new Float64Array(w.value.length / k));
    y.value.forEach((_, row) => {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += w.value[row * k + j]! * x.value[j]!;
      y.value[row] = sum;
    });
    this.#back.push(() =>
      y.grad.forEach((dy, row) => {
        for (let j = 0; j < k; j++) {
          w.grad[row * k + j]! += dy * x.value[j]!;
          x.grad[j]! += dy * w.value[row * k + j]!;
        }
      }),
    );
    return y;
  }

  backward(): void {
    for (const step of this.#back.toReversed()) step();
  }

  #each(
    { length }: Float64Array,
    operands: readonly Vec[],
    value: (x: number, y: number) => number,
    slopes: readonly ((x: number, y: number) => number)[],
  ): Vec {
    const [a, b = a] = operands.map((operand) => operand.value) as [Float64Array, Float64Array?];
    const y = this.vec(Float64Array.from({ length }, (_, i) => value(a[i]!, b[i]!)));
    this.#back.push(() =>
      operands.forEach(({ grad }, o) => {
        for (let i = 0; i < length; i++) grad[i]! += y.grad[i]! * slopes[o]!(a[i]!, b[i]!);
      }),
    );
    return y;
  }
}

/** A cell: what it is made of, and one step of one row. */
export interface Cell {
  /** Blocks of H in its input. */
  readonly gates: number;
  /** Sizes of its recurrent weights, the bias of a product among them; P is the size of h. */
  weights(H: number, P: number): readonly number[];
  /** Parts of its state, h first. */
  readonly parts: number;
  /**
   * `input`: x·W_ihᵀ + biases; `read`: what the recurrent products see of h. What the kernels keep is
   * returned by name.
   */
  step(
    tape: Tape,
    input: Vec,
    state: readonly Vec[],
    read: Vec,
    weights: readonly Vec[],
  ): { state: readonly Vec[]; kept: Record<string, readonly Vec[]> };
}

export const rnn = (nonlinearity: "tanh" | "relu"): Cell => ({
  gates: 1,
  weights: (H) => [H * H],
  parts: 1,
  step(tape, input, _, read, [wh]) {
    return { state: [tape[nonlinearity](tape.add(input, tape.product(wh!, read)))], kept: {} };
  },
});

function lstmGates(tape: Tape, input: Vec, c: Vec, read: Vec, wh: Vec) {
  const before = tape.add(input, tape.product(wh, read));
  const [i, f, g, o] = [0, 1, 2, 3].map((gate) => {
    const block = tape.block(before, gate, 4);
    return gate === 2 ? tape.tanh(block) : tape.sigmoid(block);
  }) as [Vec, Vec, Vec, Vec];
  const next = tape.add(tape.mul(f, c), tape.mul(i, g));
  return { c: next, y: tape.mul(o, tape.tanh(next)), activations: [i, f, g, o] };
}

export const lstm: Cell = {
  gates: 4,
  weights: (H) => [4 * H * H],
  parts: 2,
  step(tape, input, [, before], read, [wh]) {
    const { c, y, activations } = lstmGates(tape, input, before!, read, wh!);
    return { state: [y, c], kept: { gates: activations } };
  },
};

/** (1 - z) ⊙ n + z ⊙ h. */
const mix = (tape: Tape, z: Vec, n: Vec, h: Vec) =>
  tape.add(tape.mul(tape.rest(z), n), tape.mul(z, h));

export const lstmProjected: Cell = {
  gates: 4,
  weights: (H, P) => [4 * H * P, P * H],
  parts: 2,
  step(tape, input, [, before], read, [wh, wr]) {
    const { c, y, activations } = lstmGates(tape, input, before!, read, wh!);
    return { state: [tape.product(wr!, y), c], kept: { gates: activations, ys: [y] } };
  },
};

export const gru: Cell = {
  gates: 3,
  weights: (H) => [3 * H * H, 3 * H],
  parts: 1,
  step(tape, input, [h], read, [wh, bias]) {
    const hidden = tape.add(tape.product(wh!, read), bias!);
    const [r, z] = [0, 1].map((gate) =>
      tape.sigmoid(tape.add(tape.block(input, gate, 3), tape.block(hidden, gate, 3))),
    ) as [Vec, Vec];
    const candidate = tape.block(hidden, 2, 3);
    const n = tape.tanh(tape.add(tape.block(input, 2, 3), tape.mul(r, candidate)));
    return { state: [mix(tape, z, n, h!)], kept: { gates: [r, z, n], candidate: [candidate] } };
  },
};

export const gruResetBefore: Cell = {
  gates: 3,
  weights: (H) => [2 * H * H, H * H],
  parts: 1,
  step(tape, input, [h], read, [whGates, whCandidate]) {
    const hidden = tape.product(whGates!, read);
    const [r, z] = [0, 1].map((gate) =>
      tape.sigmoid(tape.add(tape.block(input, gate, 3), tape.block(hidden, gate, 2))),
    ) as [Vec, Vec];
    const reset = tape.mul(r, read);
    const n = tape.tanh(tape.add(tape.block(input, 2, 3), tape.product(whCandidate!, reset)));
    return { state: [mix(tape, z, n, h!)], kept: { gates: [r, z, n], resets: [reset] } };
  },
};

export interface RecurrentCase {
  readonly cell: Cell;
  readonly T: number;
  readonly B: number;
  readonly H: number;
  /** Size of h. */
  readonly P: number;
  readonly reverse: boolean;
  /** Steps of each row; undefined: all T. */
  readonly lengths: readonly number[] | undefined;
  /** [T, B, gates · H]; past a row's length anything. */
  readonly input: ArrayLike<number>;
  readonly weights: readonly ArrayLike<number>[];
  /** [B, P]: multiplies what the recurrent products read. */
  readonly mask: ArrayLike<number> | undefined;
  /** The initial state: h [B, P], further parts [B, H]. */
  readonly state: readonly ArrayLike<number>[];
}

/** Gradients of Σ out · dOut + Σ final state · dState; zeros past a row's length. */
export interface Gradients {
  readonly input: Float64Array;
  readonly weights: readonly Float64Array[];
  /** Of the initial state, part by part. */
  readonly state: readonly Float64Array[];
}

export function runReference(x: RecurrentCase) {
  const { cell, T, B, reverse, lengths } = x;
  const tape = new Tape();
  const weights = x.weights.map((w) => tape.vec(w));
  const rowOf = (all: ArrayLike<number>, row: number, rows: number) => {
    const size = all.length / rows;
    return Float64Array.from({ length: size }, (_, j) => all[row * size + j]!);
  };
  const initial = Array.from({ length: B }, (_, row) =>
    x.state.map((part) => tape.vec(rowOf(part, row, B))),
  );
  const now: (readonly Vec[])[] = [...initial];
  const inputs = Array.from({ length: T * B }, (_, at) => tape.vec(rowOf(x.input, at, T * B)));
  const outputs: (Vec | undefined)[] = Array.from({ length: T * B });
  const after: (readonly Vec[])[] = Array.from({ length: T * B });
  const kept: Record<string, readonly Vec[]>[] = Array.from({ length: T * B }, () => ({}));
  for (let step = 0; step < T; step++) {
    const t = reverse ? T - 1 - step : step;
    for (let row = 0; row < B; row++) {
      const at = t * B + row;
      if (!lengths || t < lengths[row]!) {
        const [h] = now[row]!;
        const read = x.mask ? tape.mul(h!, tape.vec(rowOf(x.mask, row, B))) : h!;
        const next = cell.step(tape, inputs[at]!, now[row]!, read, weights);
        now[row] = next.state;
        outputs[at] = next.state[0]!;
        kept[at] = next.kept;
      }
      after[at] = now[row]!;
    }
  }

  /** [T, B, size] of what each step has, zeros where it has nothing. */
  const gather = (size: number, of: (at: number) => readonly Float64Array[] | undefined) =>
    concat(inputs.map((_, at) => concat(of(at) ?? [new Float64Array(size)])));
  const size = (part: number) => x.state[part]!.length / B;
  return {
    out: gather(size(0), (at) => outputs[at] && [outputs[at].value]),
    /** Each part of the state after step t, by t. */
    states: x.state.map((_, part) => gather(size(part), (at) => [after[at]![part]!.value])),
    /** What the cell keeps under a name, [T, B, ·]. */
    kept: (name: string, width: number) =>
      gather(width, (at) => kept[at]![name]?.map((v) => v.value)),
    /** Its gradient; after gradients(). */
    keptGradient: (name: string, width: number) =>
      gather(width, (at) => kept[at]![name]?.map((v) => v.grad)),
    final: x.state.map((_, part) => concat(now.map((state) => state[part]!.value))),
    gradients(dOut: ArrayLike<number>, dState: readonly ArrayLike<number>[]): Gradients {
      const give = (to: Vec, from: Float64Array) => from.forEach((g, j) => (to.grad[j]! += g));
      outputs.forEach((out, at) => out && give(out, rowOf(dOut, at, T * B)));
      now.forEach((state, row) =>
        state.forEach((part, p) => give(part, rowOf(dState[p]!, row, B))),
      );
      tape.backward();
      return {
        input: concat(inputs.map((v) => v.grad)),
        weights: weights.map((v) => v.grad),
        state: x.state.map((_, part) => concat(initial.map((state) => state[part]!.grad))),
      };
    },
  };
}

function concat(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
