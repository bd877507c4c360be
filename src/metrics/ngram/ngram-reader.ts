// Reads ids and tells how probable each was: one n-gram of each order is looked up for each id.
import { log } from "../../core/exp-log.js";
import type { ContextTable } from "./context-table.js";

export class NgramReader {
  readonly #tables: readonly ContextTable[];
  readonly #uniform: number;
  /** By length from 0, which context the last ids are; -1 where the tables do not have it, nor then any longer one. */
  readonly #contexts: Int32Array;

  /** @param tables by length of the context, from 0 */
  constructor(tables: readonly ContextTable[], vocabularySize: number) {
    this.#tables = tables;
    this.#uniform = 1 / vocabularySize;
    this.#contexts = new Int32Array(tables.length + 1).fill(-1);
    this.#contexts[0] = 0;
  }

  /** The probability that the next id had, after those read before. */
  read(id: number): number {
    let probability = this.#uniform;
    let context = 0;
    for (let length = 0; context >= 0 && length < this.#tables.length; length++) {
      const table = this.#tables[length]!;
      const ngram = table.find(context, id);
      probability = table.probability(context, ngram, probability);
      context = this.#contexts[length + 1]!;
      this.#contexts[length + 1] = ngram;
    }
    return probability;
  }

  /** The negative log-likelihood of the ids from start to before end, in nats, after those read before. */
  loss(ids: Int32Array, start: number, end: number): number {
    let sum = 0;
    for (let i = start; i < end; i++) sum -= log(this.read(ids[i]!));
    return sum;
  }
}
