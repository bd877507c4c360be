// A decoder that changes what another one says, by what each row has written so far.
import type { Decoder } from "./decoder.js";

/** `State`: what is remembered of a row. Rows with the same beginning share it, so it is never changed. */
export abstract class RuledDecoder<State> implements Decoder {
  readonly #decoder: Decoder;
  #begun = false;
  #states: State[];

  /**
   * @param decoder at its beginning: nothing has been fed
   * @param states of its rows
   */
  constructor(decoder: Decoder, states: readonly State[]) {
    this.#decoder = decoder;
    this.#states = [...states];
  }

  /** The state of a row behind one more id. */
  protected abstract after(state: State, id: number): State;
  /** Changes the logits of a row. */
  protected abstract rule(logits: Float32Array, state: State): void;

  get rows(): number {
    return this.#decoder.rows;
  }
  get capacity(): number {
    return this.#decoder.capacity;
  }
  get classes(): number {
    return this.#decoder.classes;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    this.#decoder.step(ids, logits);
    // The first id of a row is its start token, which nobody wrote.
    if (this.#begun)
      ids.forEach((id, row) => (this.#states[row] = this.after(this.#states[row]!, id)));
    this.#begun = true;
    if (!logits) return;
    const { classes } = this;
    this.#states.forEach((state, row) =>
      this.rule(logits.subarray(row * classes, (row + 1) * classes), state),
    );
  }

  select(rows: Int32Array): void {
    this.#decoder.select(rows);
    this.#states = Array.from(rows, (row) => this.#states[row]!);
  }

  dispose(): void {
    this.#decoder.dispose();
  }
}
