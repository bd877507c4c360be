// Options of features of sound, each declared once, and the presets: what other programs do where nothing is said.
import { OptionError } from "../core/errors.js";
import { described } from "../core/described.js";
import {
  choice,
  flag,
  number,
  readOptions,
  whole,
  type Option,
  type OptionTable,
  type Settings,
} from "../core/options.js";
import { WINDOWS, type WindowKind } from "./windows.js";

/** Samples of one channel, in −1…1 where they come from a file. */
export type Samples = Float32Array | readonly number[];

/** Whose defaults hold for what is not given. */
export type AudioPreset = "torchaudio" | "librosa";

/** How a signal is cut into frames and these are transformed. */
export interface StftOptions {
  /**
   * Whose defaults hold for what is not given, and whose numbers come out: torchaudio's (frames of 400 samples every 200,
   * ends mirrored) or librosa's (2048 every 512, zeros behind the ends). Default `"torchaudio"`.
   */
  preset?: AudioPreset | undefined;
  /** Samples of a frame. Default: by the preset, 400 or 2048. */
  nFft?: number | undefined;
  /** Samples of the window, in the middle of the frame. Default: `nFft`. */
  winLength?: number | undefined;
  /** Samples from a frame to the next. Default: by the preset, half of `winLength`, or 512 for librosa. */
  hopLength?: number | undefined;
  /** The window function. Default `"hann"`. */
  window?: WindowKind | undefined;
  /** Whether frame t is around sample t · `hopLength`, with padding at both ends; else it begins there. Default true. */
  center?: boolean | undefined;
  /** What stands behind the ends: the signal mirrored, or zeros. Default: by the preset, `"reflect"` or `"constant"`. */
  padMode?: "reflect" | "constant" | undefined;
}

export interface SpectrogramOptions extends StftOptions {
  /** 2 for the power of each frequency, 1 for its magnitude. Default 2. */
  power?: number | undefined;
}

/** How frequencies are summed on the mel scale. */
export interface MelFilterOptions {
  /** Whose defaults hold for what is not given. Default `"torchaudio"`. */
  preset?: AudioPreset | undefined;
  /** Samples a second. Default: by the preset, 16000 or 22050. */
  sampleRate?: number | undefined;
  /** Samples of a frame. Default: by the preset, 400 or 2048. */
  nFft?: number | undefined;
  /** Filters. Default 128. */
  nMels?: number | undefined;
  /** The lowest frequency in Hz. Default 0. */
  fMin?: number | undefined;
  /** The highest frequency in Hz. Default: half of `sampleRate`. */
  fMax?: number | undefined;
  /** HTK's formula, 2595 · log10(1 + f / 700), or Slaney's, linear up to 1 kHz. Default: by the preset, `"htk"` or `"slaney"`. */
  melScale?: "htk" | "slaney" | undefined;
  /** `"slaney"`: each filter has area 1; `"none"`: each has its peak at 1. Default: by the preset, `"none"` or `"slaney"`. */
  norm?: "slaney" | "none" | undefined;
}

export interface MelSpectrogramOptions extends SpectrogramOptions, MelFilterOptions {}

export interface LogMelOptions extends MelSpectrogramOptions {
  /** `"decibel"`: 10 · log10, or 20 · log10 of magnitudes; `"natural"`: ln. Default `"decibel"`. */
  log?: "decibel" | "natural" | undefined;
  /** What is less counts as this much, before the logarithm. Default 1e-10. */
  amin?: number | undefined;
  /**
   * Decibels below the loudest value at which all quieter ones are cut; null for none. It needs the whole signal. Default: by
   * the preset, null or 80 for log-mel, 80 for MFCC.
   */
  topDb?: number | null | undefined;
}

export interface MfccOptions extends LogMelOptions {
  /** Coefficients. Default: by the preset, 40 or 20. */
  nMfcc?: number | undefined;
}

/** What a spectrogram consists of. */
export type FeatureKind = "stft" | "spectrogram" | "melSpectrogram" | "logMel" | "mfcc";

const orNull: Option<number | null> = {
  ...(number({ above: 0 }, undefined, "") as Option<number | null>),
  help: "decibels below the loudest value at which quieter ones are cut (default: by the preset)",
  form: "a number above 0, or null",
  fits: (value) => value === null || (Number.isFinite(value) && (value as number) > 0),
};

export const STFT_OPTIONS: OptionTable<StftOptions> = {
  preset: choice(["torchaudio", "librosa"], "torchaudio", "whose defaults hold"),
  nFft: whole(1, undefined, "samples of a frame (default: by the preset)"),
  winLength: whole(1, undefined, "samples of the window (default: nFft)"),
  hopLength: whole(1, undefined, "samples from a frame to the next (default: by the preset)"),
  window: choice(WINDOWS, "hann", "the window function"),
  center: flag(true, "pad both ends, so that frames are around their time"),
  padMode: choice(["reflect", "constant"], undefined, "what is padded (default: by the preset)"),
};

export const SPECTROGRAM_OPTIONS: OptionTable<SpectrogramOptions> = {
  ...STFT_OPTIONS,
  power: {
    ...whole(1, 2, "2 for powers, 1 for magnitudes"),
    form: "1 or 2",
    fits: (value) => value === 1 || value === 2,
  },
};

export const MEL_FILTER_OPTIONS: OptionTable<MelFilterOptions> = {
  preset: STFT_OPTIONS.preset,
  sampleRate: number({ above: 0 }, undefined, "samples a second (default: by the preset)"),
  nFft: STFT_OPTIONS.nFft,
  nMels: whole(1, 128, "mel filters"),
  fMin: number({ least: 0 }, 0, "the lowest frequency in Hz"),
  fMax: number({ above: 0 }, undefined, "the highest frequency in Hz (default: half the rate)"),
  melScale: choice(["htk", "slaney"], undefined, "the mel scale (default: by the preset)"),
  norm: choice(["slaney", "none"], undefined, "filters of one area (default: by the preset)"),
};

export const MEL_OPTIONS: OptionTable<MelSpectrogramOptions> = {
  ...SPECTROGRAM_OPTIONS,
  ...MEL_FILTER_OPTIONS,
};

export const LOG_MEL_OPTIONS: OptionTable<LogMelOptions> = {
  ...MEL_OPTIONS,
  log: choice(["decibel", "natural"], "decibel", "decibels or the natural logarithm"),
  amin: number({ above: 0 }, 1e-10, "the least value before the logarithm"),
  topDb: orNull,
};

export const MFCC_OPTIONS: OptionTable<MfccOptions> = {
  ...LOG_MEL_OPTIONS,
  nMfcc: whole(1, undefined, "coefficients (default: by the preset)"),
};

const TABLES: Readonly<Record<FeatureKind, object>> = {
  stft: STFT_OPTIONS,
  spectrogram: SPECTROGRAM_OPTIONS,
  melSpectrogram: MEL_OPTIONS,
  logMel: LOG_MEL_OPTIONS,
  mfcc: MFCC_OPTIONS,
};

/** The table of what {@link StftOptions} to {@link MfccOptions} take. */
export function tableOf(kind: FeatureKind): OptionTable<MfccOptions> {
  return TABLES[kind] as OptionTable<MfccOptions>;
}

/** Every setting of features, as given or by the preset. Settings that the kind has no use for are there all the same. */
export interface FeatureSettings extends Required<Settings<MfccOptions>> {
  readonly features: FeatureKind;
}

/** By the preset, what does not depend on the kind. */
const PRESETS = {
  torchaudio: {
    nFft: 400,
    padMode: "reflect",
    sampleRate: 16000,
    melScale: "htk",
    norm: "none",
    nMfcc: 40,
  },
  librosa: {
    nFft: 2048,
    padMode: "constant",
    sampleRate: 22050,
    melScale: "slaney",
    norm: "slaney",
    nMfcc: 20,
  },
} as const;

/**
 * @throws OptionError for an option that the kind of features does not have, a value of another form, or some that do not
 *   fit each other
 */
export function readFeatureOptions(
  op: string,
  features: FeatureKind,
  given: MfccOptions,
): FeatureSettings {
  const read = readOptions<MfccOptions, keyof MfccOptions>(op, tableOf(features), given);
  const preset = read.preset ?? "torchaudio";
  const defaults = PRESETS[preset];
  const nFft = read.nFft ?? defaults.nFft;
  const winLength = read.winLength ?? nFft;
  const ofLibrosa = features === "stft" || features === "spectrogram" ? winLength >> 2 : 512;
  const hopLength = read.hopLength ?? (preset === "librosa" ? ofLibrosa : winLength >> 1);
  const topDb = features === "mfcc" || preset === "librosa" ? 80 : null;
  const mel = readMelSettings(op, { ...read, preset, nFft });
  const settings = {
    features,
    ...mel,
    winLength,
    hopLength: Math.max(1, hopLength),
    window: read.window ?? "hann",
    center: read.center ?? true,
    padMode: read.padMode ?? defaults.padMode,
    power: read.power ?? 2,
    log: read.log ?? "decibel",
    amin: read.amin ?? 1e-10,
    // null is a choice of its own.
    topDb: given.topDb === undefined ? topDb : given.topDb,
    nMfcc: read.nMfcc ?? defaults.nMfcc,
  } as const;
  const refuse = (expected: string, got: unknown): never => {
    throw new OptionError({ op, expected, got: described(got) });
  };
  if (winLength > nFft) refuse(`winLength of at most nFft = ${nFft}`, winLength);
  if (settings.nMfcc > mel.nMels && features === "mfcc")
    refuse(`nMfcc of at most nMels = ${mel.nMels}`, settings.nMfcc);
  if (typeof given.topDb === "number" && settings.log === "natural")
    refuse('topDb null for log "natural": it counts decibels', given.topDb);
  return settings.log === "natural" ? { ...settings, topDb: null } : settings;
}

export type MelSettings = Required<Settings<MelFilterOptions>>;

export function readMelOptions(op: string, given: MelFilterOptions): MelSettings {
  return readMelSettings(
    op,
    readOptions<MelFilterOptions, keyof MelFilterOptions>(op, MEL_FILTER_OPTIONS, given),
  );
}

function readMelSettings(
  op: string,
  read: { readonly [K in keyof MelFilterOptions]: MelFilterOptions[K] },
): MelSettings {
  const preset = read.preset ?? "torchaudio";
  const defaults = PRESETS[preset];
  const sampleRate = read.sampleRate ?? defaults.sampleRate;
  const fMin = read.fMin ?? 0;
  const fMax = read.fMax ?? nyquist(preset, sampleRate);
  if (!(fMin < fMax))
    throw new OptionError({ op, expected: `fMin below fMax = ${fMax} Hz`, got: described(fMin) });
  return {
    preset,
    sampleRate,
    nFft: read.nFft ?? defaults.nFft,
    nMels: read.nMels ?? 128,
    fMin,
    fMax,
    melScale: read.melScale ?? defaults.melScale,
    norm: read.norm ?? defaults.norm,
  };
}

/** Half of the rate; torchaudio leaves out the half of an odd one. */
export function nyquist(preset: AudioPreset, sampleRate: number): number {
  return preset === "torchaudio" ? Math.floor(sampleRate / 2) : sampleRate / 2;
}
