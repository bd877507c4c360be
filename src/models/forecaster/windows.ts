// Pieces of series for training: at other places in each epoch.
import { randomBelow } from "../../core/random.js";
import { permutation } from "../../data/shuffle.js";
import type { Prepared } from "./prepared.js";

/** A series that is learnt from: its steps before `end`. */
export interface Learnt {
  readonly prepared: Prepared;
  readonly end: number;
}

/** A piece of a series. */
export interface Piece extends Learnt {
  readonly start: number;
  readonly length: number;
}

/** Which piece of which series it is, for who has the series. */
export interface PiecePlace {
  readonly series: number;
  readonly start: number;
  readonly length: number;
}

export function placesOf(pieces: readonly Piece[], series: readonly Learnt[]): PiecePlace[] {
  const numbers = new Map(series.map(({ prepared }, i) => [prepared, i]));
  return pieces.map(({ prepared, start, length }) => ({
    ...{ series: numbers.get(prepared)!, start, length },
  }));
}

/** The pieces of all series in batches: as many of each as fill it, each at random. */
export class SeriesPieces implements Iterable<Piece[]> {
  /** Batches in an epoch. */
  readonly length: number;
  readonly #pieces: readonly Learnt[];
  readonly #time: number;
  readonly #batch: number;

  constructor(series: readonly Learnt[], { batch, time }: { batch: number; time: number }) {
    this.#pieces = series.flatMap((one) =>
      Array.from({ length: Math.ceil(one.end / time) }, () => one),
    );
    this.#time = time;
    this.#batch = batch;
    this.length = Math.ceil(this.#pieces.length / batch);
  }

  *[Symbol.iterator](): Generator<Piece[], void> {
    const order = permutation(this.#pieces.length);
    // Drawn before the first batch: a run that goes on from amid an epoch cannot draw what losses drew between batches.
    const starts = order.map((place) => {
      const { end } = this.#pieces[place]!;
      return randomBelow(end - this.#lengthIn(end) + 1);
    });
    for (let at = 0; at < order.length; at += this.#batch)
      yield Array.from(order.subarray(at, at + this.#batch), (place, i) => {
        const one = this.#pieces[place]!;
        return { ...one, start: starts[at + i]!, length: this.#lengthIn(one.end) };
      });
  }

  #lengthIn(end: number): number {
    return Math.min(this.#time, end);
  }
}

/** How many pieces an epoch has. */
export function countPieces(series: readonly { end: number }[], time: number): number {
  return series.reduce((sum, { end }) => sum + Math.ceil(end / time), 0);
}
