// The CRF's loss against the enumeration of every path.
import { tensor } from "../../../src/index.js";
import { crfLoss } from "../../../src/ops/crf/loss.js";
import { constraintMask, type CRFConstraints } from "../../../src/ops/crf/weights.js";
import { allPaths, logZ } from "../../nn/crf-reference.js";
import { float, type GradientCase } from "../check.js";
import { at, build, type Twin } from "../twin.js";

function crfCase(
  [batch, time, tags]: [number, number, number],
  targets: number[],
  lengths: number[],
  constraints?: CRFConstraints,
): GradientCase {
  const table = (x: Twin, rows: number, first: number[] = []) =>
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: tags }, (_, j) => at(x, [...first, i, j])),
    );
  const masked = (scores: readonly number[], allowed?: readonly boolean[]) =>
    scores.map((score, i) => ((allowed?.[i] ?? true) ? score : -Infinity));
  return {
    inputs: {
      emissions: float([batch, time, tags], { step: 0.125 }),
      transitions: float([tags, tags], { seed: 2, step: 0.25 }),
      start: float([tags], { seed: 3, step: 0.5 }),
      end: float([tags], { seed: 4, step: 0.5 }),
    },
    run: ({ emissions, transitions, start, end }) =>
      crfLoss(
        emissions!,
        { transitions: transitions!, start: start!, end: end! },
        tensor(Int32Array.from(targets), { shape: [batch, time] }),
        Int32Array.from(lengths),
        constraints && constraintMask(constraints),
      ),
    twin: ({ emissions, transitions, start, end }) =>
      build([batch], ([row]) => {
        const length = lengths[row!]!;
        if (length === 0) return 0;
        const chain = {
          tags,
          emissions: table(emissions!, length, [row!]),
          transitions: table(transitions!, tags).map((scores, i) =>
            masked(scores, constraints?.between[i]),
          ),
          start: masked([...start!.data], constraints?.start),
          end: masked([...end!.data], constraints?.end),
        };
        const target = String(targets.slice(row! * time, row! * time + length));
        return logZ(chain) - allPaths(chain).find(({ path }) => String(path) === target)!.score;
      }),
  };
}

const BIO: CRFConstraints = {
  start: [true, true, false],
  end: [true, true, true],
  between: [
    [true, true, false],
    [true, true, true],
    [true, true, true],
  ],
};

export const crf: Record<string, GradientCase[]> = {
  crfLoss: [
    crfCase([1, 1, 3], [2], [1]),
    crfCase([2, 3, 5], [4, 0, 1, 2, 2, 3], [3, 3]),
    crfCase([4, 3, 3], [0, 1, 2, 1, 9, 9, 9, 9, 9, 2, 0, 9], [3, 1, 0, 2]),
    crfCase([2, 4, 3], [0, 1, 2, 0, 1, 2, 2, 9], [4, 3], BIO),
  ],
};
