// A recursive forecaster: the network says one step ahead, and reads what was drawn from that as the next step, on many paths side by side,
// whose quantiles are the forecast (DeepAR, Salinas et al. 2017, arXiv 1704.04110). Without a distribution there is one path, of the means.
import { noGrad } from "../../autograd/mode.js";
import { cosineOfHalfTurns } from "../../core/cosine.js";
import { log } from "../../core/exp-log.js";
import { philox } from "../../core/random.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { writeQuantiles, type Forecast } from "./forecast.js";
import type { ForecastNetwork } from "./network.js";
import { LEVELS, NORMAL, OUTPUTS } from "./outputs.js";
import { featuresIn, writeStep, type Prepared, type Preparation } from "./prepared.js";
import type { SeriesReader } from "./heads.js";
import { referenceAt } from "./scaling.js";
import type { Widening } from "./widening.js";

/** Paths of a forecast. */
const PATHS = 100;

/** The state of recurrent layers, as numbers: `[slots, rows, hiddenSize]` each. */
type State = Readonly<Record<string, { readonly shape: readonly number[]; values: Float32Array }>>;

/** @param preparation how the network reads, and says one step ahead: its horizon is 1 */
export function readRecursively(
  network: ForecastNetwork,
  preparation: Preparation,
  prepared: Prepared,
  horizon: number,
): SeriesReader {
  const features = featuresIn(preparation);
  const { covariates } = preparation;
  const knownAt = (t: number) => prepared.ahead.subarray(t * covariates, (t + 1) * covariates);
  let read: Said | undefined;
  let steps = 0;
  return (t, widening, to) =>
    inEvaluation(network, () => {
      if (t >= steps) {
        const x = prepared.features.subarray(steps * features, (t + 1) * features);
        read = say(network, { x, rows: 1, state: read?.state }, knownAt(t + 1));
        steps = t + 1;
      }
      const paths = new Paths(preparation, prepared, t);
      let { state, out } = repeated(read!, paths.count);
      for (let ahead = 1; ahead <= horizon; ahead++) {
        const x = paths.draw(ahead, out, knownAt(t + ahead));
        if (ahead < horizon)
          ({ state, out } = say(network, { x, rows: paths.count, state }, knownAt(t + ahead + 1)));
      }
      paths.write(widening, horizon, to);
    });
}

interface Said {
  readonly state: State;
  /** What is said behind the last step of each row: `[rows, targets, numbers of an output]`. */
  readonly out: Float32Array;
}

/**
 * Reads steps on.
 *
 * @param x `[rows, steps, features]`
 * @param next what is known of the step behind the last
 */
function say(
  network: ForecastNetwork,
  { x, rows, state }: { x: Float32Array; rows: number; state: State | undefined },
  next: Float32Array,
): Said {
  const steps = x.length / (rows * network.recurrent.inputSize);
  return scope(() =>
    noGrad(() => {
      const read = tensor(x, { shape: [rows, steps, network.recurrent.inputSize] });
      const from =
        state &&
        Object.entries(state).map(([name, { values, shape }]) => [name, tensor(values, { shape })]);
      const { output, state: after } = network.recurrent.forward(
        read,
        from ? { state: Object.fromEntries(from) as never } : {},
      );
      const last = (all: Tensor) => slice(all, 1, steps - 1, steps);
      const known = Float32Array.from(
        { length: rows * next.length },
        (_, i) => next[i % next.length]!,
      );
      const ahead =
        next.length > 0 ? tensor(known, { shape: [rows, 1, 1, next.length] }) : undefined;
      const out = network.say(last(output), last(read), ahead).data();
      const kept = Object.entries(after as unknown as Record<string, Tensor>).map(([name, one]) => [
        name,
        { shape: one.shape, values: one.data() },
      ]);
      return { state: Object.fromEntries(kept) as State, out };
    }),
  );
}

/** What was said of one row, of many. */
function repeated({ state, out }: Said, rows: number): Said {
  const many = Object.entries(state).map(([name, { shape, values }]) => {
    const [slots, , size] = shape as [number, number, number];
    const all = new Float32Array(slots * rows * size);
    for (let i = 0; i < slots * rows; i++) {
      const slot = Math.floor(i / rows);
      all.set(values.subarray(slot * size, (slot + 1) * size), i * size);
    }
    return [name, { shape: [slots, rows, size], values: all }];
  });
  const each = Float32Array.from({ length: rows * out.length }, (_, i) => out[i % out.length]!);
  return { state: Object.fromEntries(many) as State, out: each };
}

/** What may come of a series from a step on. */
class Paths {
  readonly count: number;
  readonly #preparation: Preparation;
  readonly #prepared: Prepared;
  /** The steps of the last season, and those of each path behind them. */
  readonly #recent: Float32Array;
  readonly #known: number;
  readonly #drawn: Float32Array[] = [];

  constructor(preparation: Preparation, prepared: Prepared, t: number) {
    const { options, targets } = preparation;
    this.count = options.output === "point" ? 1 : PATHS;
    this.#preparation = preparation;
    this.#prepared = prepared;
    this.#known = Math.min(t + 1, options.season + 1);
    this.#recent = prepared.z.subarray((t + 1 - this.#known) * targets, (t + 1) * targets);
  }

  /**
   * Draws a step of each path.
   *
   * @param out what is said of it
   * @param covariates what is known of it
   * @returns it as the network reads it: `[paths, features]`
   */
  draw(ahead: number, out: Float32Array, covariates: Float32Array): Float32Array {
    const { options, scaling, targets } = this.#preparation;
    const { size, sample } = OUTPUTS[options.output];
    const features = featuresIn(this.#preparation);
    const x = new Float32Array(this.count * features);
    const drawn = new Float32Array(this.count * targets);
    this.#drawn.push(drawn);
    for (let path = 0; path < this.count; path++) {
      const z = this.#of(path, ahead);
      const now = this.#known + ahead - 1;
      for (let column = 0; column < targets; column++) {
        const chance = options.output === "point" ? 0 : normalOf(ahead, path, column);
        const away = sample!(out, (path * targets + column) * size, chance);
        const from = referenceAt(z, targets, column, now - 1, 1, options);
        const value = from + scaling.spread[column]! * away;
        drawn[path * targets + column] = z[now * targets + column] = value;
      }
      writeStep(this.#preparation, x.subarray(path * features, (path + 1) * features), {
        now: (column) => z[now * targets + column]!,
        before: (column, lag) => (now >= lag ? z[(now - lag) * targets + column] : undefined),
        known: () => 1,
        covariates,
      });
    }
    return x;
  }

  /** The known steps and those of a path, with room for the one that comes. */
  #of(path: number, ahead: number): Float32Array {
    const { targets } = this.#preparation;
    const z = new Float32Array((this.#known + ahead) * targets);
    z.set(this.#recent);
    for (let step = 0; step < ahead - 1; step++) {
      const row = this.#drawn[step]!.subarray(path * targets, (path + 1) * targets);
      z.set(row, (this.#known + step) * targets);
    }
    return z;
  }

  /** Puts their quantiles there; of one path, as wide about it as values usually are about their reference. */
  write(widening: Widening, horizon: number, to: Forecast): void {
    const { options, scaling, targets } = this.#preparation;
    const quantiles = new Float64Array(LEVELS.length);
    for (let cell = 0; cell < horizon * targets; cell++) {
      const column = cell % targets;
      const drawn = this.#drawn[(cell - column) / targets]!;
      const values = Float64Array.from(
        { length: this.count },
        (_, path) => drawn[path * targets + column]!,
      );
      values.sort();
      LEVELS.forEach((level, i) => {
        const place = level * (this.count - 1);
        const [below, above] = [values[Math.floor(place)]!, values[Math.ceil(place)]!];
        quantiles[i] =
          this.count === 1
            ? values[0]! + scaling.spread[cell]! * NORMAL[i]!
            : below + (place - Math.floor(place)) * (above - below);
      });
      writeQuantiles(quantiles, widening, this.#prepared.height, options, cell, column, to);
    }
  }
}

/**
 * Numbers of the normal distribution (Box & Muller 1958), the same for every forecast: so a forecast does not change when it is made
 * again, and draws nothing of the program's generator.
 */
function normalOf(ahead: number, path: number, column: number): number {
  const key = ahead * 0x10000 + column;
  const kept = (NORMALS[key] ??= Float64Array.from({ length: PATHS }, (_, counterLo) => {
    const block = { seedLo: ahead, seedHi: column, counterLo, counterHi: 0 };
    const [one, two] = philox(block).map((word) => (word + 0.5) / 0x100000000);
    return Math.sqrt(-2 * log(one!)) * cosineOfHalfTurns(2 * two!);
  }));
  return kept[path]!;
}
const NORMALS: Record<number, Float64Array> = {};
