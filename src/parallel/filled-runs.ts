// What of a gradient is not zero: of a table of which a batch reached a few rows, the cache lines that those stand in. Whatever leaves
// zeros as they are need not see the others.
import { RECORD_WORDS } from "../optim/gradient-table.js";
import { clipTable } from "../optim/clip.js";
import type { Tensor } from "../tensor/tensor.js";
import { copyBytes, i32 } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";
import { LINE } from "./layout.js";

/** Numbers from here to before there. */
export type Run = readonly [from: number, to: number];

/** A gradient, and where in it numbers stand that are not zero. */
export interface Filled {
  readonly gradient: Tensor;
  /** Apart, in rising order; each begins a cache line and ends one, or the gradient. */
  readonly runs: readonly Run[];
}

/** What a parameter's gradient has, as far as it is known without reading it. */
export function filledOf({ grad, leafGradient, shape, size }: Tensor): Filled {
  const lists = leafGradient!.knownRows;
  if (!lists) return { gradient: grad!, runs: [[0, size]] };
  const rows = Int32Array.from(lists.flatMap((list) => [...list])).sort();
  const width = shape[1]!;
  const runs: [number, number][] = [];
  for (const row of rows) {
    const from = row * width - ((row * width) % LINE);
    const to = Math.min(size, LINE * Math.ceil(((row + 1) * width) / LINE));
    const last = runs.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(to, last[1]);
    else runs.push([from, to]);
  }
  return { gradient: grad!, runs };
}

/** Where a run stands in memory, and its length. */
export function* stretchesIn({ gradient, runs }: Filled): Generator<[ptr: Ptr, length: number]> {
  const ptr = gradient.address("parallel");
  for (const [from, to] of runs) yield [at(ptr, from), to - from];
}

/**
 * `clipGradNorm`, to the bits: it adds squares up in four lanes, so that those of a gradient's cache lines, one behind the other,
 * have the sum that they have with the zeros between.
 *
 * @returns the norm before
 */
export function clipFilled(filled: readonly Filled[], maxNorm: number): number {
  const some = filled.filter(({ runs }) => runs.length > 0);
  const lengths = some.map(({ runs }) => runs.reduce((sum, [from, to]) => sum + to - from, 0));
  const isGathered = (i: number) => some[i]!.runs.length > 1;
  const gathered = lengths.reduce((sum, length, i) => sum + (isGathered(i) ? length : 0), 0);
  return withScratch(bytesOf(gathered), (space) =>
    withScratch(bytesOf(some.length * RECORD_WORDS), (table) => {
      const words = i32(table, some.length * RECORD_WORDS);
      const eachGathered = (visit: (there: Ptr, here: Ptr, bytes: number) => void): void => {
        let here = space;
        some.forEach((one, i) => {
          if (!isGathered(i)) return;
          for (const [there, length] of stretchesIn(one)) {
            visit(there, here, bytesOf(length));
            here = at(here, length);
          }
        });
      };
      let next = space;
      some.forEach((one, i) => {
        const [[first]] = stretchesIn(one) as unknown as [[Ptr, number]];
        words[i * RECORD_WORDS + 1] = isGathered(i) ? next : first;
        words[i * RECORD_WORDS + 2] = lengths[i]!;
        if (isGathered(i)) next = at(next, lengths[i]!);
      });
      eachGathered((there, here, bytes) => copyBytes(here, there, bytes));
      const norm = clipTable(table, some.length, maxNorm);
      eachGathered((there, here, bytes) => copyBytes(there, here, bytes));
      return norm;
    }),
  );
}
