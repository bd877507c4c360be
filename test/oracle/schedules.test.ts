// Learning rates over twenty steps, against PyTorch.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as library from "../../src/optim/index.js";
import type { Schedule, Scheduled } from "../../src/optim/index.js";

interface Case {
  op: string;
  options: Record<string, unknown>;
  /** Of each group at first. */
  lrs: number[];
  /** Of each group, by step. */
  rates: number[][];
  /** Of each group, by step, where a schedule changes them. */
  momenta?: number[][];
  metrics?: number[];
}

const json = readFileSync(new URL("schedules.json", import.meta.url), "utf8");
const { cases } = JSON.parse(json) as { cases: Case[] };

type Kind = new (optimizer: Scheduled, options: object) => Schedule;

const LAMBDAS: Record<string, (steps: number) => number> = {
  inverse: (steps) => 1 / (1 + steps),
  steps: (steps) => Math.max(0, 1 - steps / 8),
};

function make(
  name: string,
  optimizer: Scheduled,
  { after, schedules, lrLambda, ...options }: Case["options"],
): Schedule {
  const Kind = (library as unknown as Record<string, Kind>)[name]!;
  if (schedules) {
    const makers = (schedules as [string, object][]).map(
      ([next, own]) =>
        (of: Scheduled) =>
          make(next, of, { ...own }),
    );
    return new Kind(optimizer, { ...options, schedules: makers });
  }
  if (lrLambda) {
    const names = lrLambda as string | string[];
    const found = typeof names === "string" ? LAMBDAS[names] : names.map((each) => LAMBDAS[each]);
    return new Kind(optimizer, { lrLambda: found });
  }
  if (!after) return new Kind(optimizer, options);
  const [next, own] = after as [string, object];
  return new Kind(optimizer, { ...options, after: make(next, optimizer, { ...own }) });
}

describe("rates", () => {
  it("of every schedule are there", () => {
    const kinds = Object.keys(library).filter((name) => /LR(OnPlateau)?$/.test(name));
    expect([...new Set(cases.map(({ op }) => op))].sort()).toEqual(kinds.sort());
  });

  it.each(cases.map((each) => [each.op, JSON.stringify(each.options), each] as const))(
    "of %s %s",
    (_op, _options, { op, options, lrs, rates, momenta, metrics }) => {
      const groups = lrs.map((lr) => ({ lr, momentum: 0 }));
      let schedule = make(op, { groups }, options);
      rates.forEach((expected, step) => {
        groups.forEach(({ lr, momentum }, i) => {
          expect(momentum).toBeCloseTo(momenta?.[step]![i] ?? 0, 9);
          // Where PyTorch's recursion misses zero, as a cosine does at its end, by its own rounding.
          const tolerance = 1e-6 * expected[i]! + 1e-15;
          expect(Math.abs(lr - expected[i]!), `step ${step}`).toBeLessThanOrEqual(tolerance);
        });
        schedule.step(metrics?.[step]);
        // The state goes through a file, to a schedule over groups whose rates stand elsewhere.
        const state = JSON.stringify(schedule.stateDict());
        const now = groups.map(({ lr }) => lr);
        groups.forEach((group) => (group.lr = 7));
        schedule = make(op, { groups }, options);
        schedule.loadStateDict(JSON.parse(state) as never);
        expect(groups.map(({ lr }) => lr)).toEqual(now);
      });
    },
  );
});
