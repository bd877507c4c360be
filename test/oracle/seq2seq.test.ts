// A whole Seq2Seq model against PyTorch, which reads one sequence at a time: loss, gradients, what a search writes.
import { expect, test } from "vitest";
import { beamSearch, type EarlyStopping, type LengthPenalty } from "../../src/decode/index.js";
import { crossEntropy, tensor } from "../../src/index.js";
import { Seq2Seq, type Seq2SeqOptions } from "../../src/models/index.js";
import type { Seq2SeqParts } from "../../src/models/seq2seq/parts.js";
import { CharTokenizer, Vocabulary } from "../../src/text/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { casesOf, oracleCases, type OracleCase } from "../helpers/oracle.js";
import { checkCase, loadParameters } from "./check-case.js";

interface LossCase {
  pairs: number;
  labelSmoothing: number;
}

interface TransformerCase extends LossCase {
  positions: "sinusoidal" | "learned";
  normFirst: boolean;
  tieEmbeddings: "none" | "target" | "all";
  numHeads: number;
  numLayers: number;
  contextLength: number;
}

interface Search {
  lengthPenalty: LengthPenalty;
  alpha?: number;
  earlyStopping: EarlyStopping;
}

interface SearchCase {
  beams: number;
  nBest: number;
  lengthRatio: number;
  searches: Search[];
}

const cases = oracleCases("seq2seq");
const transformers = oracleCases("seq2seq-transformer");
const UNKNOWN = "?";

/** A model with the parameters of a case. Its tokens are letters, by the ids of the case. */
function modelOf(oracle: OracleCase<unknown>, options: Seq2SeqOptions = {}): Seq2Seq {
  const [tokens, embeddingSize] = oracle.constant("param", "encoder.embedding.weight").shape;
  const letters = Array.from({ length: tokens! - 2 }, (_, i) => String.fromCharCode(97 + i));
  const tokenizer = new CharTokenizer(new Vocabulary([UNKNOWN, ...letters], { unknown: UNKNOWN }));
  const model = new Seq2Seq(
    { source: tokenizer, target: tokenizer },
    options.architecture === "transformer"
      ? { ...options, hiddenSize: embeddingSize!, dropout: 0 }
      : { ...options, ...recurrentOptions(oracle, embeddingSize!) },
  );
  loadParameters(model, oracle);
  return model;
}

function recurrentOptions(oracle: OracleCase<unknown>, embeddingSize: number): Seq2SeqOptions {
  const [, hiddenSize] = oracle.constant("param", "writer.bridge.h.weight").shape;
  return { embeddingSize, hiddenSize: hiddenSize!, tieEmbeddings: "all", dropout: 0 };
}

/** Of the pairs of a case: its sources, its targets. */
function sequencesOf(oracle: OracleCase<LossCase>): [Int32Array[], Int32Array[]] {
  const sequences = (side: string) =>
    Array.from({ length: oracle.options.pairs }, (_, i) =>
      Int32Array.from(oracle.constant("in", `${side}${i}`).data),
    );
  return [sequences("source"), sequences("target")];
}

/** Logits and the loss of all pairs in one batch. */
function lossOf(model: Seq2Seq, [sources, targets]: Int32Array[][], labelSmoothing: number) {
  const logits = model.forward(sources!, targets!);
  const written = tensor(Int32Array.from(targets!.flatMap((ids) => [...ids])));
  return { logits, loss: crossEntropy(logits, written, { labelSmoothing }) };
}

test.each(casesOf<LossCase>(cases, "seq2seqLoss"))("loss and all gradients", (oracle) => {
  const model = modelOf(oracle);
  const pairs = sequencesOf(oracle);
  checkCase(oracle, () => lossOf(model, pairs, oracle.options.labelSmoothing), { trained: model });
  expect(oracle.names("grad")).toHaveLength(model.parameters().length);
  model.dispose();
});

test.each(casesOf<TransformerCase>(transformers, "seq2seqTransformer"))(
  "a Transformer: loss, all gradients, where it looks",
  (oracle) => {
    const { positions, normFirst, tieEmbeddings, numHeads, numLayers } = oracle.options;
    const hidden = "encoder.transformer.layers.0.linear1.weight";
    const [dimFeedforward] = oracle.constant("param", hidden).shape;
    const model = modelOf(oracle, {
      ...({ architecture: "transformer", positions, normFirst, tieEmbeddings } as const),
      ...{ numHeads, numLayers, dimFeedforward },
      ...(positions === "learned" && { contextLength: oracle.options.contextLength }),
    });
    const pairs = sequencesOf(oracle);
    const [[source], [target]] = pairs;
    const { encoder, writer } = model as unknown as Seq2SeqParts;
    checkCase(
      oracle,
      () => ({
        ...lossOf(model, pairs, oracle.options.labelSmoothing),
        weights: writer
          .weights([target!], writer.begin(encoder.forward([source!])))!
          .reshape([target!.length, source!.length]),
      }),
      { trained: model },
    );
    expect(oracle.names("grad")).toHaveLength(model.parameters().length);
    model.dispose();
  },
);

test.each(casesOf<SearchCase>(cases, "seq2seqSearch"))(
  "the same texts, the same scores",
  (oracle) => {
    const { beams, nBest, lengthRatio, searches } = oracle.options;
    const model = modelOf(oracle, { lengthRatio });
    const { end, tokenizer } = model.source;
    const sources = cut(
      oracle.constant("in", "sources").data,
      oracle.constant("in", "lengths").data,
    );
    const texts = sources.map((ids) => tokenizer.decode(ids.slice(0, -1)));
    expect(texts).toHaveLength(200);

    searches.forEach((search, i) => {
      const { lengthPenalty, alpha, earlyStopping } = search;
      const penalized = { lengthPenalty, alpha };
      const expected = {
        ids: cut(
          oracle.constant("out", `ids${i}`).data,
          oracle.constant("out", `lengths${i}`).data,
        ),
        scores: oracle.constant("out", `scores${i}`).data,
      };
      // The heuristic is what the model does itself; the exact search is one by its decoder.
      const found = earlyStopping
        ? model
            .predictBatch(texts, { beams, alternatives: nBest, ...penalized })
            .flatMap(({ alternatives }) => alternatives)
            .map(({ tokens, finished, score }) => ({
              ids: [...tokenizer.encode(tokens.join("")), ...(finished ? [end] : [])],
              score,
            }))
        : texts
            .flatMap((text, row) => {
              const decoder = model.decoder([text], { capacity: beams });
              const hypotheses = beamSearch(decoder, {
                ...{ beams, nBest, ...penalized, prompt: end, endToken: end, excluded: [0] },
                maxLength: Math.ceil(lengthRatio * (sources[row]!.length + 10)),
              });
              decoder.dispose();
              return hypotheses.flat();
            })
            .map(({ ids, score }) => ({ ids: [...ids], score }));
      expect(found.map(({ ids }) => ids)).toEqual(expected.ids);
      expectClose(
        found.map(({ score }) => score),
        expected.scores,
        1e-5,
      );
    });
    model.dispose();
  },
);

/** Lists that stand one after another, by their lengths. */
function cut(all: ArrayLike<number>, lengths: ArrayLike<number>): number[][] {
  let at = 0;
  return Array.from(lengths, (length) => Array.from({ length }, () => all[at++]!));
}
