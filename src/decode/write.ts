import { DEFAULT_SEED } from "../core/random.js";
import { constrain, deadEnd } from "./constraints.js";
import type { Decoder } from "./decoder.js";
import { seedOf } from "./generator.js";
import { append, idsOf, NOTHING, type Hypothesis, type Written } from "./hypothesis.js";
import { mostProbable } from "./logits.js";
import {
  readDecodeOptions,
  type DecodeOptions,
  type DecodeSettings,
  type Source,
} from "./options.js";
import { Sampler, type SamplingOptions } from "./sampler.js";
import { Steps } from "./steps.js";

/** An id as it comes. */
export interface Token {
  /** The row of the decoder when the search began. */
  readonly row: number;
  /** Which of the row's texts, from 0. */
  readonly sample: number;
  readonly id: number;
}

/** Ids as they come, and the texts at the end. */
export type Writing = Generator<Token, Hypothesis[][], undefined>;

/** A text that is being written. */
interface Chain {
  readonly source: Source;
  readonly sample: number;
  readonly sampler: Sampler;
  written: Written;
  logProbability: number;
  finished: boolean;
}

/** A row of the decoder. */
interface Row {
  /** The texts that go on from it: until they have their first id, all of a source. */
  readonly chains: readonly Chain[];
  /** The row of the last step that it goes on from. */
  readonly from: number;
  /** What it reads next. */
  readonly next: number;
  /** Ids of the prompt that it has then read. */
  readonly read: number;
}

/**
 * One way to write, greedy or by chance: each text goes on by one id a step.
 *
 * @param samples texts for each row
 */
export function write(
  op: string,
  decoder: Decoder,
  options: DecodeOptions,
  samples: number,
  sampling: SamplingOptions,
): Writing {
  const settings = readDecodeOptions(op, decoder, options, samples);
  const { temperature, seed = DEFAULT_SEED } = sampling;
  const chains = settings.sources.map((source) =>
    Array.from({ length: samples }, (_, sample): Chain => {
      const sampler = new Sampler({
        ...sampling,
        seed: seedOf(seed, source.row * samples + sample),
      });
      return { source, sample, sampler, written: NOTHING, logProbability: 0, finished: false };
    }),
  );
  return run(op, decoder, settings, chains, temperature === 0);
}

function* run(
  op: string,
  decoder: Decoder,
  settings: DecodeSettings,
  chains: readonly (readonly Chain[])[],
  greedily: boolean,
): Writing {
  const { sources } = settings;
  const steps = new Steps(op, decoder, chains.flat().length);
  const work = new Float32Array(greedily ? 0 : decoder.classes);

  /** Adds an id to a text that goes on from a row. */
  const add = (chain: Chain, row: number): number => {
    const { source, sampler, written } = chain;
    // A sampler works with logits; what is most probable is chosen among log-probabilities, as beam search does.
    const logProbabilities = steps.logProbabilities(row);
    if (!greedily) work.set(steps.logits(row));
    const scores = greedily ? logProbabilities : work;
    constrain(scores, written, source, settings);
    if (scores.every((score) => score === -Infinity)) throw deadEnd(op, source, written);
    const id = greedily ? mostProbable(scores) : sampler.take(scores);
    chain.logProbability += steps.logProbability(id);
    chain.written = append(written, id);
    chain.finished = settings.endTokens.has(id);
    return id;
  };

  let rows = sources.map(({ row, prompt }): Row => ({
    chains: chains[row]!,
    from: row,
    next: prompt[0]!,
    read: 1,
  }));
  try {
    while (rows.length > 0) {
      rows.forEach(({ next }, i) => (steps.ids[i] = next));
      const hasRead = ({ chains, read }: Row): boolean => read === chains[0]!.source.prompt.length;
      steps.feed(rows.length, rows.some(hasRead));
      const live: Row[] = [];
      for (const [i, row] of rows.entries()) {
        const { chains, read } = row;
        if (!hasRead(row)) {
          const next = chains[0]!.source.prompt[read]!;
          live.push({ chains, from: i, next, read: read + 1 });
          continue;
        }
        for (const chain of chains) {
          const { source, sample } = chain;
          const id = add(chain, i);
          yield { row: source.row, sample, id };
          if (!chain.finished && chain.written.length < source.maxLength)
            live.push({ chains: [chain], from: i, next: id, read });
        }
      }
      rows = live;
      rows.forEach(({ from }, i) => (steps.from[i] = from));
      if (rows.length > 0) steps.select(rows.length);
    }
  } finally {
    steps.dispose();
  }
  return chains.map((samples) => samples.map(toHypothesis));
}

function toHypothesis({ written, logProbability, finished }: Chain): Hypothesis {
  return { ids: idsOf(written), score: logProbability, logProbability, finished };
}
