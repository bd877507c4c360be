// A model's parts, and what is done with them outside training.
import { noGrad } from "../../autograd/mode.js";
import { NumericError } from "../../core/errors.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import type { Module } from "../../nn/module.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Seq2SeqSettings } from "./options.js";
import type { Side } from "./side.js";
import type { SourceEncoder } from "./source-encoder.js";
import type { Begin, TargetWriter } from "./target-writer.js";

export interface Seq2SeqParts extends Module {
  readonly options: Seq2SeqSettings;
  readonly source: Side;
  readonly target: Side;
  readonly encoder: SourceEncoder;
  readonly writer: TargetWriter;
}

/** A source, and its ids as the encoder reads them. */
export interface ReadSource {
  readonly text: string;
  readonly ids: Int32Array;
}

/** Ids in the order in which the encoder reads them: the end mark last, whatever comes before it. */
export function asRead(ids: Int32Array, { reverseSource }: Seq2SeqSettings): Int32Array {
  if (reverseSource) ids.subarray(0, -1).reverse();
  return ids;
}

/** What the writer knows of sources, as the encoder reads them. */
export function begun({ encoder, writer }: Seq2SeqParts, sources: readonly Int32Array[]): Begin {
  return writer.begin(encoder.forward(sources));
}

/**
 * Logits `[tokens, vocabulary]` of the tokens of targets, each after the right ones before it, and the tokens: those of
 * all targets one after another, without padding.
 */
export function forced(
  { writer }: Pick<Seq2SeqParts, "writer">,
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
  parts: Seq2SeqParts,
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
