import { checkSelect, checkStep, type Decoder } from "../../src/decode/index.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import { logSoftmax } from "../../src/ops/softmax.js";

/** The logits after what a row has read, of a source: any function will do. */
export type Script = (source: number, read: readonly number[]) => ArrayLike<number>;

export interface ScriptSizes {
  classes: number;
  rows?: number;
  capacity?: number;
}

/** A decoder whose logits are written in a script, and which keeps account of what is asked of it. */
export class ScriptedDecoder implements Decoder {
  readonly classes: number;
  readonly capacity: number;
  /** Rows of each step. */
  readonly stepRows: number[] = [];
  /** Whether each step was asked for logits. */
  readonly reads: boolean[] = [];
  /** Arguments of each select. */
  readonly selected: number[][] = [];
  readonly #script: Script;
  #state: readonly { source: number; read: readonly number[] }[];

  constructor(script: Script, { classes, rows = 1, capacity = rows }: ScriptSizes) {
    this.#script = script;
    this.classes = classes;
    this.capacity = capacity;
    this.#state = Array.from({ length: rows }, (_, source) => ({ source, read: [] }));
  }

  get rows(): number {
    return this.#state.length;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    checkStep("ScriptedDecoder", this, ids, logits);
    this.stepRows.push(this.rows);
    this.reads.push(logits !== undefined);
    this.#state = this.#state.map(({ source, read }, i) => ({ source, read: [...read, ids[i]!] }));
    this.#state.forEach(({ source, read }, i) =>
      logits?.set(this.#script(source, read), i * this.classes),
    );
  }

  select(rows: Int32Array): void {
    checkSelect("ScriptedDecoder", this, rows);
    this.selected.push([...rows]);
    this.#state = Array.from(rows, (row) => this.#state[row]!);
  }

  dispose(): void {
    this.#state = [];
  }
}

/**
 * Logits that hang together in no way, from a seed: the same for the same source and ids. They are few, so
 * that equal ones are common; one in eight is -Infinity, never all of them.
 */
export function randomScript(seed: number, classes: number, { impossible = true } = {}): Script {
  return (source, read) => {
    const logits = Float32Array.from({ length: classes }, (_, id) => {
      const bits = hash([seed, source, ...read, id]);
      return impossible && bits % 8 === 0 ? -Infinity : ((bits >>> 3) % 7) / 2;
    });
    return logits.every((logit) => logit === -Infinity) ? logits.fill(0) : logits;
  };
}

function hash(values: readonly number[]): number {
  let state = 0x811c9dc5;
  for (const value of values) {
    state = Math.imul(state ^ value, 0x01000193);
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b);
    state ^= state >>> 13;
  }
  return state >>> 0;
}

/** What log-softmax makes of the logits after what a row has read. */
export function logProbabilitiesOf(
  script: Script,
  source: number,
  read: readonly number[],
): Float32Array {
  return scope(() => logSoftmax(tensor(Float32Array.from(script(source, read)))).data());
}
