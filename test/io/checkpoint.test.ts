import { beforeEach, describe, expect, it } from "vitest";
import { FormatError, NumericError, OptionError, StateDictError } from "../../src/core/errors.js";
import { getRngState, manualSeed } from "../../src/core/random.js";
import { loadCheckpoint, saveCheckpoint, type CheckpointParts } from "../../src/io/checkpoint.js";
import { readSafetensors, saveSafetensors } from "../../src/io/safetensors.js";
import { mseLoss } from "../../src/losses/elementwise.js";
import { Linear } from "../../src/nn/linear.js";
import { Module } from "../../src/nn/module.js";
import "../../src/ops/methods.js";
import { Adagrad } from "../../src/optim/adagrad.js";
import { Adam, AdamW, type AdamOptions } from "../../src/optim/adam.js";
import { RMSprop } from "../../src/optim/rmsprop.js";
import { SGD } from "../../src/optim/sgd.js";
import { randn, tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import { zerosOnHeap } from "../../src/tensor/create.js";

class Model extends Module {
  readonly first: Linear;
  readonly second: Linear;
  constructor(hidden = 4) {
    super();
    this.first = new Linear(3, hidden);
    this.second = new Linear(hidden, 2);
  }
}

class Schedule {
  steps = 0;
  stateDict() {
    return { steps: this.steps };
  }
  loadStateDict({ steps }: { steps: number }) {
    this.steps = steps;
  }
}

class Counter {
  #count = 0;
  get state(): unknown {
    return { count: this.#count };
  }
  set state(state: unknown) {
    const { count } = state as { count: number };
    if (typeof count !== "number") {
      throw new OptionError({ op: "Counter", expected: "a count", got: String(count) });
    }
    this.#count = count;
  }
}

function makeRun(hidden = 4, options: object = { lr: 0.01 }, Kind = Adam) {
  const model = new Model(hidden);
  return {
    model,
    optimizer: new Kind(model.parameters(), options),
    schedule: new Schedule(),
    tensors: { h: zerosOnHeap([2, 3]) },
    parts: { counter: new Counter() },
  };
}
type Run = ReturnType<typeof makeRun>;

/** Trains on random numbers, so that weights, moments, carried state and generator all move. */
function train({ model, optimizer, schedule, tensors, parts }: Run, steps: number): void {
  for (let step = 0; step < steps; step++) {
    scope(() => {
      const x = randn([5, 3]);
      const y = model.second.forward(model.first.forward(x));
      const loss = mseLoss(y, randn([5, 2]));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      tensors.h.set(x.slice(0, 0, 2).detach());
    });
    schedule.steps++;
    parts.counter.state = { count: schedule.steps };
  }
}

/** Everything that a run consists of, exactly. */
function everything({ model, optimizer, schedule, tensors, parts }: Run) {
  const { tensors: moments, groups } = optimizer.stateDict();
  const values = [...model.stateDict(), ...moments, ...Object.entries(tensors)].map(
    ([name, t]) => [name, t.shape, [...t.data()]] as const,
  );
  return {
    values,
    groups,
    schedule: schedule.steps,
    counter: parts.counter.state,
    rng: getRngState(),
  };
}

beforeEach(() => manualSeed(11));

describe("a checkpoint", () => {
  it.each<[string, unknown, object]>([
    ["SGD", SGD, { lr: 0.01 }],
    ["SGD with momentum", SGD, { lr: 0.01, momentum: 0.9, dampening: 0.1 }],
    ["Adam", Adam, { lr: 0.01 }],
    ["AdamW by AMSGrad", AdamW, { lr: 0.01, betas: [0.9, 0.5], amsgrad: true }],
    ["RMSprop", RMSprop, { momentum: 0.9, centered: true, eps: 0.01 }],
    ["Adagrad", Adagrad, { lrDecay: 0.1, initialAccumulatorValue: 0.1 }],
  ])("lets a new process go on to the same bits: %s", (_, Kind, options) => {
    const run = makeRun(4, options, Kind as typeof Adam);
    train(run, 5);
    const bytes = saveCheckpoint(run, { step: 5, note: ["any", null, 0.1] });
    train(run, 7);
    const uninterrupted = everything(run);

    manualSeed(99);
    const resumed = makeRun(4, { ...options, lr: 0.5 }, Kind as typeof Adam);
    train(resumed, 2);
    expect(loadCheckpoint(resumed, bytes)).toEqual({ step: 5, note: ["any", null, 0.1] });
    train(resumed, 7);
    expect(everything(resumed)).toEqual(uninterrupted);
  });

  it("is a safetensors file with PyTorch's names, and the same for the same run", () => {
    const run = makeRun();
    train(run, 1);
    const bytes = saveCheckpoint(run, 0, { metadata: { note: "mine" } });
    expect(saveCheckpoint(run, 0, { metadata: new Map([["note", "mine"]]) })).toEqual(bytes);
    const { tensors, metadata } = readSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(
      expect.arrayContaining([
        "model.first.weight",
        "optimizer.3.exp_avg_sq",
        "optimizer.0.step",
        "tensors.h",
      ]),
    );
    expect(tensors.size).toBe(4 + 4 * 3 + 1);
    expect(metadata.get("note")).toBe("mine");
    expect(metadata.get("hiddenstate.checkpoint")).toBe("1");
  });

  it("may hold a model alone, and an optimizer that has not stepped yet", () => {
    const model = new Model();
    const bytes = saveCheckpoint({ model }, null);
    const other = new Model();
    expect(loadCheckpoint({ model: other }, bytes)).toBeNull();
    expect(other.first.weight.data()).toEqual(model.first.weight.data());
    const fresh = makeRun();
    const start = saveCheckpoint(fresh, 0);
    train(fresh, 2);
    loadCheckpoint(fresh, start);
    expect(fresh.optimizer.stateDict().tensors.size).toBe(0);
  });

  it("keeps tied weights tied", () => {
    class Tied extends Module {
      readonly a: Linear;
      readonly b: Linear;
      constructor() {
        super();
        this.a = new Linear(2, 2);
        this.b = new Linear(2, 2);
        Object.assign(this.b, { weight: this.a.weight });
      }
    }
    const bytes = saveCheckpoint({ model: new Tied() }, 0);
    const other = new Tied();
    loadCheckpoint({ model: other }, bytes);
    expect(other.b.weight).toBe(other.a.weight);
    expect(saveCheckpoint({ model: other }, 0)).toEqual(bytes);
  });

  it("refuses plain data that JSON would change in silence", () => {
    const run = makeRun();
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(() => saveCheckpoint(run, { lossSum: bad })).toThrow(NumericError);
      expect(() => saveCheckpoint(run, { lossSum: bad })).toThrow(`got lossSum: ${bad}`);
    }
  });
});

describe("loading what does not fit changes nothing", () => {
  type Parts = Partial<CheckpointParts<AdamOptions>>;

  /** The error of loading `bytes` into a run, which must stay as it was to the bit. */
  function refusal(bytes: Uint8Array, change: (run: Run) => Parts = () => ({})): Error {
    const run = makeRun();
    train(run, 3);
    const before = everything(run);
    let refused: unknown;
    try {
      loadCheckpoint({ ...run, ...change(run) }, bytes);
    } catch (error) {
      refused = error;
    }
    expect(everything(run)).toEqual(before);
    expect(refused).toBeInstanceOf(Error);
    return refused as Error;
  }

  function saved(run: Run = makeRun()): Uint8Array {
    manualSeed(5);
    train(run, 2);
    return saveCheckpoint(run, { step: 2 });
  }

  /** The plain data of a checkpoint, as these tests change it. */
  interface PlainData {
    readonly parts: Record<string, unknown>;
    readonly groups: [Record<string, unknown>];
    [key: string]: unknown;
  }

  /** The checkpoint with its plain data changed. */
  function edited(edit: (run: PlainData) => void): Uint8Array {
    const { tensors, metadata } = readSafetensors(saved());
    const run = JSON.parse(metadata.get("hiddenstate.run")!) as PlainData;
    edit(run);
    return saveSafetensors(tensors, {
      metadata: metadata.set("hiddenstate.run", JSON.stringify(run)),
    });
  }

  it("a model of other sizes", () => {
    const error = refusal(saved(makeRun(5)));
    expect(error).toBeInstanceOf(StateDictError);
    expect(error.message).toMatch(/first.weight: expected \[4, 3\], got \[5, 3\]/);
  });

  it("another optimizer, or none", () => {
    const sgd = (run: Run) => new SGD(run.model.parameters(), { lr: 1 }) as never;
    expect(refusal(saved(), (run) => ({ optimizer: sgd(run) }))).toBeInstanceOf(StateDictError);
    expect(refusal(saved(), () => ({ optimizer: undefined })).message).toMatch(
      /checkpoint's parts \(optimizer, schedule, parts.counter\), got schedule, parts.counter/,
    );
    const fewer = (run: Run) => new Adam(run.model.first.parameters());
    expect(refusal(saved(), (run) => ({ optimizer: fewer(run) }))).toBeInstanceOf(StateDictError);
  });

  it("other carried tensors or parts", () => {
    const tensors = { h: tensor([1, 2]) };
    expect(refusal(saved(), () => ({ tensors })).message).toMatch(
      /h: expected \[2\], got \[2, 3\]/,
    );
    expect(refusal(saved(), () => ({ tensors: {} })).message).toMatch(/1 unexpected \(h\)/);
    expect(refusal(saved(), () => ({ parts: {} })).message).toMatch(/parts.counter/);
    expect(refusal(saved(), () => ({ schedule: undefined })).message).toMatch(/schedule/);
  });

  it("plain data that a part, the optimizer or the generator refuses, late as it comes", () => {
    expect(refusal(edited((run) => (run.parts["counter"] = {})))).toBeInstanceOf(OptionError);
    const lr = (value: unknown) => edited((run) => (run.groups[0]["lr"] = value));
    expect(refusal(lr(-1))).toBeInstanceOf(OptionError);
    expect(refusal(lr("fast")).message).toMatch(/lr string in group 0/);
    const extra = edited((run) => (run.groups[0]["params"] = []));
    expect(refusal(extra)).toBeInstanceOf(StateDictError);
    const betas = edited((run) => (run.groups[0]["betas"] = null));
    expect(refusal(betas)).toBeInstanceOf(StateDictError);
    for (const rng of [null, {}, { seed: -1, counter: 0 }, { seed: 0, counter: 0.5 }]) {
      expect(refusal(edited((run) => (run.rng = rng as never)))).toBeInstanceOf(FormatError);
    }
    for (const key of ["parts", "groups", "position", "schedule"]) {
      expect(refusal(edited((run) => delete run[key]))).toBeInstanceOf(FormatError);
    }
  });

  it("files that are no checkpoint, or of another version", () => {
    const { tensors, metadata } = readSafetensors(saved());
    expect(refusal(saveSafetensors(tensors)).message).toMatch(/got another safetensors file/);
    metadata.set("hiddenstate.checkpoint", "2");
    expect(refusal(saveSafetensors(tensors, { metadata })).message).toMatch(/got version "2"/);
    metadata.set("hiddenstate.checkpoint", "1").set("hiddenstate.run", "{");
    expect(refusal(saveSafetensors(tensors, { metadata }))).toBeInstanceOf(FormatError);
    const bytes = saved();
    expect(refusal(bytes.subarray(0, bytes.length - 1))).toBeInstanceOf(FormatError);
    tensors.set("elsewhere", tensor([1]));
    const stray = saveSafetensors(tensors, { metadata: readSafetensors(bytes).metadata });
    expect(refusal(stray).message).toMatch(/got "elsewhere"/);
  });
});
