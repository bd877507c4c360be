// A model's parts, and what is done with them outside training.
import { noGrad } from "../../autograd/mode.js";
import { NumericError } from "../../core/errors.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import type { Module } from "../../nn/module.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Asked } from "./asked.js";
import { SLACK } from "./defaults.js";
import type { Seq2SeqSettings } from "./options.js";
import type { Side } from "./side.js";
import type { ReadSources, SourceEncoder } from "./source-encoder.js";
import type { Begin, TargetWriter } from "./target-writer.js";

/**
 * What reads sources and writes texts about them.
 *
 * @typeParam Source as the encoder reads it: ids of a text's tokens, or a picture's pixels
 */
export interface WritingParts<Source> extends Module {
  readonly target: Side;
  readonly encoder: SourceEncoder<ReadSources, Source>;
  readonly writer: TargetWriter;
}

export interface Seq2SeqParts extends WritingParts<Int32Array> {
  readonly options: Seq2SeqSettings;
  readonly source: Side;
}

/** Tokens of a text at the most where nothing else is said: one odd pair must not let all others write for minutes. */
const LONGEST = 1000;

/**
 * A source that a text is written about.
 *
 * @param ids as the encoder reads them
 */
export function askedOf(
  { source, options: { lengthRatio, reverseSource, contextLength } }: Seq2SeqParts,
  text: string,
  ids: Int32Array,
): Asked<Int32Array> {
  return {
    source: ids,
    length: ids.length,
    longest: Math.min(LONGEST, Math.ceil(lengthRatio * (ids.length + SLACK))),
    most: contextLength ?? Infinity,
    places: () => source.tokensOf(text),
    reversed: reverseSource ?? false,
  };
}

/** Ids in the order in which the encoder reads them: the end mark last, whatever comes before it. */
export function asRead(ids: Int32Array, { reverseSource }: Seq2SeqSettings): Int32Array {
  if (reverseSource) ids.subarray(0, -1).reverse();
  return ids;
}

/**
 * What the writer knows of sources, as the encoder reads them.
 *
 * @param rows the sources that it writes about, by their numbers. Default: each once
 */
export function begun<Source>(
  { encoder, writer }: WritingParts<Source>,
  sources: readonly Source[],
  rows?: Int32Array,
): Begin {
  const read = encoder.forward(sources);
  return writer.begin(rows ? encoder.selected(read, rows) : read);
}

/**
 * Logits `[tokens, vocabulary]` of the tokens of targets, each after the right ones before it, and the tokens: those of
 * all targets one after another, without padding.
 */
export function forced(
  { writer }: Pick<WritingParts<never>, "writer">,
  begin: Begin,
  targets: readonly Int32Array[],
): { logits: Tensor; tokens: Tensor<"int32"> } {
  const output = writer.force(targets, begin);
  const tokens = new Int32Array(output.shape[0]!);
  let at = 0;
  for (const ids of targets) {
    tokens.set(ids, at);
    at += ids.length;
  }
  return { logits: writer.logits(output), tokens: tensor(tokens) };
}

/**
 * The negative logarithm of the probability of each token of targets.
 *
 * @param begin what the encoder made of their sources
 * @throws NumericError where the weights are not finite
 */
export function lossesOf(
  op: string,
  parts: Module & Pick<WritingParts<never>, "writer">,
  begin: Begin,
  targets: readonly Int32Array[],
): Float32Array[] {
  const all = inEvaluation(parts, () =>
    scope(() =>
      noGrad(() => {
        const { logits, tokens } = forced(parts, begin, targets);
        return { losses: crossEntropy(logits, tokens, { reduction: "none" }).data() };
      }),
    ),
  ).losses;
  if (!all.every(Number.isFinite))
    throw new NumericError({
      op,
      expected: "finite losses",
      got: "NaN or Infinity",
      cure: "The model's weights are not finite: the training diverged, or the file is damaged. Train anew with a smaller learningRate.",
    });
  let at = 0;
  return targets.map(({ length }) => all.subarray(at, (at += length)));
}
