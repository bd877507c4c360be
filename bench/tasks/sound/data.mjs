// Spoken digits of six speakers (FSDD), and strings of them. Recordings 0-4 of each digit and speaker are the official test; of the
// others the last three are for validation.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { getRngState, manualSeed, rand, setRngState } from "hiddenstate";
import { addNoise, changeGain, changeSpeed, readWav } from "hiddenstate/audio";

export const RATE = 8000;
export const SPEAKERS = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"];
const [TEST, VALIDATION] = [5, 3];

/** The recordings, `{ digit, speaker, index, samples }`, by part. */
export function readRecordings(folder) {
  const all = (file) => [...filesOf(gunzipSync(readFileSync(join(folder, "fsdd", file))))];
  const read = ({ name, bytes }) => {
    const [digit, speaker, index] = name.replace(/^.*\/|\.wav$/g, "").split("_");
    const { sampleRate, channels } = readWav(bytes, { name });
    if (sampleRate !== RATE) throw new Error(`${name}: ${sampleRate} samples a second`);
    return { digit, speaker, index: Number(index), samples: channels[0] };
  };
  // In an order that no archive decides.
  const order = (a, b) => (a.name < b.name ? -1 : 1);
  const wavs = (file) =>
    all(file)
      .filter(({ name }) => name.endsWith(".wav"))
      .sort(order)
      .map(read);
  const [learnt, test] = [wavs("train.tar.gz"), wavs("test.tar.gz")];
  const last = learnt.reduce((most, { index }) => Math.max(most, index), 0) - VALIDATION;
  return {
    train: learnt.filter(({ index }) => index >= TEST && index <= last),
    valid: learnt.filter(({ index }) => index > last),
    test: test.filter(({ index }) => index < TEST),
  };
}

/** The files of a USTAR archive. */
function* filesOf(bytes) {
  const text = (from, length) =>
    new TextDecoder().decode(bytes.subarray(from, from + length)).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const isFile = ["", "0"].includes(text(at + 156, 1));
    if (isFile) yield { name: text(at, 100), bytes: bytes.subarray(at + 512, at + 512 + size) };
    at += 512 + 512 * Math.ceil(size / 512);
  }
}

/** Runs with a generator of its own, and leaves the library's as it was. */
export function seeded(seed, make) {
  const state = getRngState();
  manualSeed(seed);
  try {
    return make();
  } finally {
    setRngState(state);
  }
}

/** Chances of a script: the same numbers wherever it runs (mulberry32). */
export function chances(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(uniform() * n);
  return {
    below,
    pick: (list) => list[below(list.length)],
    between: (a, b) => a + (b - a) * uniform(),
  };
}

/** Seconds of silence before, between and behind digits. */
const PAUSE = [0.04, 0.4];
const VOICES = 6;

/** 3 to 7 digits. */
const anyDigits = ({ below, pick }) =>
  Array.from({ length: 3 + below(5) }, () => pick([..."0123456789"]));

/**
 * Makes strings of digits of one speaker each, joined from recordings of one part with pauses of 40 to 400 ms; every second one with white
 * noise, the others with babble, six other recordings summed.
 *
 * @param options.snr decibels, or two between which they are drawn
 * @param options.vary whether each recording gets a speed and a loudness of its own. Default false
 * @param options.speakers who speaks; the babble is of all. Default: all
 * @param options.digitsOf what is said, by chance. Default: 3 to 7 digits
 * @returns the i-th string of a script, with the seconds at which its digits end
 */
function joiner(recordings, { snr = 10, digitsOf = anyDigits, speakers, vary = false }) {
  const speaking = speakers ?? [...new Set(recordings.map(({ speaker }) => speaker))].sort();
  const own = new Map();
  for (const recording of recordings) {
    const name = `${recording.speaker} ${recording.digit}`;
    own.set(name, [...(own.get(name) ?? []), recording]);
  }
  return (i, chance) => {
    const speaker = chance.pick(speaking);
    const digits = digitsOf(chance);
    const used = digits.map((digit) => chance.pick(own.get(`${speaker} ${digit}`)));
    const spoken = used.map(({ samples }) => (vary ? varied(samples) : samples));
    const pause = () => new Float32Array(Math.round(RATE * chance.between(...PAUSE)));
    const parts = [pause(), ...spoken.flatMap((samples) => [samples, pause()])];
    const clean = joined(parts);
    const ends = spoken.map((_, digit) => joined(parts.slice(0, 2 * digit + 2)).length / RATE);
    const noise = i % 2 === 0 ? "white" : babble(recordings, used, clean.length, chance);
    const samples = addNoise(clean, noise, snr);
    return { samples, sampleRate: RATE, text: digits.join(" "), speaker, ends };
  };
}

/** Shares of the speed, and decibels, by which a recording differs from itself. */
const [SPEEDS, GAINS] = [
  [0.85, 1.15],
  [-4, 4],
];
const varied = (samples) => changeGain(changeSpeed(samples, SPEEDS), GAINS);

/** Strings of a script of their own: the same wherever it runs. */
export function strings(recordings, count, { seed, ...options }) {
  const chance = chances(seed);
  const join = joiner(recordings, options);
  return seeded(seed, () => Array.from({ length: count }, (_, i) => join(i, chance)));
}

/**
 * A stream of recordings alone and strings of them, among each other by chance: each time that it is opened others are joined, by the
 * program's generator.
 */
export function stringsAnew(recordings, count, options) {
  const join = joiner(recordings, options);
  const open = function* () {
    const seed = Math.floor(rand([1]).item() * 2 ** 24);
    const chance = chances(seed);
    // A place below the number of recordings is that of a recording, another that of a string.
    const places = Array.from({ length: recordings.length + count }, (_, i) => i);
    while (places.length > 0) {
      const at = chance.below(places.length);
      const place = places[at];
      places[at] = places.at(-1);
      places.pop();
      const { samples, digit } = recordings[place] ?? {};
      if (samples) yield { samples, sampleRate: RATE, text: digit };
      else yield seeded(seed + place, () => join(place, chance));
    }
  };
  return Object.assign(open, { count: recordings.length + count });
}

function joined(parts) {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Six recordings that the string does not use, over and over, summed. */
function babble(recordings, used, length, chance) {
  const sum = new Float32Array(length);
  for (let voice = 0; voice < VOICES; voice++) {
    let other;
    do other = chance.pick(recordings);
    while (used.includes(other));
    const { samples } = other;
    let at = chance.below(samples.length);
    for (let t = 0; t < length; t++) {
      sum[t] += samples[at];
      if (++at === samples.length) at = 0;
    }
  }
  return sum;
}

/** Dates: day, month and two digits of the year, as 0 7 1 1 9 9: what a rule allows, 1 of 27 of what six digits could be. */
export function dateDigits({ below }) {
  const month = 1 + below(12);
  const day = 1 + below([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]);
  const year = below(100);
  return [...[day, month, year].map((number) => String(number).padStart(2, "0")).join("")];
}
