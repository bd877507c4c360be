// Real workers: threads of Node that run the built package.
import { execFile } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { Adam, Dropout, initSync, Linear, manualSeed, NumericError, Sequential } from "hiddenstate";
import { SequenceClassifier } from "hiddenstate/models";
import {
  DataParallel,
  parallelSupport,
  PredictionPool,
  WorkerError,
  type DataParallelOptions,
  type WorkerLike,
} from "hiddenstate/parallel";
import { fit } from "hiddenstate/train";

initSync({ build: "plain" });

interface Example {
  readonly x: readonly [number, number];
  readonly y: number;
}

const SIZE = 6;
const file = new URL("worker.mjs", import.meta.url);
const examples: Example[] = Array.from({ length: 23 }, (_, i) => ({
  ...{ x: [i / 23, (i * i) % 5], y: (i % 4) / 4 },
}));
const batches = [0, 8, 16].map((from) => examples.slice(from, from + 8));

const made: Worker[] = [];
const workerOf = (options?: WorkerOptions) => () => {
  const worker = new Worker(file, options);
  made.push(worker);
  return worker;
};
afterEach(() => {
  // Ended, whatever happened.
  expect(
    made
      .splice(0)
      .map(({ threadId }) => threadId)
      .filter((id) => id !== -1),
  ).toEqual([]);
});

async function train(
  options: Partial<DataParallelOptions<Example[], Example[]>> & {
    fault?: string;
    from?: Uint8Array;
    size?: number;
    checkpoints?: Uint8Array[];
  },
) {
  const { fault, from, size = SIZE, checkpoints = [], ...given } = options;
  manualSeed(1);
  const model = new Sequential(new Linear(2, size), new Dropout(0.3), new Linear(size, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const parallel = new DataParallel<Example[], Example[]>({
    ...{ model, createWorker: workerOf(), workers: 2, setup: { size, fault } },
    ...given,
  });
  const checkpoint = {
    every: 2,
    save: (bytes: Uint8Array) => void checkpoints.push(bytes),
    resume: from,
  };
  try {
    await fit({ model, optimizer, parallel, batches, epochs: 4, maxNorm: 1, checkpoint });
  } finally {
    await parallel.close();
  }
  const weights = model.parameters().map((parameter) => parameter.data());
  return { weights, checkpoints, info: parallel.info };
}

describe("a model of one's own", () => {
  it("gets the same bits from any number of workers, through shared memory and messages", async () => {
    const { weights, info } = await train({ workers: 2, shards: 5 });
    expect(info).toEqual({
      ...{ workers: 2, shards: 5, transport: "shared memory" },
      reason: "the runtime has SharedArrayBuffer",
    });
    for (const workers of [1, 3, 5])
      expect((await train({ workers, shards: 5 })).weights).toEqual(weights);
    Object.assign(globalThis, { crossOriginIsolated: false });
    try {
      expect(parallelSupport().transport).toBe("messages");
      const sent = await train({ workers: 3, shards: 5 });
      expect(sent.info.reason).toMatch("the page is not cross-origin isolated");
      expect(sent.weights).toEqual(weights);
    } finally {
      Reflect.deleteProperty(globalThis, "crossOriginIsolated");
    }
  });

  it("gets them also where workers sum what they found, and step the optimizer", async () => {
    const size = 70_000;
    const { weights } = await train({ workers: 1, shards: 5, size });
    const two = await train({ workers: 2, shards: 5, size });
    expect(two.weights).toEqual(weights);
    // From a checkpoint of the last step but one.
    for (const workers of [1, 4]) {
      const from = two.checkpoints.at(-2)!;
      expect((await train({ workers, shards: 5, size, from })).weights).toEqual(weights);
    }
  });

  it("loses no checkpoint where a worker is lost as it steps", async () => {
    const size = 70_000;
    const whole = await train({ workers: 1, shards: 2, size });
    const workers: WorkerLike[] = [];
    let slices = 0;
    const createWorker = () => {
      const worker = workerOf()();
      workers.push(worker);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message, transfer) => {
        if ((message as { kind: string }).kind === "slices" && ++slices === 9)
          workers[1]!.terminate();
        post(message, transfer as never);
      };
      return worker;
    };
    const checkpoints: Uint8Array[] = [];
    await expect(train({ workers: 2, shards: 2, size, createWorker, checkpoints })).rejects.toThrow(
      WorkerError,
    );
    // Each of two workers in each step.
    expect(slices).toBe(10);
    const from = checkpoints.at(-1)!;
    expect((await train({ workers: 1, shards: 2, size, from })).weights).toEqual(whole.weights);
  });

  it("goes on by others where a worker was lost", async () => {
    const whole = await train({ workers: 2, shards: 4 });
    const workers: Worker[] = [];
    let saved: Uint8Array | undefined;
    const merge = () => {
      // In the middle of the seventh step's way.
      if (++steps === 7) void workers[1]!.terminate();
    };
    let steps = 0;
    const createWorker = () => {
      const worker = workerOf()();
      workers.push(worker);
      return worker;
    };
    manualSeed(1);
    const model = new Sequential(new Linear(2, SIZE), new Dropout(0.3), new Linear(SIZE, 1));
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    const parallel = new DataParallel<Example[], Example[]>({
      ...{ model, createWorker, workers: 4, shards: 4, setup: { size: SIZE }, merge },
    });
    const checkpoint = { every: 2, save: (bytes: Uint8Array) => void (saved = bytes) };
    await expect(
      fit({ model, optimizer, parallel, batches, epochs: 4, maxNorm: 1, checkpoint }),
    ).rejects.toThrow(WorkerError);
    await expect(parallel.gradients(batches[0]!)).rejects.toThrow("one that was closed");
    expect((await train({ workers: 1, shards: 4, from: saved! })).weights).toEqual(whole.weights);
  });

  it.each([
    ["begin", {}, "Error: no such file in worker"],
    ["throw", {}, "TypeError: x is not a function in worker"],
    ["exit", {}, "got one that ended, with code 7 (worker"],
    ["hang", { timeout: 3 }, "got no answer in 3 s (worker"],
    [
      "memory",
      { createWorker: workerOf({ resourceLimits: { maxOldGenerationSizeMb: 24 } }) },
      "got one that ran out of memory (worker",
    ],
  ])("tells of a worker that fails: %s", async (fault, options, message) => {
    const error = await train({ fault, ...options }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WorkerError);
    expect((error as Error).message).toContain(message);
  });

  it("tells of numbers that are not finite as fit does", async () => {
    const error = await train({ fault: "nan" }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NumericError);
    expect((error as Error).message).toMatch(/^fit: expected a finite loss .* step 1 \(epoch 0/);
  });

  it("tells of a worker whose model is another, and of one that cannot be made", async () => {
    await expect(train({ setup: { size: 3 } })).rejects.toThrow("got 0.weight [3, 2]");
    const createWorker = () => {
      throw new Error("no file");
    };
    await expect(train({ createWorker })).rejects.toThrow(
      "got an error where it is made: Error: no file (worker 1 of",
    );
    await expect(train({ createWorker: () => 5 as never })).rejects.toThrow(
      "got 5 from createWorker, which is no worker",
    );
    const { weights } = await train({ setup: { size: SIZE } });
    expect(weights[0]).toHaveLength(2 * SIZE);
  });
});

async function collected<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

const TEXTS = Array.from({ length: 40 }, (_, i) => ({
  ...{ input: `${i % 2 ? "a good" : "a dull"} film ${i % 7}`, label: i % 2 ? "good" : "bad" },
}));

describe("a ready model", () => {
  it("trains by the package's own workers, and answers from a pool", async () => {
    const run = async (workers: number) => {
      manualSeed(1);
      const model = SequenceClassifier.build(TEXTS, { hiddenSize: 8 });
      await model.fit(TEXTS, { epochs: 2, batchSize: 8, workers, shards: 2 });
      return model;
    };
    const model = await run(2);
    expect(model.save()).toEqual((await run(1)).save());
    const inputs = TEXTS.map(({ input }) => input);
    const pool = new PredictionPool(model, { workers: 2 });
    try {
      const answers = model.predictBatch(inputs);
      // The lines of a file come while the workers start.
      const lines = createInterface({ input: Readable.from([`${inputs.join("\n")}\n`]) });
      const streamed = [];
      for await (const answer of pool.predictions(lines)) streamed.push(answer);
      expect(streamed).toEqual(answers);
      expect(await pool.predictBatch(inputs)).toEqual(answers);
      expect(await pool.evaluate(TEXTS)).toEqual(await model.evaluate(TEXTS));
      // What the model refuses ends no worker.
      await expect(pool.predictBatch([5 as never])).rejects.toThrow("expected a text");
      const wrong = [...inputs, 5 as never, ...inputs];
      const told = /expected a text.* in example 40\./;
      expect(() => model.predictBatch(wrong)).toThrow(told);
      await expect(pool.predictBatch(wrong)).rejects.toThrow(told);
      const many = Array.from({ length: 400 }, (_, i) => (i === 300 ? (5 as never) : inputs[0]!));
      await expect(collected(pool.predictions(many))).rejects.toThrow(/ in example 300\./);
      expect(await pool.predictBatch(["a good film"])).toEqual(model.predictBatch(["a good film"]));
    } finally {
      await pool.close();
    }
    await expect(pool.predictBatch(inputs)).rejects.toThrow("one that was closed");
  });

  it("ends with the bits of an uninterrupted run, killed at random moments", async () => {
    const script = fileURLToPath(new URL("../../bench/parallel/kills.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, "--kills", "3"]);
    expect(stdout).toMatch(/^3 kills .*: the same bits each time$/m);
  });
});
