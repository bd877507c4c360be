// Attention of several heads against float64: sizes round each edge of tiles, panels and blocks; NaN in what may not be seen.
import { describe, expect, it } from "vitest";
import { layoutWords, type AttentionLayout } from "../../src/ops/attention/layout.js";
import type { AttentionKernels } from "../../src/wasm/generated/attention.js";
import { builds, maxError, noise } from "./harness.js";
import { reference } from "./multihead-reference.js";

const NOTHING = 0x12345;

interface Options {
  readonly causal?: boolean;
  readonly lengths?: number[];
  readonly dropout?: number;
  /** Which axes a mask has: of batch, heads, queries, keys. */
  readonly mask?: readonly [boolean, boolean, boolean, boolean];
  readonly scale?: number;
}
type Sizes = readonly [
  batch: number,
  heads: number,
  queries: number,
  keys: number,
  size: number,
  valueSize: number,
];

const CASES: readonly (readonly [string, Sizes, Options])[] = [
  ["one of each", [1, 1, 1, 1, 1, 1], {}],
  ["below a vector", [2, 2, 3, 2, 3, 2], { scale: 2 }],
  ["rows of a tile and one more", [1, 2, 7, 5, 4, 5], {}],
  ["panels and one more", [1, 1, 6, 17, 8, 9], {}],
  ["panels less one", [2, 1, 5, 15, 7, 15], {}],
  ["two widths of panels", [1, 2, 2, 33, 17, 20], {}],
  ["a block of keys less one, of queries less one", [1, 1, 47, 191, 4, 8], {}],
  ["whole blocks", [1, 1, 48, 192, 8, 16], {}],
  ["blocks and one more", [1, 2, 49, 193, 5, 3], {}],
  ["several blocks", [1, 1, 97, 385, 4, 4], {}],
  ["causal", [2, 2, 7, 7, 5, 4], { causal: true }],
  ["causal over blocks", [1, 1, 195, 195, 2, 3], { causal: true }],
  ["causal, keys before", [1, 1, 50, 243, 3, 4], { causal: true }],
  ["causal, fewer keys", [1, 2, 60, 9, 3, 4], { causal: true }],
  ["causal, one query", [1, 1, 1, 194, 6, 5], { causal: true }],
  ["lengths", [4, 2, 5, 9, 4, 4], { lengths: [9, 0, 4, 5] }],
  ["lengths within blocks", [3, 1, 7, 200, 3, 3], { lengths: [193, 192, 200] }],
  ["causal with lengths", [3, 1, 20, 20, 4, 4], { causal: true, lengths: [20, 3, 17] }],
  ["a mask for all", [2, 2, 6, 9, 4, 4], { mask: [true, true, true, true] }],
  ["a mask of keys", [2, 2, 6, 9, 4, 4], { mask: [true, false, false, true] }],
  ["a mask of queries", [2, 2, 6, 9, 4, 4], { mask: [false, true, true, false] }],
  ["a mask of queries and keys over blocks, causal", [1, 1, 60, 196, 4, 5], { mask: [false, false, true, true], causal: true }],
  ["a mask with lengths", [2, 1, 8, 11, 3, 3], { mask: [false, false, true, true], lengths: [11, 6] }],
  ["dropout", [2, 2, 7, 9, 4, 4], { dropout: 0.3 }],
  ["dropout over blocks, causal", [1, 2, 50, 195, 3, 3], { dropout: 0.5, causal: true }],
  ["dropout with a mask", [1, 2, 5, 6, 3, 3], { dropout: 0.5, mask: [false, true, true, true] }],
]; // prettier-ignore

/** Tensors [batch, time, row] whose rows are longer than the heads together. */
function layoutOf(sizes: Sizes, options: Options): AttentionLayout {
  const [batch, heads, queries, keys, size, valueSize] = sizes;
  const strides = (steps: number, width: number) =>
    [steps * (heads * width + 3), width, heads * width + 3] as const;
  const { mask, dropout = 0, causal = false, lengths, scale = 0.7 } = options;
  const extents = [batch, heads, queries, keys];
  const own: number[] = [];
  let stride = 1;
  for (let axis = 3; mask && axis >= 0; axis--) {
    own[axis] = mask[axis] ? stride : 0;
    if (mask[axis]) stride *= extents[axis]!;
  }
  return {
    ...{ batch, heads, queries, keys, size, valueSize, causal, scale, dropout },
    ...{ query: strides(queries, size), key: strides(keys, size) },
    ...{ value: strides(keys, valueSize), output: strides(queries, valueSize) },
    mask: mask && ({ strides: own } as unknown as AttentionLayout["mask"]),
    lengths: lengths && Int32Array.from(lengths),
    block: { seedLo: 7, seedHi: 1, counterLo: 1000, counterHi: 0 },
  };
}

/** Elements of a tensor up to its last row's last feature. */
const spanOf = ({ batch }: AttentionLayout, [row]: readonly number[]): number => batch * row! - 3;

describe.each(builds<AttentionKernels>("attention"))("attention of heads ($name)", (bench) => {
  const { k } = bench;

  function run(
    layout: AttentionLayout,
    given: Record<"q" | "k" | "v" | "dOut", Float32Array>,
    mask?: Int32Array,
  ) {
    const { batch, heads, queries, keys, size, valueSize, lengths } = layout;
    const [q, key, v] = [bench.f32(given.q), bench.f32(given.k), bench.f32(given.v)];
    const masked = mask ? bench.i32(mask).ptr : 0;
    const record = bench.i32(layoutWords(layout, masked, lengths ? bench.i32(lengths).ptr : 0)).ptr;
    const out = bench.f32(given.dOut.length);
    const logs = bench.f32(batch * heads * queries);
    const space = bench.f32(k.attentionScratchBytes(keys, size, valueSize) / 4).ptr;
    k.attentionForward(out.ptr, logs.ptr, q.ptr, key.ptr, v.ptr, record, space);
    const more = bench.f32(k.attentionBackwardScratchBytes(keys, size, valueSize) / 4).ptr;
    const [dq, dk, dv] = [q, key, v].map(({ length }) => bench.f32(length)) as [
      typeof out,
      typeof out,
      typeof out,
    ];
    const dOut = bench.f32(given.dOut).ptr;
    // prettier-ignore
    k.attentionBackward(dq.ptr, dk.ptr, dv.ptr, dOut, out.ptr, logs.ptr, q.ptr, key.ptr, v.ptr, record, more);
    return { out: out.view.slice(), dq: dq.view.slice(), dk: dk.view.slice(), dv: dv.view.slice() };
  }

  it.each(CASES)("%s", (_, sizes, options) => {
    const layout = layoutOf(sizes, options);
    const given = {
      q: noise(spanOf(layout, layout.query), 1, 2),
      k: noise(spanOf(layout, layout.key), 2, 2),
      v: noise(spanOf(layout, layout.value), 3),
      dOut: noise(spanOf(layout, layout.output), 4),
    };
    const count =
      options.mask && options.mask.reduce((n, has, axis) => n * (has ? sizes[axis]! : 1), 1);
    const mask =
      count === undefined
        ? undefined
        : Int32Array.from(noise(count, 5), (x) => (x < -0.1 ? 0 : NOTHING));
    const expected = reference(layout, given.dOut.length, { ...given, mask });
    const clean = run(layout, given, mask);
    const check = (name: "out" | "dq" | "dk" | "dv", most: number) =>
      expect([name, maxError(clean[name], expected[name]) <= most]).toEqual([name, true]);
    check("out", 3e-6);
    check("dq", 1e-5);
    check("dk", 2e-5);
    check("dv", 1e-5);

    // What no query sees of keys and values, and queries that see none, may hold anything; the bits stay.
    const dirty = poisoned(layout, given, mask);
    const again = run(layout, dirty, mask);
    for (const name of ["out", "dq", "dk", "dv"] as const)
      expect(new Uint8Array(again[name].slice().buffer), name).toEqual(
        new Uint8Array(clean[name].slice().buffer),
      );
    bench.checkCanaries();
  });

  it.each([
    [1, 1],
    [3, 5],
    [16, 17],
  ])("a step of rows that keep their keys, %i and %i features", (size, valueSize) => {
    const [rows, heads, capacity] = [3, 2, 200];
    const counts = [200, 0, 193];
    const [queryRow, outRow] = [heads * size + 3, heads * valueSize + 3];
    const layout: AttentionLayout = {
      ...{ batch: rows, heads, queries: 1, keys: capacity, size, valueSize },
      ...{ causal: false, scale: 0.7, dropout: 0, mask: undefined },
      query: [queryRow, size, queryRow],
      key: [capacity * heads * size, size, heads * size],
      value: [capacity * heads * valueSize, valueSize, heads * valueSize],
      output: [outRow, valueSize, outRow],
      lengths: Int32Array.from(counts),
      block: { seedLo: 0, seedHi: 0, counterLo: 0, counterHi: 0 },
    };
    const given = {
      q: noise(rows * queryRow - 3, 1, 2),
      k: noise(rows * capacity * heads * size, 2, 2),
      v: noise(rows * capacity * heads * valueSize, 3),
      dOut: new Float32Array(rows * outRow - 3),
    };
    const expected = reference(layout, given.dOut.length, { ...given, mask: undefined });
    // The rows of keys and values stand in another order: each query knows its own.
    const index = [2, 0, 1];
    const moved = (x: Float32Array): Float32Array => {
      const row = x.length / rows;
      const other = new Float32Array(x.length);
      index.forEach((place, i) => other.set(x.subarray(i * row, (i + 1) * row), place * row));
      return other;
    };
    const [q, key, value] = [given.q, moved(given.k), moved(given.v)].map((x) => bench.f32(x));
    const out = bench.f32(given.dOut.length);
    const scratch = bench.f32(k.attentionStepScratchBytes(size, valueSize) / 4);
    // prettier-ignore
    k.attentionStep(
      out.ptr, q!.ptr, key!.ptr, value!.ptr, bench.i32(Int32Array.from(index)).ptr, bench.i32(Int32Array.from(counts)).ptr,
      scratch.ptr, 0.7, rows, heads, size, valueSize, outRow, queryRow, heads * size, heads * valueSize, capacity,
    );
    expect(maxError(out.view, expected.out)).toBeLessThanOrEqual(3e-6);
    bench.checkCanaries();
  });

  describe.each([{ causal: true }, { mask: [false, false, true, true] as const }])(
    "%o",
    (options) => {
      const [time, width, spoilt] = [197, 4, 130];
      const layout = layoutOf([1, 1, time, time, width, width], options);
      const row = layout.query[2];
      const given = {
        q: noise(spanOf(layout, layout.query), 1),
        k: noise(spanOf(layout, layout.key), 2),
        v: noise(spanOf(layout, layout.value), 3),
        dOut: noise(spanOf(layout, layout.output), 4),
      };
      const mask =
        "mask" in options
          ? Int32Array.from({ length: time * time }, (_, i) =>
              i % time <= Math.floor(i / time) ? 1 : 0,
            )
          : undefined;
      const clean = run(layout, given, mask);
      bench.checkCanaries();
      const spoil = (x: Float32Array, step: number) =>
        x.slice().fill(NaN, step * row, step * row + width);
      const steps = (x: Float32Array, from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => [
          ...x.subarray((from + i) * row, (from + i) * row + width),
        ]);

      it("a key that is NaN reaches those that see it, and no other of its block", () => {
        for (const name of ["k", "v"] as const) {
          const dirty = run(layout, { ...given, [name]: spoil(given[name], spoilt) }, mask);
          for (const result of ["out", "dq"] as const) {
            expect(steps(dirty[result], 0, spoilt)).toEqual(steps(clean[result], 0, spoilt));
            expect(steps(dirty[result], spoilt, time).flat().every(Number.isNaN)).toBe(true);
          }
          bench.checkCanaries();
        }
      });

      it("a query or a gradient that is NaN reaches the keys that it sees, and no other", () => {
        for (const name of ["q", "dOut"] as const) {
          const dirty = run(layout, { ...given, [name]: spoil(given[name], spoilt) }, mask);
          for (const result of ["dk", "dv"] as const) {
            expect(steps(dirty[result], spoilt + 1, time)).toEqual(
              steps(clean[result], spoilt + 1, time),
            );
            expect(
              steps(dirty[result], 0, spoilt + 1)
                .flat()
                .every(Number.isNaN),
            ).toBe(true);
          }
          bench.checkCanaries();
        }
      });
    },
  );

  it("gives a query the same bits whatever queries stand beside it", () => {
    const layout = layoutOf([1, 1, 100, 210, 7, 9], {});
    const alone = layoutOf([1, 1, 1, 210, 7, 9], {});
    const given = {
      q: noise(spanOf(layout, layout.query), 1),
      k: noise(spanOf(layout, layout.key), 2),
      v: noise(spanOf(layout, layout.value), 3),
      dOut: noise(spanOf(layout, layout.output), 4),
    };
    const all = run(layout, given).out.slice();
    bench.checkCanaries();
    for (const i of [0, 1, 47, 48, 99]) {
      const own = {
        ...given,
        q: given.q.slice(i * 10, i * 10 + 7),
        dOut: given.dOut.slice(i * 12, i * 12 + 9),
      };
      expect(run(alone, own).out.slice()).toEqual(all.subarray(i * 12, i * 12 + 9));
      bench.checkCanaries();
    }
  });
});

/** NaN in keys and values that no query of their head sees, and in queries that see no key and their gradients. */
function poisoned<G extends Record<"q" | "k" | "v" | "dOut", Float32Array>>(
  layout: AttentionLayout,
  given: G,
  mask?: Int32Array,
): G {
  const { batch, heads, queries, keys, size, valueSize, causal, lengths } = layout;
  const dirty = {
    ...given,
    q: given.q.slice(),
    k: given.k.slice(),
    v: given.v.slice(),
    dOut: given.dOut.slice(),
  };
  const [mb, mh, mq, mk] = layout.mask?.strides ?? [0, 0, 0, 0];
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++) {
      const sees = (i: number, j: number): boolean =>
        j < (lengths?.[b] ?? keys) &&
        (!causal || j <= i + keys - queries) &&
        (!mask || mask[b * mb + h * mh + i * mq + j * mk] !== 0);
      const spoil = (
        to: Float32Array,
        [row, head, step]: readonly number[],
        at: number,
        n: number,
      ) => to.fill(NaN, b * row! + h * head! + at * step!, b * row! + h * head! + at * step! + n);
      const all = (n: number) => Array.from({ length: n }, (_, i) => i);
      for (const j of all(keys))
        if (!all(queries).some((i) => sees(i, j))) {
          spoil(dirty.k, layout.key, j, size);
          spoil(dirty.v, layout.value, j, valueSize);
        }
      for (const i of all(queries))
        if (!all(keys).some((j) => sees(i, j))) {
          spoil(dirty.q, layout.query, i, size);
          spoil(dirty.dOut, layout.output, i, valueSize);
        }
    }
  return dirty;
}
