// What a classifier is made for, counted example by example: labels, and words or features.
import { byCodePoint } from "../../core/code-points.js";
import { WordCounter, type BuildWordTokenizerOptions } from "../../text/word-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { Series } from "./input.js";
import { featuresOf, SeriesInput, SpreadCounter } from "./series-input.js";

/** The labels of examples by code point: the same examples in any order give the same model. */
class LabelCounts<Label extends string> {
  readonly #labels = new Set<Label>();

  add({ label }: { label: Label }): void {
    this.#labels.add(label);
  }

  get labels(): Label[] {
    return [...this.#labels].sort(byCodePoint);
  }
}

/** Of texts with labels: the labels, and a tokenizer where none is given. */
export class TextCounts<Label extends string> extends LabelCounts<Label> {
  readonly #words: WordCounter | undefined;
  readonly #tokenizer: Tokenizer | undefined;

  constructor(tokenizer: Tokenizer | undefined, counting: BuildWordTokenizerOptions) {
    super();
    this.#tokenizer = tokenizer;
    this.#words = tokenizer ? undefined : new WordCounter(counting);
  }

  override add(example: { input: string; label: Label }): void {
    super.add(example);
    this.#words?.add(example.input);
  }

  get tokenizer(): Tokenizer {
    return this.#tokenizer ?? this.#words!.tokenizer();
  }
}

/** Of series with labels: the labels, the number of features, and their spread. */
export class SeriesCounts<Label extends string> extends LabelCounts<Label> {
  readonly #op: string;
  readonly #normalize: boolean;
  #features: number | undefined;
  #plain: SeriesInput | undefined;
  #spread: SpreadCounter | undefined;

  /** @param features numbers at a step. Default: as many as the first series has */
  constructor(
    op: string,
    { features, normalize }: { features: number | undefined; normalize: boolean },
  ) {
    super();
    this.#op = op;
    this.#features = features;
    this.#normalize = normalize;
  }

  override add(example: { input: Series; label: Label }): void {
    super.add(example);
    this.#features ??= featuresOf(this.#op, example.input);
    if (!this.#normalize) return;
    this.#plain ??= new SeriesInput(this.#features);
    this.#spread ??= new SpreadCounter(this.#features);
    this.#spread.add(this.#plain.encode(this.#op, example.input));
  }

  get input(): SeriesInput {
    const features = this.#features ?? featuresOf(this.#op, undefined);
    return new SeriesInput(features, this.#normalize ? this.#spread?.spread : undefined);
  }
}
