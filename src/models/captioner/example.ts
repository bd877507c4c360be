// What a captioner learns from, and what it says.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { ImageLike } from "../../data/images.js";
import type { Written } from "../seq2seq/example.js";

/** A picture with what can be said of it. */
export interface CaptionExample {
  readonly image: ImageLike;
  /** A caption, or several. */
  readonly text: string | readonly string[];
}

/** A caption of a picture. */
export interface Caption extends Omit<Written, "attention"> {
  /** Where the model looked: with `attention: true`. */
  readonly attention: CaptionAttention | undefined;
}

/** What a model says of a picture. */
export interface CaptionPrediction extends Caption {
  /** The best captions that the search found, this one first: as many as `alternatives` says, or as it found. */
  readonly alternatives: readonly Caption[];
}

/** A caption with where the model looked. */
export interface AttendedCaption extends Caption {
  readonly attention: CaptionAttention;
}

/** What a model says of a picture, with where it looked. */
export interface AttendedCaptionPrediction extends AttendedCaption {
  readonly alternatives: readonly AttendedCaption[];
}

/** Where a model looked as it wrote: for `captionFigure` of `hiddenstate/inspect`. */
export interface CaptionAttention {
  /** Tokens that were written, the end mark too. */
  readonly tokens: readonly string[];
  /** The picture as the model saw it: in its size and colours. */
  readonly image: {
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
  };
  /** Places that it can look at: rows from top to bottom, columns from left to right. */
  readonly rows: number;
  readonly columns: number;
  /** `[tokens, rows, columns]`: what each token looked at adds up to 1. */
  readonly weights: Float32Array;
}

/**
 * The captions of an example, one at least.
 *
 * @throws OptionError for what is no text, or no caption at all
 */
export function captionsOf(op: string, { text }: CaptionExample): readonly string[] {
  const all: readonly unknown[] = Array.isArray(text) ? text : [text];
  const odd = all.findIndex((one) => typeof one !== "string");
  if (odd >= 0 || all.length === 0)
    throw new OptionError({
      op,
      expected: "a text, or a list of one or more, as the text of a picture",
      got: all.length === 0 ? "an empty list" : described(all[odd]),
    });
  return all as readonly string[];
}
