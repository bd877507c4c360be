// t-SNE: vectors as points of the plane, neighbours beside neighbours.
import { checkCall, checkCount } from "../../core/check.js";
import { OptionError, ScopeError } from "../../core/errors.js";
import { checkOptions, pickOptions, readOptions } from "../../core/options.js";
import { turnOfOthers } from "../../core/yield.js";
import { readRows, type VectorRows } from "../rows.js";
import { Descent, type StepSettings } from "./descent.js";
import { jointAffinities } from "./joint.js";
import { affineNeighbours } from "./neighbours.js";
import {
  TSNE_OPTIONS,
  TSNE_RUN_OPTIONS,
  type TSNEOptions,
  type TSNERunOptions,
  type TSNESettings,
} from "./options.js";
import { compared, neighbourhood, startOf } from "./prepare.js";

/**
 * t-SNE (van der Maaten & Hinton 2008, "Visualizing data using t-SNE") step by step, by Barnes and Hut's forces (van der
 * Maaten 2014) or exact ones, with openTSNE's defaults. The same vectors give the same layout, bit for bit, however the steps are cut.
 *
 * @example
 * ```ts
 * const vectors = Array.from({ length: 40 }, (_, i) => [i % 2, (i * 7) % 5, (i * 3) % 4]);
 * const map = await TSNE.build(vectors, { perplexity: 5 });
 * while (map.iteration < map.iterations) map.step();
 * map.layout().length; // 80
 * map.dispose();
 * ```
 */
export class TSNE {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "TSNE";
  /** How many points there are. */
  readonly points: number;
  /** With what was chosen by the data. */
  readonly options: TSNESettings & { readonly perplexity: number; readonly neighbors: number };
  #iteration = 0;
  #running = false;
  readonly #descent: Descent;

  private constructor(points: number, options: TSNE["options"], descent: Descent) {
    this.points = points;
    this.options = options;
    this.#descent = descent;
  }

  /**
   * Finds each point's neighbours, exactly, and the affinities to them, and places the points where they start. Memory: the vectors
   * three times, and some 50 bytes for each pair of neighbours.
   *
   * @param vectors rows of one size, or `{ values, dimension }` as `WordVectors` and the result of `pca` have them
   * @throws NumericError for a number that is not finite; OptionError for fewer than 4 vectors, or a perplexity beyond a third of them;
   *   the signal's reason when it aborts
   */
  static async build(vectors: VectorRows, options: TSNEOptions = {}): Promise<TSNE> {
    checkCall("TSNE.build", arguments, "vectors options?:object");
    const { signal, ...settings } = readOptions<
      TSNEOptions,
      "perplexity" | "neighbors" | "learningRate" | "signal"
    >("TSNE", TSNE_OPTIONS, options);
    const rows = readRows("TSNE", vectors);
    const chosen = { ...settings, ...neighbourhood(rows.count, settings) };
    const points = compared(rows, settings.metric);
    const start = await startOf(points, settings);
    const neighbours = await affineNeighbours(points, chosen, signal);
    const descent = new Descent(start, jointAffinities(neighbours), settings.theta);
    return new TSNE(rows.count, chosen, descent);
  }

  /** Iterations done. */
  get iteration(): number {
    return this.#iteration;
  }

  /** Those that {@link run} does in all: of early exaggeration, and after it. */
  get iterations(): number {
    return this.options.earlyExaggerationIterations + this.options.iterations;
  }

  /**
   * Some iterations at once. Beyond `iterations` it goes on as before.
   *
   * @throws NumericError where points have moved too far apart, as a large learning rate makes them
   */
  step(count = 1): void {
    checkCall("TSNE.step", arguments, "count?:number");
    checkCount("TSNE.step", "count", count, 0);
    this.#checkFree("TSNE.step");
    for (let i = 0; i < count; i++) {
      atOnce(this.#descent.step(this.#settings()));
      this.#iteration++;
    }
  }

  /**
   * All iterations that are left; everything else has its turn in between.
   *
   * @throws the signal's reason when it aborts: the layout is that after the last iteration, and a further `run` goes on from it
   */
  async run(options: TSNERunOptions = {}): Promise<void> {
    checkCall("TSNE.run", arguments, "options?:object");
    const { onProgress, reportEvery, signal } = readOptions<
      TSNERunOptions,
      "onProgress" | "signal"
    >("TSNE.run", TSNE_RUN_OPTIONS, options);
    this.#checkFree("TSNE.run");
    this.#running = true;
    try {
      const { iterations } = this;
      while (this.#iteration < iterations) {
        if (signal?.aborted) throw signal.reason;
        await inTurns(this.#descent.step(this.#settings()));
        const iteration = ++this.#iteration;
        if (!onProgress || (iteration % reportEvery > 0 && iteration < iterations)) continue;
        const klDivergence = await inTurns(this.#descent.klDivergence());
        onProgress({ iteration, iterations, klDivergence });
      }
    } finally {
      this.#running = false;
    }
  }

  /** KL(P ‖ Q) of the layout as it is, in nats, without exaggeration: what is made small. Forces are as `theta` has them. */
  klDivergence(): number {
    checkCall("TSNE.klDivergence", arguments, "");
    this.#checkFree("TSNE.klDivergence");
    return atOnce(this.#descent.klDivergence());
  }

  /** Where the points are, `[points, 2]`: a copy. */
  layout(): Float32Array {
    checkCall("TSNE.layout", arguments, "");
    this.#checkLive("TSNE.layout");
    return this.#descent.layout();
  }

  /** Frees the memory. What is not disposed of goes with the garbage, later. */
  dispose(): void {
    checkCall("TSNE.dispose", arguments, "");
    if (this.#descent.live) this.#checkFree("TSNE.dispose");
    this.#descent.free();
  }

  #settings(): StepSettings {
    const { earlyExaggeration, earlyExaggerationIterations, learningRate } = this.options;
    const exaggeration = this.#iteration < earlyExaggerationIterations ? earlyExaggeration : 1;
    return { exaggeration, rate: learningRate ?? this.points / exaggeration };
  }

  #checkLive(op: string): void {
    if (!this.#descent.live)
      throw new ScopeError({ op, expected: "a live TSNE", got: "one that was disposed of" });
  }

  #checkFree(op: string): void {
    this.#checkLive(op);
    if (this.#running)
      throw new OptionError({
        op,
        expected: "a TSNE that nothing else works with",
        got: "one whose run() goes on",
        cure: "Await run(), or end it by its signal.",
      });
  }
}

function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    const turn = turnOfOthers();
    if (turn) await turn;
  }
}

/**
 * A map of vectors by t-SNE, from the start to the end: {@link TSNE} in one call.
 *
 * @returns where each vector is in the plane, `[vectors, 2]`, and KL(P ‖ Q) in nats
 * @example
 * ```ts
 * const vectors = Array.from({ length: 40 }, (_, i) => [i % 2, (i * 7) % 5, (i * 3) % 4]);
 * const { layout, klDivergence } = await tsne(vectors, { perplexity: 5, iterations: 100 });
 * layout.length; // 80
 * ```
 */
export async function tsne(
  vectors: VectorRows,
  options: TSNEOptions & TSNERunOptions = {},
): Promise<{ readonly layout: Float32Array; readonly klDivergence: number }> {
  checkCall("tsne", arguments, "vectors options?:object");
  checkOptions("tsne", { ...TSNE_OPTIONS, ...TSNE_RUN_OPTIONS }, options);
  const map = await TSNE.build(vectors, pickOptions(TSNE_OPTIONS, options));
  try {
    await map.run(pickOptions(TSNE_RUN_OPTIONS, options));
    return { layout: map.layout(), klDivergence: map.klDivergence() };
  } finally {
    map.dispose();
  }
}
