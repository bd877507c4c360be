// Manifests of recordings: what tasks that learn from WAV files share.
import { lengthOf, rateOf, type Recording } from "../../models/parts/recording.js";
import { counted } from "../counted.js";

/** Some hours of sound: more than a few gigabytes are read anew in each pass. */
export const MOST_HELD = 10_000;

/** How much sound there is to learn from. */
export class SoundSurvey {
  #count = 0;
  #seconds = 0;

  see(recording: Recording): void {
    this.#count++;
    this.#seconds += lengthOf(recording) / rateOf(recording)!;
  }

  describe(): string {
    return `${counted(this.#count, "recording")} to learn from, ${(this.#seconds / 60).toFixed(1)} minutes`;
  }
}
