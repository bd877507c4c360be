// Which share of what is read the model does not know.
import type { Encoded, InputLayer } from "../parts/input.js";

export interface WordsDetails {
  /** Share of the words (or characters) that the model's vocabulary lacks; undefined where inputs are no texts. */
  readonly unknownWords?: number | undefined;
}

export class UnknownWords {
  readonly #input: Pick<InputLayer<never>, "timeOf" | "unknownIn">;
  #words = 0;
  #unknown = 0;

  constructor(input: Pick<InputLayer<never>, "timeOf" | "unknownIn">) {
    this.#input = input;
  }

  add(encoded: Encoded): void {
    this.#words += this.#input.timeOf(encoded);
    this.#unknown += this.#input.unknownIn?.(encoded) ?? 0;
  }

  get details(): WordsDetails {
    if (!this.#input.unknownIn || this.#words === 0) return {};
    return { unknownWords: this.#unknown / this.#words };
  }
}
