// A worker's side: it answers one question after the other.
import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { initSync, type Build } from "../wasm/backend.js";
import { isSummable, SharedWork, sumIn, valuesIn, type Shared, type Stretch } from "./exchange.js";
import { checkSame, readValues } from "./layout.js";
import { ShardRunner, type Outcome, type Replica, type StepInput } from "./shard-runner.js";
import type { SlicedCall } from "./sliced-steps.js";
import type { TreeNode } from "./shard-tree.js";
import { mainSide } from "./threads.js";
import { sent } from "./worker-error.js";
import type { Answer, Question } from "./worker-handle.js";

/** What begins a worker's part in a training. */
export interface Start {
  readonly setup: unknown;
  readonly build: Build;
  /** What stands where in the model. */
  readonly description: readonly string[];
  readonly shards: number;
  /** What the worker sums. */
  readonly nodes: readonly TreeNode[];
  /** The memory, where one is shared, and the number of the worker's first node in it. */
  readonly shared: { readonly memory: Shared; readonly first: number } | undefined;
}

/** A step's question; numbers travel in it where no memory is shared. */
export interface Step extends Omit<StepInput, "shards"> {
  readonly shards: readonly (readonly [number, unknown])[];
  readonly values: Float32Array | undefined;
  /** Whether the parameters are to be read from shared memory. */
  readonly read: boolean;
}

export interface Stepped {
  readonly outcomes: readonly Outcome[];
  /** The nodes' sums, where no memory is shared. */
  readonly sums: readonly (Float32Array | undefined)[] | undefined;
}

/** What a worker can be asked, by kind: each gives `{ value, transfer? }`, or a promise of it, or nothing. */
export type Answers = Readonly<Record<string, (value: never) => unknown>>;

/**
 * The whole of a worker's program: it computes the gradients of shards for a {@link DataParallel} of the main program.
 *
 * @param begin makes the model, the same as in the main program, and says what a shard's loss is; `setup` is what the main
 *   program gave, copied. It may be asynchronous: to read a file
 * ```ts
 * // worker.js
 * serve(({ hiddenSize }) => {
 *   const model = new Network(hiddenSize);
 *   return { model, loss: (examples) => model.loss(examples) };
 * });
 * ```
 *
 * @throws OptionError outside of a worker
 */
export function serve<Setup = unknown, Shard = unknown>(
  begin: (setup: Setup) => Replica<Shard> | Promise<Replica<Shard>>,
): void {
  checkCall("serve", arguments, "begin:function");
  answerWith(trainingAnswers(begin));
}

/** What a worker of a training answers. */
export function trainingAnswers<Setup, Shard>(
  begin: (setup: Setup) => Replica<Shard> | Promise<Replica<Shard>>,
): Answers {
  let worker: WorkerPart | undefined;
  let work: SharedWork | undefined;
  return {
    async start(start: Start): Promise<void> {
      initSync({ build: start.build });
      const replica = await begin(start.setup as Setup);
      replica.model.train();
      const runner = new ShardRunner(replica, start.shards);
      const { size } = runner.layout;
      checkSame(start.description, runner.layout);
      const { nodes, shared } = start;
      const sums = shared && nodes.map((_, i) => sumIn(shared.memory, size, shared.first + i));
      worker = { runner, nodes, sums, values: shared && valuesIn(shared.memory, size) };
      if (shared && isSummable(shared.memory)) work = new SharedWork(shared.memory, size);
    },
    step(step: Step): { value: Stepped; transfer: ArrayBuffer[] } {
      return stepped(worker!, step);
    },
    sum(stretches: readonly Stretch[]): void {
      for (const stretch of stretches) work!.sum(stretch);
    },
    slices(calls: readonly SlicedCall[]): void {
      for (const call of calls) work!.step(call);
    },
    read(): void {
      readValues(worker!.runner.layout.parameters, worker!.values!);
    },
  };
}

interface WorkerPart {
  readonly runner: ShardRunner;
  readonly nodes: readonly TreeNode[];
  /** The model's numbers and each node's sum, where memory is shared. */
  readonly values: Float32Array | undefined;
  readonly sums: readonly Float32Array[] | undefined;
}

function stepped(
  { runner, nodes, values: shared, sums: own }: WorkerPart,
  { shards, values: given, read, ...input }: Step,
): { value: Stepped; transfer: ArrayBuffer[] } {
  const { layout } = runner;
  const values = given ?? shared!;
  if (given || read) readValues(layout.parameters, values);
  const asked = { ...input, shards: new Map(shards) };
  const sums = own ?? nodes.map(() => new Float32Array(layout.size));
  const found = nodes.map((node, i) => runner.run(node, asked, values, sums[i]!));
  const outcomes = found.flat();
  const travelling = own
    ? undefined
    : sums.map((sum, i) => (found[i]!.length > 0 ? sum : undefined));
  const rows = outcomes.flatMap((each) => each.rows.map((some) => some?.values));
  const transfer = [...(travelling ?? []), ...rows].flatMap((sent) =>
    sent ? [sent.buffer as ArrayBuffer] : [],
  );
  return { value: { outcomes, sums: travelling }, transfer };
}

/** Answers the main program's questions, one after the other, by their kinds. */
export function answerWith(answers: Answers): void {
  const main = mainSide();
  if (!main)
    throw new OptionError({
      op: "serve",
      expected: "to be called in a worker",
      got: "the main program",
      cure: 'Call it in the file that `new Worker(new URL("./worker.js", import.meta.url), { type: "module" })` runs.',
    });
  let before: Promise<void> = Promise.resolve();
  const answer = async ({ id, kind, value }: Question): Promise<void> => {
    try {
      const found = (await answers[kind]!(value as never)) as
        { value: unknown; transfer?: readonly ArrayBuffer[] } | undefined;
      main.send({ id, value: found?.value } satisfies Answer, found?.transfer ?? []);
    } catch (error) {
      main.send({ id, error: sent(error) } satisfies Answer, []);
    }
  };
  main.receive((message) => {
    before = before.then(() => answer(message as Question));
  });
}
