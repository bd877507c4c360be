import { afterEach, describe, expect, it } from "vitest";
import {
  IndexError,
  NumericError,
  OptionError,
  scope,
  ShapeError,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";
import { CRF, type CRFConstraints } from "../../src/nn/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";
import { allPaths, logZ, type Chain } from "./crf-reference.js";

let crf: CRF;
afterEach(() => crf.dispose());

/** A CRF with weights of its own, spread over `range`. */
function made(
  tags: number,
  { seed = 1, range = 2, constraints = undefined as CRFConstraints | undefined } = {},
) {
  const random = testRandom(seed);
  crf = new CRF(tags, constraints && { constraints });
  for (const parameter of crf.parameters())
    parameter.set(random.uniforms(parameter.size, -range, range));
  return crf;
}

function made3(shape: number[], seed = 9, range = 3): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(testRandom(seed).uniforms(size, -range, range), { shape });
}

/** One row as the reference reads it; what is not allowed costs everything. */
function chainOf(
  emissions: Tensor,
  row: number,
  length: number,
  constraints?: CRFConstraints,
): Chain {
  const masked = (scores: number[], allowed?: readonly boolean[]) =>
    scores.map((score, i) => ((allowed?.[i] ?? true) ? score : -Infinity));
  return {
    tags: crf.numTags,
    emissions: (emissions.toArray() as number[][][])[row]!.slice(0, length),
    transitions: (crf.transitions.toArray() as number[][]).map((from, i) =>
      masked(from, constraints?.between[i]),
    ),
    start: masked(crf.start_transitions.toArray() as number[], constraints?.start),
    end: masked(crf.end_transitions.toArray() as number[], constraints?.end),
  };
}

/** O, B, I of one type. */
const BIO: CRFConstraints = {
  start: [true, true, false],
  end: [true, true, true],
  between: [
    [true, true, false],
    [true, true, true],
    [true, true, true],
  ],
};
/** S, B, E: what begins must end. */
const CLOSED: CRFConstraints = {
  start: [true, true, false],
  end: [true, false, true],
  between: [
    [true, true, false],
    [false, false, true],
    [true, true, false],
  ],
};

const int = (values: number[][]) => tensor(values, { dtype: "int32" });
const TARGETS = [
  [0, 1, 2, 0],
  [1, 2, 0, 0],
  [1, 2, 1, 2],
];

describe("CRF", () => {
  it("has pytorch-crf's parameters", () => {
    crf = new CRF(5);
    expect([...crf.stateDict()].map(([name, { shape }]) => [name, shape])).toEqual([
      ["start_transitions", [5]],
      ["end_transitions", [5]],
      ["transitions", [5, 5]],
    ]);
    expect(crf.transitions.data().every((score) => Math.abs(score) <= 0.1)).toBe(true);
  });

  describe.each([
    ["without constraints", undefined],
    ["BIO", BIO],
    ["closed", CLOSED],
  ])("%s", (_, constraints) => {
    const lengths = [4, 2, 4];

    it("gives every path its share: losses are those of enumeration", () =>
      scope(() => {
        made(3, { constraints });
        const emissions = made3([3, 4, 3]);
        const losses = crf.loss(emissions, int(TARGETS), { lengths, reduction: "none" }).data();
        const expected = lengths.map((length, row) => {
          const chain = chainOf(emissions, row, length, constraints);
          const target = String(TARGETS[row]!.slice(0, length));
          return logZ(chain) - allPaths(chain).find(({ path }) => String(path) === target)!.score;
        });
        expectClose(losses, expected, { absolute: 1e-5, relative: 1e-6 }, "losses");
      }));

    it("decodes the best path and its score", () =>
      scope(() => {
        made(3, { constraints });
        for (let seed = 0; seed < 20; seed++) {
          const emissions = made3([3, 4, 3], seed);
          crf.decode(emissions, { lengths }).forEach(({ tags, score }, row) => {
            const paths = allPaths(chainOf(emissions, row, lengths[row]!, constraints));
            const best = paths.reduce((a, b) => (b.score > a.score ? b : a));
            expect([...tags]).toEqual(best.path);
            expect(score).toBeCloseTo(best.score, 5);
          });
        }
      }));

    it("gives marginals that are those of enumeration", () =>
      scope(() => {
        made(3, { constraints });
        const emissions = made3([3, 4, 3]);
        const marginals = crf.marginals(emissions, { lengths }).data();
        const expected = new Float64Array(36);
        lengths.forEach((length, row) => {
          const chain = chainOf(emissions, row, length, constraints);
          const total = logZ(chain);
          for (const { path, score } of allPaths(chain))
            path.forEach(
              (tag, t) => (expected[(row * 4 + t) * 3 + tag]! += Math.exp(score - total)),
            );
        });
        expectClose(marginals, expected, { absolute: 2e-6, relative: 1e-5 }, "marginals");
      }));
  });

  it("holds for scores so far apart that their probabilities vanish", () =>
    scope(() => {
      made(3, { range: 150, constraints: CLOSED });
      for (let seed = 0; seed < 30; seed++) {
        const emissions = made3([3, 4, 3], seed, 400);
        const losses = crf.loss(emissions, int(TARGETS), { reduction: "none" }).data();
        const marginals = crf.marginals(emissions).data();
        TARGETS.forEach((target, row) => {
          const paths = allPaths(chainOf(emissions, row, 4, CLOSED));
          const own = paths.find(({ path }) => String(path) === String(target))!.score;
          const total = logZ(chainOf(emissions, row, 4, CLOSED));
          expect(losses[row]! / 100).toBeCloseTo((total - own) / 100, 4);
          const expected = new Float64Array(12);
          for (const { path, score } of paths)
            path.forEach((tag, t) => (expected[t * 3 + tag]! += Math.exp(score - total)));
          const tolerance = { absolute: 2e-4, relative: 1e-3 };
          expectClose(
            marginals.subarray(row * 12, row * 12 + 12),
            expected,
            tolerance,
            "marginals",
          );
        });
      }
    }));

  it("takes nothing of what stands past a length, and gives no gradient there", () =>
    scope(() => {
      made(3);
      const lengths = [2, 0, 3];
      const run = (padding: number, wrong: number) => {
        const values = made3([3, 4, 3]).data();
        const targets = TARGETS.map((row, i) =>
          row.map((tag, t) => (t < lengths[i]! ? tag : wrong)),
        );
        lengths.forEach((length, row) =>
          values.fill(padding, (row * 4 + length) * 3, (row + 1) * 12),
        );
        const emissions = tensor(values, { shape: [3, 4, 3], requiresGrad: true });
        crf.zeroGrad();
        const loss = crf.loss(emissions, int(targets), { lengths, reduction: "sum" });
        loss.backward();
        const gradients = [emissions, ...crf.parameters()].map(({ grad }) => [...grad!.data()]);
        return {
          loss: loss.item(),
          gradients,
          decoded: crf.decode(emissions.detach(), { lengths }),
        };
      };
      const clean = run(0, 0);
      expect(run(NaN, -100)).toEqual(clean);
      expect(clean.gradients[0]!.slice(12, 24)).toEqual(Array(12).fill(0));
      expect(clean.decoded[1]).toEqual({ tags: new Int32Array(0), score: 0 });
    }));

  it("gives a row the bits that it has alone", () =>
    scope(() => {
      made(9);
      const emissions = made3([5, 6, 9]);
      const targets = int(Array.from({ length: 5 }, (_, i) => [i, 8 - i, 3, i, 0, 7]));
      const lengths = [6, 2, 4, 6, 1];
      const all = crf.loss(emissions, targets, { lengths, reduction: "none" }).data();
      const alone = lengths.map((length, row) =>
        crf
          .loss(emissions.slice(0, row, row + 1), targets.slice(0, row, row + 1), {
            lengths: [length],
          })
          .item(),
      );
      expect([...all]).toEqual(alone);
    }));

  it("reduces", () =>
    scope(() => {
      made(3);
      const emissions = made3([3, 4, 3]);
      const lengths = [4, 2, 3];
      const by = (reduction: "none" | "sum" | "mean" | "tokenMean") =>
        crf.loss(emissions, int(TARGETS), { lengths, reduction }).data();
      const total = by("none").reduce((a, b) => a + b);
      expect(by("sum")[0]).toBeCloseTo(total, 5);
      expect(by("mean")[0]).toBeCloseTo(total / 3, 5);
      expect(by("tokenMean")[0]).toBeCloseTo(total / 9, 5);
      expect(crf.loss(emissions, int(TARGETS), { lengths }).item()).toBe(by("mean")[0]);
    }));

  it("leaves forbidden transitions without a gradient", () =>
    scope(() => {
      made(3, { constraints: CLOSED });
      crf.loss(made3([3, 4, 3]), int(TARGETS), { lengths: [4, 2, 4] }).backward();
      const forbidden = CLOSED.between.flat().map((allowed) => !allowed);
      crf.transitions.grad!.data().forEach((gradient, i) => {
        if (forbidden[i]) expect(gradient).toBe(0);
        else expect(gradient).not.toBe(0);
      });
      expect(crf.start_transitions.grad!.data()[2]).toBe(0);
      expect(crf.end_transitions.grad!.data()[1]).toBe(0);
    }));

  it("has no marginals where emissions hold NaN", () =>
    scope(() => {
      const crf = made(2);
      const emissions = tensor([
        [
          [0, 1],
          [1, 0],
        ],
        [
          [0, NaN],
          [1, 0],
        ],
      ]);
      expect(() => crf.marginals(emissions)).toThrow(NumericError);
      expect(() => crf.marginals(emissions)).toThrow(/got none of row 1/);
      // Past a length nothing is read.
      expect(
        crf
          .marginals(emissions, { lengths: [2, 0] })
          .data()
          .slice(4),
      ).toEqual(new Float32Array(4));
    }));

  it("decodes nothing where no path is possible", () =>
    scope(() => {
      made(1, { constraints: { start: [true], end: [true], between: [[false]] } });
      expect(crf.decode(zeros([1, 1, 1]))[0]!.tags).toEqual(Int32Array.of(0));
      expect(() => crf.decode(zeros([1, 2, 1]))).toThrow(/allow no path of this length/);
      expect(() => crf.marginals(zeros([1, 2, 1]))).toThrow(
        /got none of row 0.*no path of this le/,
      );
      const nan = tensor([NaN], { shape: [1, 1, 1] });
      expect(() => crf.decode(nan)).toThrow(NumericError);
    }));

  it("refuses what does not fit, and says where", () =>
    scope(() => {
      made(3, { constraints: CLOSED });
      const emissions = zeros([1, 2, 3]);
      const loss = (targets: number[][], options = {}) =>
        crf.loss(emissions, int(targets), options);
      expect(() => loss([[0, 3]])).toThrow(IndexError);
      expect(() => loss([[0, 3]])).toThrow("3 at [0, 1]");
      expect(() => loss([[2, 0]])).toThrow("tag 2 at [0, 0] at the start");
      expect(() => loss([[0, 2]])).toThrow("tag 2 at [0, 1] after 0");
      expect(() => loss([[0, 1]])).toThrow("tag 1 at [0, 1] at the end");
      expect(() => loss([[0, 1]])).toThrow(OptionError);
      expect(() => loss([[0, 1]], { lengths: [1] })).not.toThrow();
      expect(() => loss([[0]])).toThrow(ShapeError);
      expect(() => loss([[0, 0]], { reduction: "max" })).toThrow(OptionError);
      expect(() => loss([[0, 0]], { lengths: [3] })).toThrow(IndexError);
      expect(() => crf.decode(zeros([1, 2, 4]))).toThrow("emissions [batch, time, 3]");
      expect(() => new CRF(4, { constraints: BIO })).toThrow(ShapeError);
    }));
});
