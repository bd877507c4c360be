// Steps by workers against those of the optimizer itself, bit for bit. What workers do is done here, one after the other.
import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  Adam,
  AdamW,
  clipGradNorm,
  Embedding,
  Linear,
  manualSeed,
  Module,
  scope,
  SGD,
  tensor,
} from "../../src/index.js";
import {
  isSummable,
  makeShared,
  placeOf,
  SharedWork,
  valuesIn,
} from "../../src/parallel/exchange.js";
import { clipFilled, filledOf } from "../../src/parallel/filled-runs.js";
import { layoutOf, readValues, writeValues } from "../../src/parallel/layout.js";
import { bytesOfSteps, SlicedSteps } from "../../src/parallel/sliced-steps.js";
import { clipAndStep } from "../../src/train/clip-and-step.js";

const ROWS = 2700;
const WIDTH = 99;

class Network extends Module {
  table = new Embedding(ROWS, WIDTH);
  head = new Linear(WIDTH, 3);
  seldom = new Linear(1, 37);

  /** Leaves gradients: of few rows of the table, of all of it, or none for `seldom`. */
  learn(step: number): void {
    scope(() => {
      for (const parameter of this.parameters()) parameter.zeroGrad();
      const ids = Int32Array.from({ length: 40 }, (_, i) => (i * i * (step + 3)) % ROWS);
      const rows = this.head.forward(this.table.forward(tensor(ids)).mul(5 + step));
      let loss = rows.mul(rows).sum();
      if (step % 3 === 1) loss = loss.add(this.table.weight.mul(this.table.weight).sum());
      if (step % 2 === 0) loss = loss.add(this.seldom.forward(tensor([[step]])).sum());
      loss.backward();
    });
  }
}

const optimizerOf = (model: Network, amsgrad = false) =>
  new AdamW(
    [
      { params: model.table.parameters(), weightDecay: 0.1 },
      { params: [...model.head.parameters(), ...model.seldom.parameters()], lr: 0.003 },
    ],
    { lr: 0.01, amsgrad },
  );

const digest = (numbers: Float32Array | Int32Array) =>
  createHash("sha256").update(new Uint8Array(numbers.slice().buffer)).digest("hex");

const bits = (model: Network, optimizer: Adam | AdamW) => ({
  weights: model.parameters().map((parameter) => digest(parameter.data())),
  gradients: model.parameters().map(({ grad }) => grad && digest(grad.data())),
  moments: [...optimizer.stateDict().tensors].map(([name, values]) => [
    name,
    digest(values.data()),
  ]),
});

/** What a DataParallel does with its workers. */
function slicedSteps(model: Module, workers: number) {
  const layout = layoutOf(model);
  const memory = makeShared(layout.size, 1, bytesOfSteps(layout, workers));
  if (!isSummable(memory)) throw new Error("no shared memory");
  const steps = new SlicedSteps(memory, placeOf(1, layout.size), layout, workers);
  const work = new SharedWork(memory, layout.size);
  const values = valuesIn(memory, layout.size);
  let calls = 0;
  const step = (optimizer: Adam | AdamW | SGD, maxNorm?: number): number | undefined => {
    const plan = steps.plan(optimizer as Adam, model, maxNorm);
    if (!plan) return clipAndStep(optimizer as Adam, model, maxNorm);
    expect(plan.calls).toHaveLength(workers);
    writeValues(layout.parameters, values);
    // In any order.
    for (const call of plan.calls.toReversed().flat()) {
      calls++;
      work.step(call);
    }
    steps.stepped();
    readValues(plan.places, values);
    return plan.norm;
  };
  return { steps, step, calls: () => calls };
}

beforeEach(() => manualSeed(7));

function network(): Network {
  manualSeed(7);
  return new Network();
}

describe("steps in slices", () => {
  it.each([1, 2, 3, 5])("have the bits of the optimizer's own: %i workers", (workers) => {
    for (const amsgrad of [false, true]) {
      const [own, other] = [network(), network()];
      const [alone, sliced] = [optimizerOf(own, amsgrad), optimizerOf(other, amsgrad)];
      const by = slicedSteps(other, workers);
      for (let step = 0; step < 7; step++) {
        const maxNorm = step < 5 ? 1 : undefined;
        for (const { groups } of [alone, sliced]) groups[1]!.lr = 0.003 / (1 + step);
        own.learn(step);
        other.learn(step);
        const norm = clipAndStep(alone, own, maxNorm);
        expect(by.step(sliced, maxNorm)).toBe(norm);
        if (norm !== undefined) expect(norm).toBeGreaterThan(1);
        if (step % 3 === 2) expect(bits(other, sliced)).toEqual(bits(own, alone));
      }
      expect(bits(other, sliced)).toEqual(bits(own, alone));
      // A call for each group, and one more where `seldom` has taken fewer steps.
      expect(by.calls()).toBeGreaterThanOrEqual(7 * 2 * workers);
    }
  });

  it("leave the optimizer what it is: states come and go, and it steps by itself", () => {
    const [own, other] = [network(), network()];
    const [alone, sliced] = [optimizerOf(own), optimizerOf(other)];
    const by = slicedSteps(other, 2);
    const both = (step: number, run: (optimizer: AdamW, model: Network) => void) => {
      own.learn(step);
      other.learn(step);
      clipAndStep(alone, own, 1);
      run(sliced, other);
    };
    both(0, (optimizer) => by.step(optimizer, 1));
    const kept = bits(other, sliced).moments;
    both(1, (optimizer, model) => void clipAndStep(optimizer, model, 1));
    both(2, (optimizer) => by.step(optimizer, 1));
    expect(bits(other, sliced)).toEqual(bits(own, alone));
    expect(bits(other, sliced).moments).not.toEqual(kept);
    both(3, (optimizer) => by.step(optimizer, 1));
    // Elsewhere in the run's life: a state is loaded.
    for (const optimizer of [alone, sliced]) {
      const { tensors, groups } = optimizer.stateDict();
      optimizer.loadStateDict({ tensors, groups: groups.map((group) => ({ ...group, lr: 0.02 })) });
    }
    both(4, (optimizer) => by.step(optimizer, 1));
    by.steps.end();
    expect(sliced.bringBack_).toBeUndefined();
    expect(bits(other, sliced)).toEqual(bits(own, alone));
    // By other workers.
    const three = slicedSteps(other, 3);
    both(5, (optimizer) => three.step(optimizer, 1));
    both(6, (optimizer) => by.step(optimizer, 1));
    expect(bits(other, sliced)).toEqual(bits(own, alone));
    sliced.dispose();
    by.steps.end();
    expect(() => by.step(sliced, 1)).toThrow("got a disposed one");
  });

  it("hide the moments while workers have them, and for good where one is lost", () => {
    const model = network();
    const optimizer = optimizerOf(model);
    const { steps } = slicedSteps(model, 2);
    model.learn(0);
    expect(steps.plan(optimizer, model, 1)).toBeDefined();
    steps.end();
    const message = "expected an optimizer whose steps have ended, got one in the middle of a step";
    expect(() => optimizer.stateDict()).toThrow(message);
    expect(() => optimizer.step()).toThrow(message);
    optimizer.dispose();
  });

  it("are the optimizer's own to do where little is to do, or it is another, or gradients are not finite", () => {
    const model = network();
    const { steps } = slicedSteps(model, 2);
    model.learn(0);
    const params = model.parameters();
    expect(steps.plan(new SGD(params, { momentum: 0.9 }), model, 1)).toBeUndefined();
    expect(steps.plan(new Adam(model.head.parameters()), model, 1)).toBeUndefined();
    const foreign = new Linear(1, 1);
    foreign
      .forward(tensor([[1]]))
      .sum()
      .backward();
    const adam = new Adam([...params, ...foreign.parameters()]);
    expect(steps.plan(adam, model, 1)).toBeUndefined();
    const { grad } = model.head.weight;
    grad!.set(grad!.data().fill(NaN, 5, 6));
    expect(steps.plan(new Adam(params), model, undefined)).toBeUndefined();
  });
});

it("clips few rows to the bits of all", () => {
  for (const step of [0, 1, 2]) {
    const [own, other] = [network(), network()];
    own.learn(step);
    other.learn(step);
    const filled = other.parameters().flatMap((one) => (one.grad ? [filledOf(one)] : []));
    const runs = filled[0]!.runs;
    if (step === 1) expect(runs).toEqual([[0, ROWS * WIDTH]]);
    else expect(runs.length).toBeGreaterThan(10);
    for (const [from] of runs) expect(from % 16).toBe(0);
    expect(clipFilled(filled, 0.5)).toBe(clipGradNorm(own.parameters(), 0.5));
    const gradients = (model: Network) =>
      model.parameters().map(({ grad }) => grad && digest(grad.data()));
    expect(gradients(other)).toEqual(gradients(own));
  }
});
