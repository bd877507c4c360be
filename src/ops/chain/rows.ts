// The steps of a batch of sequences without what lies past their ends: step after step, the longest sequence
// first, so that the sequences that have a step are the first ones and a product over them is one call.

export interface ChainRows {
  readonly batch: number;
  readonly time: number;
  /** All steps of all sequences. */
  readonly count: number;
  /** Which sequence stands at each place of a step, longest first. */
  readonly order: Int32Array;
  readonly lengths: Int32Array;
  /** Steps of the longest sequence. */
  readonly steps: number;
  /** How many sequences have step t; 0 behind the last. */
  readonly active: Int32Array;
  /** The row of step t's first sequence. */
  readonly starts: Int32Array;
  /** Where each row lies in `[batch · time]`. */
  readonly places: Int32Array;
}

export function chainRows(lengths: Int32Array, time: number): ChainRows {
  const batch = lengths.length;
  const order = Int32Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const steps = batch === 0 ? 0 : lengths[order[0]!]!;
  const active = new Int32Array(steps + 1);
  const starts = new Int32Array(steps + 1);
  const count = lengths.reduce((total, length) => total + length, 0);
  const places = new Int32Array(count);
  let row = 0;
  for (let t = 0; t < steps; t++) {
    starts[t] = row;
    for (let place = 0; place < batch && lengths[order[place]!]! > t; place++) {
      places[row++] = order[place]! * time + t;
      active[t]!++;
    }
  }
  starts[steps] = row;
  return { batch, time, count, order, lengths, steps, active, starts, places };
}
