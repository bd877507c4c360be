import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  crossEntropy,
  Dropout,
  Embedding,
  getRngState,
  Linear,
  manualSeed,
  Module,
  mseLoss,
  SGD,
  tensor,
  type Tensor,
} from "../../src/index.js";
import { BatchNorm1d } from "../../src/nn/index.js";
import { SparseAdam } from "../../src/optim/index.js";
import { LocalShards } from "../../src/parallel/local-shards.js";
import { fit } from "../../src/train/index.js";
import { expectClose } from "../helpers/expect-close.js";

interface Example {
  readonly x: number[];
  readonly y: number[];
}

const examples: Example[] = Array.from({ length: 7 }, (_, i) => ({
  x: [i / 7, Math.sin(i)],
  y: [i % 3],
}));

const lossOf = (model: { forward(x: Tensor): Tensor }) => (batch: readonly Example[]) =>
  mseLoss(model.forward(tensor(batch.map(({ x }) => x))), tensor(batch.map(({ y }) => y)));

const gradients = (model: Module) => model.parameters().map(({ grad }) => grad && [...grad.data()]);

let open: LocalShards<never, never>[] = [];
beforeEach(() => manualSeed(3));
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
});

function sharded<Batch, Shard>(
  ...given: ConstructorParameters<typeof LocalShards<Batch, Shard>>
): LocalShards<Batch, Shard> {
  const made = new LocalShards<Batch, Shard>(...given);
  open.push(made as never);
  return made;
}

describe("shards of a batch", () => {
  it("have the gradient of the whole batch's mean, also where they are not alike", async () => {
    const model = new Linear(2, 1);
    const loss = lossOf(model);
    const whole = loss(examples);
    whole.backward();
    const expected = gradients(model);
    for (const shards of [1, 2, 3, 5, 8]) {
      const parallel = sharded({ model, loss }, shards, {});
      expectClose([await parallel.gradients(examples)], [whole.item()], 1e-6);
      gradients(model).forEach((grad, i) => expectClose(grad!, expected[i]!, 1e-6));
    }
  });

  it("count what their losses are means over", async () => {
    const model = new Embedding(5, 4);
    const target = (ids: number[]) => tensor(Int32Array.from(ids));
    const ids = [0, 1, 2, 3, 4];
    // A token that is ignored counts nowhere: the last shard has none that counts.
    const targets = [1, 0, -100, -100, -100];
    const loss = (places: readonly number[]) => {
      const own = places.map((i) => targets[i]!);
      const count = own.filter((id) => id >= 0).length;
      const logits = model.forward(target(places.map((i) => ids[i]!)));
      return { loss: count > 0 ? crossEntropy(logits, target(own)) : logits.sum(), count };
    };
    const whole = crossEntropy(model.forward(target(ids)), target(targets));
    whole.backward();
    const [expected] = gradients(model);
    const parallel = sharded({ model, loss }, 3, {});
    expectClose([await parallel.gradients(ids)], [whole.item()], 1e-6);
    expectClose(gradients(model)[0]!, expected!, 1e-6);
    await expect(parallel.gradients([])).rejects.toThrow(
      "expected a batch with examples, got none",
    );
    await expect(parallel.gradients([2, 3])).rejects.toThrow("a count above 0");
  });

  it("leave a parameter without a gradient that no loss depends on", async () => {
    class Two extends Module {
      used = new Linear(2, 1);
      idle = new Linear(2, 1);
    }
    const model = new Two();
    const parallel = sharded({ model, loss: lossOf(model.used) }, 2, {});
    await parallel.gradients(examples);
    expect(model.used.weight.grad).toBeDefined();
    expect(model.idle.weight.grad).toBeUndefined();
  });

  it("say which rows of a table they reached", async () => {
    const model = new Embedding(6, 2);
    const loss = (ids: readonly number[]) => model.forward(tensor(Int32Array.from(ids))).sum();
    const optimizer = new SparseAdam(model.parameters());
    const before = model.weight.data();
    await sharded({ model, loss }, 2, {}).gradients([1, 1, 4]);
    optimizer.step();
    const changed = [...model.weight.data()].map((value, i) => value !== before[i]);
    expect(changed).toEqual(
      [0, 1, 2, 3, 4, 5].flatMap((row) => Array(2).fill([1, 4].includes(row))),
    );
  });

  it("send the few rows of a large table that they reached, whatever other shards have of it", async () => {
    const model = new Embedding(40, 3);
    const loss = (ids: readonly number[]) => {
      const rows = model.forward(tensor(Int32Array.from(ids))).sum();
      // With 39 all of the table has a gradient.
      const all = ids.includes(39) ? model.weight.mul(0.25).sum() : undefined;
      return { loss: (all ? rows.add(all) : rows).mul(1 / ids.length), count: ids.length };
    };
    const parallel = sharded({ model, loss }, 2, {});
    const expected = (ids: readonly number[], dense: number) =>
      Array.from({ length: 40 }, (_, row) => {
        const count = ids.filter((id) => id === row).length;
        return Array(3).fill((count + 0.25 * dense) / 4) as number[];
      }).flat();
    for (const [ids, dense] of [
      [[1, 1, 4, 1], 0],
      [[5, 39, 5, 2], 1],
      [[5, 2, 2, 39], 1],
      [[7, 7, 7, 8], 0],
    ] as const) {
      await parallel.gradients(ids);
      expectClose(gradients(model)[0]!, expected(ids, dense), 1e-6);
    }
  });

  it("move running statistics by the mean of theirs", async () => {
    const model = new BatchNorm1d(2);
    const loss = (batch: readonly Example[]) =>
      model.forward(tensor(batch.map(({ x }) => x))).sum();
    await sharded({ model, loss }, 2, {}).gradients(examples.slice(0, 6));
    const mean = (list: readonly Example[]) =>
      [0, 1].map((i) => list.reduce((sum, { x }) => sum + x[i]!, 0) / list.length);
    const both = [mean(examples.slice(0, 3)), mean(examples.slice(3, 6))];
    const expected = [0, 1].map((i) => (0.1 * (both[0]![i]! + both[1]![i]!)) / 2);
    expectClose(model.running_mean!.data(), expected, 1e-6);
    expect(model.num_batches_tracked!.item()).toBe(1);
  });

  it("draw by the step and their number, and one block of the program's generator", async () => {
    const model = new Linear(2, 1);
    const dropout = new Dropout(0.5);
    const seen: number[][] = [];
    const loss = (batch: readonly Example[]) => {
      const x = dropout.forward(tensor(batch.map(({ x }) => [x[0]! + 1, x[1]! + 2])));
      seen.push([...x.data()].map((value) => +(value !== 0)));
      return model.forward(x).sum();
    };
    const parallel = sharded({ model, loss }, 2, {});
    const same = Array.from({ length: 40 }, () => examples[0]!);
    const { counter } = getRngState();
    await parallel.gradients(same);
    expect(getRngState().counter).toBe(counter + 1);
    await parallel.gradients(same);
    expect(new Set(seen.map(String)).size).toBe(4);
  });

  it("train as fit does by itself: one shard, where nothing is random, to the same bits", async () => {
    const run = async (shards: number | undefined) => {
      manualSeed(5);
      const model = new Linear(2, 1);
      const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const loss = lossOf(model);
      const common = { model, optimizer, batches: [examples], epochs: 5, maxNorm: 1 };
      const losses: number[] = [];
      const onStep = ({ loss }: { loss: number }) => void losses.push(loss);
      if (shards === undefined) await fit({ ...common, onStep, step: loss });
      else await fit({ ...common, onStep, parallel: sharded({ model, loss }, shards, {}) });
      return { weight: [...model.weight.data()], losses };
    };
    expect(await run(1)).toEqual(await run(undefined));
    const cut = await run(3);
    expectClose(cut.weight, (await run(undefined)).weight, 1e-5);
  });

  it("are refused where they cannot be cut", async () => {
    const model = new Linear(2, 1);
    const loss = lossOf(model);
    await expect(sharded({ model, loss }, 2, {}).gradients({})).rejects.toThrow(
      "expected batches that are lists, or split, which cuts them",
    );
    const split = () => [examples];
    await expect(sharded({ model, loss }, 2, { split }).gradients(examples)).rejects.toThrow(
      "expected a list of 2 shards from split, got one of 1",
    );
  });

  it("are one way of two", async () => {
    const model = new Linear(2, 1);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    await expect(fit({ model, optimizer, batches: [1], epochs: 1 })).rejects.toThrow(
      "fit: expected step or parallel, got neither",
    );
  });
});
