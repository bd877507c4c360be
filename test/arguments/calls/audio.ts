// Sound, and labels read from the steps of a CTC model.
import * as audio from "../../../src/audio/index.js";
import * as decode from "../../../src/decode/index.js";
import { microphone, type MicrophoneOptions } from "../../../src/platform/browser/index.js";
import { tensor } from "../../../src/tensor/create.js";
import { call, made, method, type Call } from "../wrong-calls.js";

const SAMPLES = Float32Array.from({ length: 1600 }, (_, i) => (i % 7) / 10);
const LISTS = { "0": ["array", "typed array"] } as const;
const STFT = {
  ...{ preset: "librosa", nFft: 64, winLength: 50, hopLength: 20, window: "hann" },
  ...{ center: true, padMode: "reflect" },
} as const;
const SPECTROGRAM = { ...STFT, power: 1 };
const FILTERS = {
  ...{ preset: "torchaudio", sampleRate: 16000, nFft: 64, nMels: 8, fMin: 10, fMax: 7000 },
  ...{ melScale: "slaney", norm: "none" },
} as const;
const MEL = { ...SPECTROGRAM, ...FILTERS } as const;
const LOG_MEL = { ...MEL, log: "decibel", amin: 1e-6, topDb: 50 } as const;
const NULL_TOO = { ...LISTS, "1.topDb": "null" } as const;
const features = () => tensor(SAMPLES, { shape: [80, 20] });
const logits = () => tensor([[[1, 2, 3]]]);
const scorer: decode.LabelScorer = { score: (_prefixes, _blank, out) => out.fill(-1) };
const SEARCH = {
  blank: 0,
  beams: 2,
  nBest: 1,
  cutoffTopN: 3,
  languageModel: scorer,
  alpha: 1,
  beta: 0,
};
const stream = () => new audio.FeatureExtractor({ nFft: 64 }).stream();
const ended = () => {
  const begun = stream();
  begun.push(SAMPLES);
  return begun;
};
const sound = { sampleRate: 8000, channels: [SAMPLES] };

export const AUDIO_CALLS: Readonly<Record<string, Call>> = {
  windowFunction: call(audio.windowFunction, () => ["hann", 9, { periodic: false }]),
  stft: call(audio.stft, () => [SAMPLES, STFT], { also: LISTS }),
  spectrogram: call(audio.spectrogram, () => [SAMPLES, SPECTROGRAM], { also: LISTS }),
  melFilterbank: call(audio.melFilterbank, () => [FILTERS]),
  melSpectrogram: call(audio.melSpectrogram, () => [SAMPLES, MEL], { also: LISTS }),
  logMel: call(audio.logMel, () => [SAMPLES, LOG_MEL], { also: NULL_TOO }),
  mfcc: call(audio.mfcc, () => [SAMPLES, { ...LOG_MEL, nMfcc: 4 }], { also: NULL_TOO }),
  deltas: call(audio.deltas, () => [features(), { winLength: 3, edges: "interp" }]),
  meanVarianceNormalize: call(audio.meanVarianceNormalize, () => [features(), { variance: false }]),
  "new RunningNormalization": made(audio.RunningNormalization, () => [
    2,
    { window: 3, stats: { mean: [0, 0], std: [1, 1] } },
  ]),
  "RunningNormalization.push": method(
    () => new audio.RunningNormalization(2),
    "push",
    () => [new Float32Array(4)],
  ),
  "RunningNormalization.reset": method(
    () => new audio.RunningNormalization(2),
    "reset",
    () => [],
  ),
  "new FeatureExtractor": made(
    audio.FeatureExtractor,
    () => [
      {
        ...LOG_MEL,
        ...{
          features: "mfcc",
          nMfcc: 2,
          normalize: "global",
          stats: { mean: [0, 0], std: [1, 1] },
        },
      },
    ],
    { also: { "0.topDb": "null" } },
  ),
  "FeatureExtractor.extract": method(
    () => new audio.FeatureExtractor(),
    "extract",
    () => [SAMPLES],
    { also: LISTS },
  ),
  "FeatureExtractor.stream": method(
    () => new audio.FeatureExtractor(),
    "stream",
    () => [],
  ),
  "FeatureStream.push": method(stream, "push", () => [SAMPLES], { also: LISTS }),
  "FeatureStream.end": method(ended, "end", () => []),
  "FeatureStream.reset": method(stream, "reset", () => []),
  resample: call(audio.resample, () => [SAMPLES, 4, 3, { lowpassFilterWidth: 3, rolloff: 0.9 }], {
    also: LISTS,
  }),
  "new Resampler": made(audio.Resampler, () => [4, 3, { lowpassFilterWidth: 3, rolloff: 0.9 }]),
  "Resampler.push": method(
    () => new audio.Resampler(2, 1),
    "push",
    () => [SAMPLES],
    { also: LISTS },
  ),
  "Resampler.end": method(
    () => new audio.Resampler(2, 1),
    "end",
    () => [],
  ),
  changeSpeed: call(audio.changeSpeed, () => [SAMPLES, 1.1], {
    also: { ...LISTS, "1": ["array", "typed array"] },
  }),
  changeGain: call(audio.changeGain, () => [SAMPLES, 3], {
    also: { ...LISTS, "1": ["array", "typed array"] },
  }),
  addNoise: call(audio.addNoise, () => [SAMPLES, SAMPLES, 3], {
    also: { ...LISTS, "1": ["string", "array", "typed array"], "2": ["array", "typed array"] },
  }),
  specAugment: call(
    audio.specAugment,
    () => [
      features(),
      {
        ...{ frequencyMasks: 1, frequencyMaskWidth: 3, timeMasks: 1, timeMaskWidth: 4 },
        ...{ timeMaskShare: 0.5, timeWarp: 3, fill: 0 },
      },
    ],
    { also: { "1.fill": "string" } },
  ),
  readWav: call(audio.readWav, () => [audio.writeWav(sound), { lenient: true, name: "f" }]),
  writeWav: call(audio.writeWav, () => [sound, { bitDepth: 32, float: true }], { named: [0] }),
  // Its loop is not begun: there is no microphone.
  microphone: call(
    (...given: [MicrophoneOptions]) => void microphone(...given),
    () => [
      {
        ...{ sampleRate: 16000, chunkLength: 128, constraints: {}, workletUrl: "worklet.js" },
        signal: new AbortController().signal,
      },
    ],
  ),
  ctcGreedy: call(decode.ctcGreedy, () => [logits(), { lengths: [1], blank: 0 }], {
    also: { "1.lengths": ["typed array", "int tensor"] },
  }),
  ctcBeamSearch: call(decode.ctcBeamSearch, () => [logits(), { lengths: [1], ...SEARCH }], {
    also: { "1.lengths": ["typed array", "int tensor"] },
  }),
  "new CtcStream": made(decode.CtcStream, () => [3, SEARCH]),
  "CtcStream.push": method(
    () => new decode.CtcStream(2),
    "push",
    () => [new Float32Array(4)],
  ),
  "CtcStream.end": method(
    () => new decode.CtcStream(2),
    "end",
    () => [],
  ),
  "CtcStream.reset": method(
    () => new decode.CtcStream(2),
    "reset",
    () => [],
  ),
  labelScorer: call(
    decode.labelScorer,
    () => [{ logProbability: () => -1 }, { ids: [0, 1], start: 0, end: 1 }],
    { named: [0], also: { "1.ids": "typed array" } },
  ),
  ctcForcedAlignment: call(
    decode.ctcForcedAlignment,
    () => [
      logits(),
      tensor([[1]], { dtype: "int32" }),
      { inputLengths: [1], targetLengths: [1], blank: 0 },
    ],
    {
      also: {
        "2.inputLengths": ["typed array", "int tensor"],
        "2.targetLengths": ["typed array", "int tensor"],
      },
    },
  ),
};
