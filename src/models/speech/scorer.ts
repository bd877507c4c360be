// How good a recognizer is, counted recording by recording.
import { ErrorRateCounter, type ErrorRates } from "../../metrics/error-rates.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { SpeechScores } from "./options.js";

export interface SpeechDetails {
  readonly words: ErrorRates;
  readonly characters: ErrorRates;
  /** Recordings whose text is right, of all. */
  readonly right: number;
  readonly recordings: number;
}

/** What is found in a recording. */
export interface SpeechFinding {
  readonly text: string;
  /** The CTC loss of the right labels; undefined where the model does not have them. */
  readonly loss: number | undefined;
}

export interface SpeechTarget {
  readonly text: string;
  /** Undefined where the model does not have all of them. */
  readonly labels: Int32Array | undefined;
}

export class SpeechScorer {
  readonly #words = new ErrorRateCounter({ unit: "words" });
  readonly #characters = new ErrorRateCounter({ unit: "characters" });
  #loss = 0;
  #labels = 0;
  #right = 0;
  #recordings = 0;

  add({ text, loss }: SpeechFinding, target: SpeechTarget): void {
    this.#words.add(text, target.text);
    this.#characters.add(text, target.text);
    this.#recordings++;
    if (text === target.text) this.#right++;
    // Without an alignment, the loss is infinite.
    if (loss === undefined || loss === Infinity) return;
    this.#loss += loss;
    this.#labels += Math.max(1, target.labels!.length);
  }

  get evaluation(): Evaluation<SpeechScores, SpeechDetails> {
    const [words, characters] = [this.#words.scores(), this.#characters.scores()];
    const scores = {
      wer: rateOf(words),
      cer: rateOf(characters),
      loss: this.#labels === 0 ? 0 : this.#loss / this.#labels,
    };
    const details = { words, characters, right: this.#right, recordings: this.#recordings };
    return { scores, details };
  }
}

/** Of recordings in which nothing is said, what is heard is counted as such. */
function rateOf({ errorRate, edits, length }: ErrorRates): number {
  return length === 0 ? edits : errorRate;
}
