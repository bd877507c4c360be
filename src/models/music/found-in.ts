// What `build` finds in pieces: how many steps there are, whether they say what is held, their grid and tempo.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { Piece } from "../../music/piece.js";

/** What of a piece a model remembers, to write such ones. */
export type Timing = Pick<Piece, "stepsPerBeat" | "tempo">;

export class PieceSurvey {
  readonly #op: string;
  #steps = 0;
  #held = true;
  #stepsPerBeat: number | undefined;
  readonly #tempos: number[] = [];

  constructor(op: string) {
    this.#op = op;
  }

  /** @throws OptionError for another grid than that of the pieces before */
  add({ steps, held, stepsPerBeat, tempo }: Piece): void {
    this.#steps += steps.length;
    this.#held &&= held !== undefined;
    if (tempo !== undefined) this.#tempos.push(tempo);
    if (stepsPerBeat === undefined) return;
    this.#stepsPerBeat ??= stepsPerBeat;
    if (stepsPerBeat !== this.#stepsPerBeat)
      throw new OptionError({
        op: this.#op,
        expected: `${this.#stepsPerBeat} stepsPerBeat, as the pieces before`,
        got: described(stepsPerBeat),
      });
  }

  get steps(): number {
    return this.#steps;
  }

  /** Whether all pieces say what is held. */
  get held(): boolean {
    return this.#held;
  }

  get timing(): Timing {
    const tempos = [...this.#tempos].sort((a, b) => a - b);
    const tempo = tempos[Math.floor(tempos.length / 2)];
    return {
      ...(this.#stepsPerBeat !== undefined && { stepsPerBeat: this.#stepsPerBeat }),
      ...(tempo !== undefined && { tempo }),
    };
  }
}
