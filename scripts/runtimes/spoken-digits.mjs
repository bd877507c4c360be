// Digits that espeak-ng speaks, and a recognizer of them that the command trains within seconds.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "./execute.mjs";

const RATE = 8000;
const DIGITS = "zero one two three four five six seven eight nine".split(" ");
/** What is learnt: each digit by each of these, and strings of them. */
const VOICES = ["en-us", "en-gb"].flatMap((voice) =>
  [35, 50, 65].flatMap((pitch) => [140, 170].map((speed) => ({ voice, pitch, speed }))),
);
const STRINGS = 140;
/** What is heard: a pitch and a speed that were not. */
const HEARD = { voice: "en-us", pitch: 43, speed: 155 };
/** Seconds of silence, until a busy page listens; before a word, longer than those within one; behind an utterance, which they end. */
const [AT_FIRST, BEFORE_WORD, BEHIND_UTTERANCE] = [1.5, 0.25, 2];

/** What is no sound, of all that is recorded here. */
export const SILENT = 0.01;

const silence = (seconds) => new Float32Array(Math.round(seconds * RATE));

export class SpokenDigits {
  #folder;
  #audio;

  /** @param audio the package's functions of sound */
  constructor(folder, audio) {
    this.#folder = folder;
    this.#audio = audio;
  }

  /** Trains a recognizer of them by the command. @returns its file */
  learn(installed) {
    mkdirSync(join(this.#folder, "wav"));
    const words = VOICES.map((voice) => DIGITS.map((digit) => this.#speak(digit, voice)));
    let state = 1;
    const below = (n) => (state = (state * 48271) % 2147483647) % n;
    const rows = Array.from({ length: STRINGS }, (_, i) => {
      const voice = words[i % VOICES.length];
      const string = Array.from({ length: 1 + below(4) }, () => below(10));
      const pause = () => silence(0.05 + below(40) / 100);
      const pieces = string.flatMap((digit) => [pause(), voice[digit]]);
      this.#write(`wav/${i}.wav`, [...pieces, pause()]);
      return `wav/${i}.wav\t${string.map((digit) => DIGITS[digit]).join(" ")}`;
    });
    words.forEach((voice, i) =>
      voice.forEach((samples, digit) => {
        this.#write(`wav/${i}-${digit}.wav`, [samples]);
        rows.push(`wav/${i}-${digit}.wav\t${DIGITS[digit]}`);
      }),
    );
    writeFileSync(join(this.#folder, "digits.tsv"), `path\ttext\n${rows.join("\n")}\n`);
    const command = join(installed, "dist/cli/main.js");
    const options = [
      ...["--streaming", "--units", "words"],
      // So small that it learns within seconds; what is heard is like what was learnt.
      ...["--hidden-size", "64", "--num-layers", "1", "--channels", "8", "--dropout", "0.1"],
      ...["--speed", "0", "--gain", "0"],
      ...["--epochs", "40", "--batch-size", "8", "--learning-rate", "0.005"],
      ...["--schedule", "cosine"],
    ];
    const files = ["--train", "digits.tsv", "--out", "live.safetensors"];
    const args = [command, "train", "--task", "speech", ...files, ...options];
    execute(process.execPath, args, this.#folder);
    return join(this.#folder, "live.safetensors");
  }

  /** Speaks utterances, with silence between, by a voice that was not learnt. @returns the file */
  say(utterances) {
    const spoken = utterances.flatMap((words) => [
      ...words.flatMap((word) => [silence(BEFORE_WORD), this.#speak(word, HEARD)]),
      silence(BEHIND_UTTERANCE),
    ]);
    return this.#write("heard.wav", [silence(AT_FIRST), ...spoken]);
  }

  /** @returns a word's samples, up to its last sound */
  #speak(word, { voice, pitch, speed }) {
    const file = join(this.#folder, "word.wav");
    execute(
      "espeak-ng",
      [...["-v", voice, "-p", String(pitch), "-s", String(speed)], "-w", file, word],
      this.#folder,
    );
    const { readWav, resample } = this.#audio;
    const { sampleRate, channels } = readWav(readFileSync(file), { lenient: true });
    const samples = resample(channels[0], sampleRate, RATE);
    // Behind a word it is silent for half a second.
    return samples.subarray(0, samples.findLastIndex((sample) => Math.abs(sample) > SILENT) + 1);
  }

  #write(name, pieces) {
    const samples = Float32Array.from(pieces.flatMap((piece) => [...piece]));
    const file = join(this.#folder, name);
    writeFileSync(file, this.#audio.writeWav({ sampleRate: RATE, channels: [samples] }));
    return file;
  }
}
