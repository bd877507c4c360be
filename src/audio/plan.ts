// The constants that the kernels read for one set of settings, in one block (its layout: assembly/audio/plan.ts).
import { melFilters } from "./mel.js";
import type { FeatureSettings } from "./options.js";
import { cosOfTurn, sinOfTurn } from "./turns.js";
import { windowFunction } from "./windows.js";

export interface Plan {
  readonly settings: FeatureSettings;
  readonly words: Int32Array;
  /** Frequencies of a spectrum. */
  readonly bins: number;
  /** Mel filters, 0 where there are none. */
  readonly filters: number;
  /** Numbers of a frame. */
  readonly width: number;
  /** `[nMels, nMfcc rounded up to four]`, of MFCC. */
  readonly cosines: Float32Array | undefined;
}

/** Plans take milliseconds to make: the latest are kept. */
const kept = /* @__PURE__ */ new Map<string, Plan>();
const MOST_KEPT = 8;

export function planOf(settings: FeatureSettings): Plan {
  const key = JSON.stringify(settings);
  const found = kept.get(key) ?? makePlan(settings);
  // Behind the others: the first is the one that was not asked for longest.
  kept.delete(key);
  kept.set(key, found);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  return found;
}

const HEADER = 16;

function makePlan(settings: FeatureSettings): Plan {
  const { features, nFft, hopLength, nMels, nMfcc } = settings;
  const bins = (nFft >> 1) + 1;
  const filters = features === "stft" || features === "spectrogram" ? [] : melFilters(settings);
  const length = nFft % 2 === 1 ? nFft : nFft / 2;
  const stages = stagesOf(length);
  const blocks = {
    window: padded(centred(settings), 4),
    stages: new Int32Array(2 * stages.length + 2),
    split: turns(
      nFft,
      Array.from({ length: (length >> 1) + 1 }, (_, k) => k),
    ),
    spans: Int32Array.from(filters.flatMap(({ first, weights }) => [first, weights.length])),
    weights: Float32Array.from(filters.flatMap(({ weights }) => weights)),
  };
  const tables = stages.map((stage) => turnsOfStage(stage));
  const all = [...Object.values(blocks), ...tables];
  const places: number[] = [];
  let total = HEADER;
  for (const block of all) {
    places.push(total);
    total += block.length;
  }
  const [window, ofStages, split, spans, weights] = places;
  stages.forEach(({ radix }, i) => blocks.stages.set([radix, places[5 + i]!], 2 * i));
  const words = new Int32Array(total);
  words.set([nFft, hopLength, window!, ofStages!, split!, filters.length, spans!, weights!]);
  all.forEach((block, i) => {
    words.set(new Int32Array(block.buffer, block.byteOffset, block.length), places[i]);
  });
  const width = {
    stft: 2 * bins,
    spectrogram: bins,
    melSpectrogram: nMels,
    logMel: nMels,
    mfcc: nMfcc,
  };
  return {
    settings,
    words,
    bins,
    filters: filters.length,
    width: width[features],
    cosines: features === "mfcc" ? cosineTable(nMels, nMfcc) : undefined,
  };
}

/** The window in the middle of a frame, zeros around it. */
function centred({ window, winLength, nFft }: FeatureSettings): Float32Array {
  const frame = new Float32Array(nFft);
  frame.set(windowFunction(window, winLength), (nFft - winLength) >> 1);
  return frame;
}

function padded(values: Float32Array, multiple: number): Float32Array {
  const out = new Float32Array(Math.ceil(values.length / multiple) * multiple);
  out.set(values);
  return out;
}

interface Stage {
  readonly radix: number;
  /** Of the transforms that it joins into one. */
  readonly length: number;
}

/** The prime factors, pairs of 2 as 4, the largest first: fours keep the loops of later stages long. */
function stagesOf(length: number): Stage[] {
  const stages: Stage[] = [];
  let rest = length;
  for (let radix = 4; rest > 1; radix = radix === 4 ? 2 : radix === 2 ? 3 : radix + 2)
    for (; rest % radix === 0; rest /= radix) stages.push({ radix, length: rest });
  return stages;
}

/** Cosine and minus sine of each part of a turn: e^(-2πi part / whole). */
function turns(whole: number, parts: readonly number[]): Float32Array {
  return Float32Array.from(
    parts.flatMap((part) => [cosOfTurn(part, whole), -sinOfTurn(part, whole)]),
  );
}

function turnsOfStage({ radix, length }: Stage): Float32Array {
  const parts: number[] = [];
  for (let p = 0; p < length / radix; p++) for (let k = 1; k < radix; k++) parts.push(p * k);
  const own = turns(length, parts);
  if (radix <= 5) return own;
  const roots = turns(
    radix,
    Array.from({ length: radix }, (_, k) => k),
  );
  return Float32Array.from([...own, ...roots]);
}

/** The orthonormal cosine transform (DCT-II) of `size` numbers: scipy's `dct(norm="ortho")`, torchaudio's `create_dct`. */
function cosineTable(size: number, count: number): Float32Array {
  const stride = Math.ceil(count / 4) * 4;
  const table = new Float32Array(size * stride);
  for (let n = 0; n < size; n++)
    for (let k = 0; k < count; k++)
      table[n * stride + k] =
        Math.sqrt((k === 0 ? 1 : 2) / size) * cosOfTurn(k * (2 * n + 1), 4 * size);
  return table;
}
