// Shards on the program's own thread: what one worker would compute, without one.
import { getRngState } from "../core/random.js";
import { withRngState } from "../data/shuffle.js";
import type { GradientSource } from "../train/gradient-source.js";
import { applySums, factorOf } from "./apply.js";
import { readValues, writeValues } from "./layout.js";
import { ShardRunner, type Outcome, type Replica } from "./shard-runner.js";
import { drawSeed, inOrder, resultsOf, shardsIn, type Sharding } from "./shards.js";
import { additionsFor } from "./exchange.js";
import { rootOf } from "./shard-tree.js";

export class LocalShards<Batch, Shard> implements GradientSource<Batch> {
  readonly #runner: ShardRunner;
  readonly #sharding: Sharding<Batch, Shard>;
  readonly #shards: number;
  /** Where buffers are kept while shards change them. */
  readonly #values: Float32Array;
  #sum: Float32Array | undefined;

  constructor(replica: Replica<Shard>, shards: number, sharding: Sharding<Batch, Shard>) {
    this.#runner = new ShardRunner(replica, shards);
    this.#sharding = sharding;
    this.#shards = shards;
    this.#values = new Float32Array(this.#runner.layout.size);
  }

  async gradients(batch: Batch): Promise<number> {
    const shards = shardsIn(this.#sharding, batch, this.#shards);
    const seed = drawSeed();
    const { loss, outcomes } = withRngState(getRngState(), () => this.#run(seed, shards));
    this.#sharding.merge?.(resultsOf(outcomes, this.#shards), batch);
    return Promise.resolve(loss);
  }

  #run(
    seed: number,
    shards: ReadonlyMap<number, Shard>,
  ): { loss: number; outcomes: readonly Outcome[] } {
    const { layout } = this.#runner;
    const counters = layout.counters.map((counter) => counter.data());
    writeValues(layout.buffers, this.#values);
    const step = { seed, shards, counters };
    if (this.#shards === 1) {
      const outcomes = inOrder(
        [this.#runner.runAlone(step, this.#values)].flatMap((one) => one ?? []),
      );
      return { loss: outcomes[0]!.loss, outcomes };
    }
    this.#sum ??= new Float32Array(layout.size);
    const root = rootOf(this.#shards);
    const outcomes = inOrder(this.#runner.run(root, step, this.#values, this.#sum));
    readValues(layout.buffers, this.#values);
    const found = {
      ...{ sums: [this.#sum], outcomes, scaled: false },
      additions: additionsFor(layout, this.#shards, [root], outcomes),
      factor: factorOf(this.#shards, outcomes),
    };
    return { loss: applySums(layout, this.#shards, found), outcomes };
  }

  async close(): Promise<void> {
    this.#runner.dispose();
    return Promise.resolve();
  }
}
