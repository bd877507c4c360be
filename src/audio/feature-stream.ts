// Features while samples come in.
import { checkCall } from "../core/check.js";
import { ScopeError } from "../core/errors.js";
import { running } from "../core/running.js";
import { f32 } from "../wasm/memory.js";
import { bytesOf, offset } from "../wasm/ptr.js";
import { withBlock } from "../wasm/scratch.js";
import { computeFrames } from "./compute.js";
import { checkLength } from "./features.js";
import type { Samples } from "./options.js";
import type { Plan } from "./plan.js";
import { SampleQueue } from "./sample-queue.js";

/** What is done to frames on their way out, in place or not. */
export interface FrameNormalization {
  push(frames: Float32Array): Float32Array;
  reset(): void;
}

/**
 * Features of a signal that comes in chunks of any size, frame by frame, with the bits of the whole signal. With `center`, frames
 * wait for the half of them that is still to come, and `end()` gives those that reach over the end.
 * Made by {@link FeatureExtractor.stream}.
 *
 * @example
 * ```ts
 * const stream = new FeatureExtractor({ nFft: 400, hopLength: 160, center: false }).stream();
 * stream.push(new Float32Array(500)).length; // 1
 * stream.push(new Float32Array(60)).length; // 1
 * stream.end().length; // 0
 * ```
 */
export class FeatureStream {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "FeatureStream";
  /** Numbers of a frame. */
  readonly size: number;
  readonly #plan: Plan;
  readonly #normalization: FrameNormalization | undefined;
  readonly #queue = new SampleQueue();
  /** Samples before the first and behind the last. */
  readonly #pad: number;
  /** Of what came last, as many as are mirrored at the end. */
  #tail = new Float32Array(0);
  #samples = 0;
  #ended = false;

  /** @internal */
  constructor(plan: Plan, normalization?: FrameNormalization) {
    const { center, nFft } = plan.settings;
    this.size = plan.width;
    this.#plan = plan;
    this.#normalization = normalization;
    this.#pad = center ? nFft >> 1 : 0;
    this.reset();
  }

  /**
   * Takes samples, of any number.
   *
   * @returns the frames that they complete, `size` numbers each
   * @throws ScopeError after `end()`
   */
  push(samples: Samples): Float32Array[] {
    checkCall("FeatureStream.push", arguments, "samples:list");
    this.#checkOpen("push");
    const began = this.#begins;
    this.#samples += samples.length;
    this.#queue.push(samples);
    this.#keepTail(samples);
    if (!began && this.#begins) this.#mirrorBegin();
    return this.#begins ? this.#frames() : [];
  }

  /**
   * Ends the signal.
   *
   * @returns the frames that reach over its end
   * @throws ShapeError for a signal that is too short for a frame, as of the whole; ScopeError when called twice
   */
  end(): Float32Array[] {
    checkCall("FeatureStream.end", arguments, "");
    this.#checkOpen("end");
    const { settings } = this.#plan;
    checkLength("FeatureStream.end", this.#samples, settings);
    this.#ended = true;
    const pad = this.#pad;
    const behind = new Float32Array(pad);
    if (settings.padMode === "reflect")
      for (let i = 0; i < pad; i++) behind[i] = this.#tail[this.#tail.length - 2 - i]!;
    this.#queue.push(behind);
    return this.#frames();
  }

  /** Begins anew, with another signal. */
  reset(): void {
    checkCall("FeatureStream.reset", arguments, "");
    this.#queue.clear();
    this.#tail = new Float32Array(0);
    this.#samples = 0;
    this.#ended = false;
    this.#normalization?.reset();
    if (this.#plan.settings.padMode === "constant") this.#queue.push(new Float32Array(this.#pad));
  }

  /** Whether the first frame may be made: what is mirrored before the begin is known. */
  get #begins(): boolean {
    const { center, padMode } = this.#plan.settings;
    return !center || padMode === "constant" || this.#samples > this.#pad;
  }

  #mirrorBegin(): void {
    const first = this.#queue.values;
    const before = new Float32Array(this.#pad);
    for (let i = 1; i <= this.#pad; i++) before[this.#pad - i] = first[i]!;
    const rest = first.slice();
    this.#queue.clear();
    this.#queue.push(before);
    this.#queue.push(rest);
  }

  #keepTail(samples: Samples): void {
    const most = this.#pad + 1;
    const kept = Math.min(this.#tail.length, Math.max(0, most - samples.length));
    const tail = new Float32Array(Math.min(most, kept + samples.length));
    tail.set(this.#tail.subarray(this.#tail.length - kept));
    const from = samples.length - (tail.length - kept);
    tail.set(from === 0 ? samples : samples.slice(from), kept);
    this.#tail = tail;
  }

  /** All that are complete. */
  #frames(): Float32Array[] {
    running.op = "FeatureStream";
    const { nFft, hopLength } = this.#plan.settings;
    const { size } = this;
    const waiting = this.#queue.values;
    const frames = Math.max(0, Math.floor((waiting.length - nFft) / hopLength) + 1);
    if (frames === 0) return [];
    const signal = waiting.subarray(0, nFft + (frames - 1) * hopLength);
    const room = bytesOf((signal.length + 31) & ~15);
    let values: Float32Array = withBlock(room + bytesOf(frames * size), (block) => {
      f32(block, signal.length).set(signal);
      const out = offset(block, room);
      computeFrames(this.#plan, block, out, frames);
      return f32(out, frames * size).slice();
    });
    this.#queue.drop(frames * hopLength);
    if (this.#normalization) values = this.#normalization.push(values);
    return Array.from({ length: frames }, (_, i) => values.subarray(i * size, (i + 1) * size));
  }

  #checkOpen(method: string): void {
    if (this.#ended)
      throw new ScopeError({
        op: `FeatureStream.${method}`,
        expected: "a signal that goes on",
        got: "one that has ended",
        cure: "reset() begins another.",
      });
  }
}
