// A forecaster that reads a series as it comes.
import { checkCall } from "../../core/check.js";
import { FormatError, OptionError, ShapeError } from "../../core/errors.js";
import { readStateBytes, writeStateBytes } from "../../nn/state-bytes.js";
import type { StreamLayers } from "./stream-layers.js";
import { emptyForecast, writeForecast, type Forecast } from "./forecast.js";
import { scaleCovariates, writeStep, type Preparation, type StepSource } from "./prepared.js";
import { valueOf, type Height } from "./scaling.js";
import { numberOf, readCovariates, type ReadSeries } from "./series.js";
import type { Widening } from "./widening.js";

/** A number of steps is kept as two float32, which have 24 bits. */
const HALF = 0x1000000;

/** What a stream is made of. */
export interface StreamParts {
  readonly layers: StreamLayers;
  readonly preparation: Preparation;
  readonly height: Height;
  readonly widening: Widening;
  readonly features: number;
  /** Tells the model's weights and what scales the series from others: a state is that of one alone. */
  readonly print: string;
}

/**
 * A forecaster that reads a series step by step, made by `SeriesForecaster.stream()`: each observation is answered with the
 * forecast that `predict` gives for all observations so far, in the time of one step.
 *
 * @example
 * ```ts
 * const values = Array.from({ length: 60 }, (_, t) => t % 4);
 * const model = SeriesForecaster.build([values], { horizon: 2, season: 4 });
 * const stream = model.stream();
 * for (const value of values) stream.push(value);
 * stream.push(0).point.length; // 2
 * ```
 */
export class ForecasterStream {
  readonly #parts: StreamParts;
  readonly #input: Float32Array;
  readonly #forecast: Forecast;
  /** Scaled values of the last season, step t at t modulo its length. */
  readonly #ring: Float32Array;
  readonly #length: number;
  readonly #known: Uint8Array;
  readonly #step: Float64Array;
  /** What is known of the step and of those ahead, `[1 + horizon, covariates]`: as given, and scaled. */
  readonly #given: Float64Array;
  readonly #covariates: Float32Array;
  /** Scaled, of those ahead. */
  readonly #ahead: Float32Array;
  #steps = 0;
  /** Made when the ring has gone round. */
  #ordered: Float32Array | undefined;
  /** The step that is read, and the values that a forecast is counted from: made once, as a push allocates nothing. */
  readonly #source: StepSource;
  readonly #scaled: { z: Float32Array; readonly height: Height };

  /** @internal */
  constructor(parts: StreamParts) {
    const { preparation, features } = parts;
    const { targets, covariates, options } = preparation;
    this.#parts = parts;
    this.#input = new Float32Array(features);
    this.#forecast = emptyForecast(options.horizon * targets);
    this.#length = options.season + 1;
    this.#ring = new Float32Array(this.#length * targets);
    this.#known = new Uint8Array(targets);
    this.#step = new Float64Array(targets);
    this.#given = new Float64Array((1 + options.horizon) * covariates);
    this.#covariates = new Float32Array(this.#given.length);
    this.#ahead = this.#covariates.subarray(covariates);
    this.#scaled = { z: this.#ring, height: parts.height };
    const [ring, length] = [this.#ring, this.#length];
    this.#source = {
      now: (column) => ring[((this.#steps - 1) % length) * targets + column]!,
      before: (column, lag) => {
        const t = this.#steps - 1 - lag;
        return t >= 0 ? ring[(t % length) * targets + column] : undefined;
      },
      known: (column) => this.#known[column]!,
      covariates: this.#covariates.subarray(0, covariates),
    };
  }

  /** Observations so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One observation.
   *
   * @param observation a number, or a list of one for each variable; NaN or null: missing
   * @param covariates of a model that has some: what is known of the step and of each of the `horizon` steps after it, a list of numbers
   *   each
   * @returns the forecast of the steps after it, an object of the stream's own, overwritten by the next push
   * @throws OptionError for what is no observation, and for covariates of fewer or more steps
   */
  push(
    observation: number | null | ArrayLike<number | null>,
    covariates?: readonly ArrayLike<number>[],
  ): Forecast {
    checkCall("ForecasterStream.push", arguments, "observation:number|null|list covariates?:list");
    const { layers, preparation, widening } = this.#parts;
    this.#readObservation(observation);
    this.#readCovariates(covariates);
    this.#advance();
    const said = layers.say(this.#ahead);
    const t = this.#steps - 1;
    this.#scaled.z = this.#recent(t);
    const at = Math.min(t, this.#length - 1);
    writeForecast(this.#scaled, preparation, at, said, 0, widening, this.#forecast);
    return this.#forecast;
  }

  /** @internal Reads what came already. */
  begin({ steps, values, known, targets, covariates }: ReadSeries): void {
    const { scaling } = this.#parts.preparation;
    for (let t = 0; t < steps; t++) {
      this.#step.set(values.subarray(t * targets, (t + 1) * targets));
      const own = known.subarray(t * covariates, (t + 1) * covariates);
      scaleCovariates(own, scaling, this.#covariates);
      this.#advance();
    }
  }

  /** Reads the step. */
  #advance(): void {
    const { layers, preparation, height } = this.#parts;
    const { targets, options } = preparation;
    const [ring, length, step] = [this.#ring, this.#length, this.#step];
    const t = this.#steps++;
    const place = (t % length) * targets;
    for (let column = 0; column < targets; column++) {
      const value = step[column]!;
      const known = Number.isNaN(value) ? 0 : 1;
      this.#known[column] = known;
      ring[place + column] = known
        ? (valueOf(value, options) - height.mean[column]!) / height.deviation[column]!
        : t > 0
          ? ring[((t - 1) % length) * targets + column]!
          : 0;
    }
    writeStep(preparation, this.#input, this.#source);
    layers.read(this.#input);
  }

  /** The last season in order, the latest step last. */
  #recent(t: number): Float32Array {
    const { targets } = this.#parts.preparation;
    const [ring, length] = [this.#ring, this.#length];
    if (t < length) return ring;
    const begin = ((t + 1) % length) * targets;
    if (begin === 0) return ring;
    const ordered = (this.#ordered ??= new Float32Array(ring.length));
    ordered.set(ring.subarray(begin));
    ordered.set(ring.subarray(0, begin), ring.length - begin);
    return ordered;
  }

  #readCovariates(given: readonly ArrayLike<number>[] | undefined): void {
    const op = "ForecasterStream.push";
    const { covariates, options, scaling } = this.#parts.preparation;
    const steps = covariates > 0 ? 1 + options.horizon : 0;
    if ((given?.length ?? 0) !== steps)
      throw new OptionError({
        op,
        expected:
          steps > 0
            ? `covariates of ${steps} steps: of the observation's and the ${options.horizon} to come`
            : "no covariates, as the model was built without",
        got: given ? `those of ${given.length}` : "none",
      });
    if (!given) return;
    readCovariates(op, given, covariates, this.#given);
    scaleCovariates(this.#given, scaling, this.#covariates);
  }

  #readObservation(observation: number | null | ArrayLike<number | null>): void {
    const op = "ForecasterStream.push";
    const { targets, options } = this.#parts.preparation;
    const list = typeof observation === "number" || observation === null ? undefined : observation;
    const count = list ? list.length : 1;
    if (count !== targets)
      throw new ShapeError({
        op,
        expected: targets === 1 ? "a number" : `${targets} numbers, in a list`,
        got: String(count),
      });
    for (let i = 0; i < targets; i++) {
      const number = numberOf(op, list ? list[i] : observation);
      if (options.log && number <= 0)
        throw new OptionError({
          op,
          expected: "values above 0, of which logarithms are taken",
          got: String(number),
        });
      this.#step[i] = number;
    }
  }

  /** Back to the start of a series. */
  reset(): void {
    this.#steps = 0;
    this.#ring.fill(0);
    this.#parts.layers.reset();
  }

  /** What was read, as bytes with a version and a checksum: {@link fromBytes} goes on from there. */
  toBytes(): Uint8Array {
    const layers = this.#parts.layers.toBytes();
    const steps = Float32Array.of(Math.floor(this.#steps / HALF), this.#steps % HALF);
    const own = writeStateBytes(this.#header(), [steps, this.#ring]);
    const bytes = new Uint8Array(4 + own.length + layers.length);
    new DataView(bytes.buffer).setUint32(0, own.length, true);
    bytes.set(own, 4);
    bytes.set(layers, 4 + own.length);
    return bytes;
  }

  /**
   * Goes on where {@link toBytes} was called.
   *
   * @throws FormatError for bytes that are damaged or of another model's stream; nothing has changed then
   */
  fromBytes(bytes: Uint8Array): void {
    checkCall("ForecasterStream.fromBytes", arguments, "bytes:Uint8Array");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = bytes.length > 4 ? view.getUint32(0, true) : Infinity;
    if (length > bytes.length - 4)
      throw new FormatError({
        op: "ForecasterStream.fromBytes",
        expected: "bytes that toBytes() gave",
        got: `${bytes.length} other bytes`,
      });
    const words = readStateBytes(bytes.subarray(4, 4 + length), this.#header());
    this.#parts.layers.fromBytes(bytes.subarray(4 + length));
    this.#steps = words[0]! * HALF + words[1]!;
    this.#ring.set(words.subarray(2));
  }

  #header() {
    const { targets, options } = this.#parts.preparation;
    const values = this.#ring.length + 2;
    const cell = `ForecasterStream of ${this.#parts.print}`;
    return { cell, sizes: [targets, options.horizon, this.#length], values };
  }

  /** Frees its memory. */
  dispose(): void {
    this.#parts.layers.dispose();
  }
}
