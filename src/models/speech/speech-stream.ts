import { checkCall } from "../../core/check.js";
import { ScopeError } from "../../core/errors.js";
import { joined } from "../../core/joined.js";
import type { FeatureStream } from "../../audio/feature-stream.js";
import { Resampler } from "../../audio/resample.js";
import type { Samples } from "../../audio/options.js";
import { CtcStream } from "../../decode/ctc/beam-search.js";
import { checkFinite } from "../parts/recording.js";
import type { PartialTranscript, Transcript } from "./example.js";
import type { SpeechSteps } from "./network.js";
import { ctcOptions, transcriptOf, type SearchSettings } from "./search.js";
import type { TextUnits } from "./units.js";

/** What a {@link SpeechStream} is made of. */
export interface SpeechStreamParts {
  readonly features: FeatureStream;
  readonly steps: SpeechSteps;
  readonly units: TextUnits;
  readonly search: SearchSettings;
  readonly stepSeconds: number;
  /** Samples a second of what is pushed, and of what the model reads. */
  readonly rates: readonly [from: number, to: number];
}

/**
 * A recognizer that hears while one speaks, made by {@link SpeechRecognizer.stream}. However samples are cut into pushes, the text is that
 * of `predict` for all of them.
 *
 * @example
 * ```ts
 * const tone = Float32Array.from({ length: 8000 }, (_, t) => Math.sin(t / 3));
 * const examples = [{ samples: tone, sampleRate: 8000, text: "one" }];
 * const model = SpeechRecognizer.build(examples, { streaming: true, hiddenSize: 8, channels: 2 });
 * const stream = model.stream();
 * stream.push(tone).silence <= 1; // true
 * stream.end().text === model.predict(tone).text; // true
 * ```
 */
export class SpeechStream {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "SpeechStream";
  readonly #parts: SpeechStreamParts;
  readonly #search: CtcStream;
  #resampler: Resampler | undefined;
  /** Of each push, `[steps, classes]`. */
  #logits: Float32Array[] = [];
  #samples = 0;
  #last: PartialTranscript = NOTHING;
  /** The step at which the last label was read; 0 before it. */
  #heard = 0;
  #ended = false;
  #disposed = false;

  /** @internal */
  constructor(parts: SpeechStreamParts) {
    this.#parts = parts;
    this.#search = new CtcStream(parts.units.classes, ctcOptions(parts.search));
    this.#begin();
  }

  /**
   * Takes samples of one channel, of any number.
   *
   * @throws ScopeError after `end()` or `dispose()`; OptionError for a sample that is no finite number: nothing is heard of that push
   */
  push(samples: Samples): PartialTranscript {
    checkCall("SpeechStream.push", arguments, "samples:list");
    this.#checkOpen("push");
    checkFinite("SpeechStream.push", samples);
    this.#samples += samples.length;
    return this.#hear(this.#resampler ? this.#resampler.push(samples) : samples);
  }

  /** Ends the recording. One without samples is silence. */
  end(): Transcript {
    checkCall("SpeechStream.end", arguments, "");
    this.#checkOpen("end");
    if (this.#samples > 0) {
      if (this.#resampler) this.#hear(this.#resampler.end());
      this.#read(this.#parts.features.end(), true);
    }
    this.#ended = true;
    const { units, stepSeconds } = this.#parts;
    return transcriptOf(this.#search.end(), joined(this.#logits, Float32Array), units, stepSeconds);
  }

  /** Begins anew, with another recording: times count from its first sample. */
  reset(): void {
    checkCall("SpeechStream.reset", arguments, "");
    this.#parts.features.reset();
    this.#parts.steps.reset();
    this.#search.reset();
    this.#logits = [];
    this.#samples = this.#heard = 0;
    this.#last = NOTHING;
    this.#ended = false;
    this.#begin();
  }

  /** Frees its memory. */
  dispose(): void {
    checkCall("SpeechStream.dispose", arguments, "");
    this.#disposed = true;
    this.#parts.steps.dispose();
  }

  #begin(): void {
    const [from, to] = this.#parts.rates;
    this.#resampler = from === to ? undefined : new Resampler(from, to);
  }

  #hear(samples: Samples): PartialTranscript {
    return this.#read(this.#parts.features.push(samples), false);
  }

  #read(frames: readonly Float32Array[], ended: boolean): PartialTranscript {
    const { steps, units } = this.#parts;
    const logits = steps.push(joined(frames, Float32Array), ended);
    if (logits.length > 0) {
      this.#logits.push(logits);
      const { labels, times, final } = this.#search.push(logits);
      this.#heard = times.at(-1) ?? 0;
      const words = units.wordsOf(labels);
      // A word that goes on may change still.
      const sure = words.filter(({ last }) =>
        units.kind === "words" ? last < final : last + 1 < final,
      );
      this.#last = {
        text: words.map(({ word }) => word).join(" "),
        final: sure.map(({ word }) => word).join(" "),
        silence: 0,
      };
    }
    const heard = this.#samples / this.#parts.rates[0];
    const silence = Math.max(0, heard - this.#heard * this.#parts.stepSeconds);
    return { ...this.#last, silence };
  }

  #checkOpen(method: string): void {
    if (this.#disposed)
      throw new ScopeError({
        op: `SpeechStream.${method}`,
        expected: "a live stream",
        got: "one that was disposed of",
      });
    if (this.#ended)
      throw new ScopeError({
        op: `SpeechStream.${method}`,
        expected: "a recording that goes on",
        got: "one that has ended",
        cure: "reset() begins another.",
      });
  }
}

const NOTHING: PartialTranscript = { text: "", final: "", silence: 0 };
