// What a machine did with its memory, and its picture.
import { expect, it } from "vitest";
import { noGrad, OptionError, randn, scope, ShapeError } from "../../src/index.js";
import { memoryChart, memoryTrace } from "../../src/inspect/index.js";
import { NTM } from "../../src/nn/index.js";

const SIZES = { controllerSize: 5, memoryRows: 6, memoryWidth: 3 };
const ntm = new NTM(4, 2, { ...SIZES, heads: ["write", "read", "write", "read"] });

it("has the weightings, and what was added and read", () => {
  scope(() =>
    noGrad(() => {
      const x = randn([1, 7, 4]);
      const { steps, heads, output, input } = memoryTrace(ntm, x);
      expect([steps, input.length, output!.length]).toEqual([7, 28, 14]);
      expect(heads.map(({ kind }) => kind)).toEqual(["write", "read", "write", "read"]);
      // Replayed by hand: what the second head that reads read of the memory that both writers left.
      let state = ntm.start(1);
      for (let t = 0; t < steps; t++) {
        ({ state } = ntm.step(x.slice(1, t, t + 1).reshape([1, 4]), state));
        const column = (values: Float32Array, rows: number) =>
          Array.from({ length: rows }, (_, row) => values[row * steps + t]!);
        heads.forEach(({ weights }, i) =>
          expect(column(weights, 6)).toEqual([...state.weights.slice(1, i, i + 1).data()]),
        );
        const { weights, vectors } = heads[3]!;
        expect(column(vectors, 3)).toEqual([...state.reads.slice(1, 1, 2).data()]);
        const memory = state.memory.data();
        column(vectors, 3).forEach((value, m) => {
          const sum = column(weights, 6).reduce((all, w, row) => all + w * memory[row * 3 + m]!, 0);
          expect(value).toBeCloseTo(sum, 5);
        });
      }
    }),
  );
});

it("is drawn: a panel for inputs, outputs, and two a head", () => {
  const trace = scope(() => memoryTrace(ntm, randn([1, 7, 4])));
  const svg = memoryChart(trace, { title: "A <run>", rows: [0, 4] });
  expect(svg).toMatch(/^<svg .*<\/svg>$/s);
  expect(svg).toContain("A &#60;run&#62;");
  for (const panel of [
    "Inputs",
    "Outputs",
    "What head 0 adds",
    "Where head 3 reads: locations 0 to 3",
  ])
    expect(svg).toContain(panel);
  expect(() => memoryChart(trace, { rows: [2, 7] })).toThrow(OptionError);
  const cellOnly = scope(() => memoryTrace(ntm.cell, randn([1, 7, 4])));
  expect(cellOnly.output).toBeUndefined();
  expect(memoryChart(cellOnly)).not.toContain("Outputs");
});

it("refuses several rows, and what is no machine", () => {
  expect(() => memoryTrace(ntm, randn([2, 7, 4]))).toThrow(ShapeError);
  expect(() => memoryTrace({} as never, randn([1, 7, 4]))).toThrow(OptionError);
});
