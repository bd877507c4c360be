// How a model's answers are searched for.
import { OptionError } from "../../core/errors.js";
import {
  choice,
  flag,
  number,
  readOptions,
  whole,
  type OptionNaming,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import type { LengthPenalty } from "../../decode/length-penalty.js";

/** How texts are written: see {@link Seq2Seq.predict}. */
export interface SearchOptions {
  /** Texts that are kept open (beam search), 1,000 at the most; 1: the most probable token each time. Default 5. */
  beams?: number | undefined;
  /**
   * What makes up for the lower probability of longer texts, as in `beamSearch`. Default `"average"`: the mean
   * log-probability of a token decides.
   */
  lengthPenalty?: LengthPenalty | undefined;
  /** The exponent of the length penalty. Default: 1. */
  alpha?: number | undefined;
  /**
   * Tokens at the most, the end mark among them. Default: so many that every text fits that the model was built from, and a quarter more
   * (`lengthRatio` for each token of the source and ten), and 1,000 of all texts.
   */
  maxLength?: number | undefined;
  /** Tokens at the least, without the end mark. Default 0. */
  minLength?: number | undefined;
  /** No sequence of this many tokens comes twice. Default: any may. */
  noRepeatNgramSize?: number | undefined;
  /** Makes tokens that were written less probable, see `penalizeRepeats`. Default 1: no. */
  repetitionPenalty?: number | undefined;
  /**
   * Whether the token for unknown words may be written, and is replaced by the token of the source that attention
   * looks at most (Luong et al. 2015): names and numbers are copied. Default false: it is never written.
   */
  replaceUnknown?: boolean | undefined;
}

export const SEARCH_OPTIONS: OptionTable<SearchOptions> = {
  beams: whole(1, 5, "texts that are kept open; 1: the most probable token each time"),
  lengthPenalty: choice(
    ["none", "average", "wu"],
    "average",
    "what makes up for the lower probability of longer texts",
  ),
  alpha: number(
    { least: 0, below: Infinity },
    undefined,
    "exponent of the length penalty (default: 1)",
  ),
  maxLength: whole(
    1,
    undefined,
    "tokens at the most (default: by the length of the source, 1000 of any)",
  ),
  minLength: whole(0, 0, "tokens at the least"),
  noRepeatNgramSize: whole(
    1,
    undefined,
    "no sequence of this many tokens comes twice (default: any may)",
  ),
  repetitionPenalty: number(
    { least: 1, below: Infinity },
    1,
    "above 1: tokens that were written get less probable",
  ),
  replaceUnknown: flag(false, "replace unknown words by those of the source"),
};

/** Options of any search with their types, for `checkCall`; and with what only sources of words have. */
export const WRITING_KEYS =
  "beams:number lengthPenalty:string alpha:number maxLength:number minLength:number noRepeatNgramSize:number repetitionPenalty:number";
export const SEARCH_KEYS = `${WRITING_KEYS} replaceUnknown:boolean`;

/** How answers are searched for, and what of them is told. */
export interface Seq2SeqPredictOptions extends SearchOptions {
  /** How many of the best texts to tell, at most `beams`. Default 1. */
  alternatives?: number | undefined;
  /** Whether to tell where the model looked. Needs a model with attention. Default false. */
  attention?: boolean | undefined;
}

export const PREDICT_OPTIONS: OptionTable<Seq2SeqPredictOptions> = {
  ...SEARCH_OPTIONS,
  alternatives: whole(1, 1, "how many of the best texts to tell"),
  attention: flag(false, "tell where the model looked"),
};

export const PREDICT_KEYS = `${SEARCH_KEYS} alternatives:number attention:boolean`;

export type SearchSettings = Settings<Seq2SeqPredictOptions>;

/** More texts would take minutes each, and are none the better (Koehn & Knowles 2017). */
const MOST_BEAMS = 1000;

/**
 * Every option with its value.
 *
 * @param looks whether the model has attention
 */
export function searchSettings(
  op: string,
  given: Seq2SeqPredictOptions,
  looks: boolean,
  named: OptionNaming = (name) => name,
): SearchSettings {
  const settings: SearchSettings = readOptions<Seq2SeqPredictOptions>(
    op,
    PREDICT_OPTIONS,
    given,
    {},
    named,
  );
  const { beams, alternatives, lengthPenalty, minLength, maxLength } = settings;
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got });
  };
  if (beams > MOST_BEAMS) refuse(`${named("beams")} at most ${MOST_BEAMS}`, String(beams));
  if (alternatives > beams)
    refuse(
      `${named("alternatives")} at most the number of ${named("beams")}, ${beams}`,
      String(alternatives),
    );
  if (lengthPenalty === "none" && settings.alpha !== undefined)
    refuse(
      `no ${named("alpha")} where ${named("lengthPenalty")} is "none"`,
      String(settings.alpha),
    );
  if (maxLength !== undefined && minLength > maxLength)
    refuse(`${named("minLength")} at most ${named("maxLength")}, ${maxLength}`, String(minLength));
  for (const name of ["attention", "replaceUnknown"] as const)
    if (settings[name] && !looks)
      refuse(`a model with attention for ${named(name)}`, "one without");
  return settings;
}
