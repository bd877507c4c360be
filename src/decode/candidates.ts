/**
 * The best continuations of some rows, best first, kept while scanning: by the log-probability of the whole; of equal
 * ones the one that came first, that is the one of the better row and there the lower id.
 */
export class Candidates {
  readonly rows: Int32Array;
  readonly ids: Int32Array;
  readonly logProbabilities: Float64Array;
  length = 0;
  #limit = 0;

  constructor(most: number) {
    this.rows = new Int32Array(most);
    this.ids = new Int32Array(most);
    this.logProbabilities = new Float64Array(most);
  }

  /** Begins anew: keeps the best `limit`. */
  begin(limit: number): void {
    this.length = 0;
    this.#limit = limit;
    this.logProbabilities.fill(-Infinity, 0, limit);
  }

  /**
   * Takes each id with `logProbability` and its own added. What is ruled out, -Infinity, never gets in.
   *
   * @param values at most 0 each
   */
  scan(row: number, logProbability: number, values: Float32Array): void {
    const { logProbabilities } = this;
    const worst = this.#limit - 1;
    // From a typed array each time: engines then keep it a plain double, in a loop over whole vocabularies.
    let bar = logProbabilities[worst]!;
    if (logProbability <= bar) return;
    const { length } = values;
    for (let id = 0; id < length;) {
      // Hardly any gets in. Four at a time are looked at in less than half of the time.
      while (
        id + 3 < length &&
        !(
          logProbability + values[id]! > bar ||
          logProbability + values[id + 1]! > bar ||
          logProbability + values[id + 2]! > bar ||
          logProbability + values[id + 3]! > bar
        )
      )
        id += 4;
      for (const end = Math.min(id + 4, length); id < end; id++) {
        const total = logProbability + values[id]!;
        if (total > bar) {
          this.#insert(row, id, total);
          bar = logProbabilities[worst]!;
        }
      }
    }
  }

  #insert(row: number, id: number, total: number): void {
    const { rows, ids, logProbabilities } = this;
    let at = this.length < this.#limit ? this.length++ : this.#limit - 1;
    for (; at > 0 && logProbabilities[at - 1]! < total; at--) {
      rows[at] = rows[at - 1]!;
      ids[at] = ids[at - 1]!;
      logProbabilities[at] = logProbabilities[at - 1]!;
    }
    rows[at] = row;
    ids[at] = id;
    logProbabilities[at] = total;
  }
}
