// How a language model goes on with a text: sampling, or beam search.
import { checkCall, checkCount } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { quoted } from "../../core/code-points.js";
import { beamSearch, type BeamSearchOptions } from "../../decode/beam-search.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import type { DecodeOptions } from "../../decode/options.js";
import { sampleTokens } from "../../decode/sample.js";
import type { SamplingOptions } from "../../decode/sampler.js";
import type { StopCondition } from "../../decode/stop.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { LanguageModelSettings } from "./options.js";

export interface GenerateOptions
  extends
    SamplingOptions,
    Pick<DecodeOptions, "endToken" | "excluded" | "minLength" | "noRepeatNgramSize">,
    Pick<BeamSearchOptions, "beams" | "lengthPenalty" | "alpha" | "earlyStopping"> {
  /** Tokens to generate at the most; learned positions end a text with their last one. Default 200. */
  length?: number | undefined;
  /** Ends the text earlier; the token at which it stops is part of the text. Not for a beam search: see `endToken`. */
  stop?: StopCondition | undefined;
  /**
   * Beam search with this many open texts, instead of sampling: the most probable text that it finds. It comes in one go,
   * when the search has ended. Default: sampling.
   */
  beams?: number | undefined;
}

/** Options that a beam search, which draws nothing, would ignore; and those that sampling would. */
const OF_SAMPLING = ["temperature", "topK", "topP", "minP", "seed", "stop"] as const;
const OF_BEAMS = ["lengthPenalty", "alpha", "earlyStopping"] as const;

/** Refuses wrong arguments when it is called, not when the first piece is asked for. */
export function checkGenerate(given: ArrayLike<unknown>): void {
  checkCall(
    "LanguageModel.generate",
    given,
    "prompt:string {length:number stop:function temperature:number topK:number topP:number minP:number seed:number endToken:number|list excluded:list minLength:number noRepeatNgramSize:number beams:number lengthPenalty:string alpha:number earlyStopping:boolean|string}",
  );
}

/** A language model, as its own generate sees it. */
interface Writer {
  readonly tokenizer: Tokenizer;
  readonly options: LanguageModelSettings;
  decoder(options: DecoderOptions): Decoder;
}

/** Tokens of a prompt at the most: with learned positions there are no more places. */
export function longestPrompt({ positions, contextLength }: LanguageModelSettings): number {
  return positions === "learned" ? contextLength! : Infinity;
}

/** The pieces that follow the prompt. */
export function* generate(
  op: string,
  model: Writer,
  prompt: string,
  options: GenerateOptions,
): Generator<string, void> {
  const { length = 200, stop, beams, excluded = [], ...others } = options;
  const { tokenizer } = model;
  const ids = tokenizer.encode(prompt);
  if (ids.length === 0)
    throw new OptionError({ op, expected: "a prompt of at least one token", got: quoted(prompt) });
  const longest = longestPrompt(model.options);
  if (ids.length > longest)
    throw new OptionError({
      op,
      expected: `a prompt of at most ${longest} tokens, as many as there are learned positions`,
      got: String(ids.length),
    });
  const idle = (beams === undefined ? OF_BEAMS : OF_SAMPLING).find(
    (name) => options[name] !== undefined,
  );
  if (idle !== undefined)
    throw new OptionError({
      op,
      expected: beams === undefined ? `beams beside ${idle}` : "the options of a beam search",
      got: beams === undefined ? "none" : idle,
      cure: idle === "stop" ? "A beam search ends at an endToken." : undefined,
    });
  if (beams !== undefined) checkCount(op, "beams", beams);
  checkCount(op, "length", length);
  const { unknown } = tokenizer.vocabulary;
  const settings = {
    ...others,
    prompt: [ids],
    // The last token is written, not read.
    maxLength: Math.min(length, longest - ids.length + 1),
    // Nobody can read the token for unknown words.
    excluded: [
      ...Array.from(excluded),
      ...(unknown === undefined ? [] : [tokenizer.vocabulary.id(unknown)]),
    ],
  };
  const decode = tokenizer.decoder(prompt);
  const decoder = model.decoder({ capacity: beams });
  try {
    if (beams !== undefined) {
      const [best] = beamSearch(decoder, { ...settings, beams })[0]!;
      for (const id of best!.ids) yield decode(id);
      return;
    }
    const generated: number[] = [];
    for (const { id } of sampleTokens(decoder, settings)) {
      generated.push(id);
      yield decode(id);
      if (stop?.(generated)) return;
    }
  } finally {
    decoder.dispose();
  }
}
