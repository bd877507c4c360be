// What `fit` saves and how it goes on from it.
import type { DType } from "../core/dtype.js";
import { FormatError, NumericError } from "../core/errors.js";
import type { RngState } from "../core/random.js";
import {
  checkpointPosition,
  loadCheckpoint,
  saveCheckpoint,
  type CheckpointParts,
  type ScheduleState,
  type Stateful,
} from "../io/checkpoint.js";
import type { OptimizerOptions } from "../optim/optimizer.js";
import type { Tensor } from "../tensor/tensor.js";
import { trainingKernels } from "../wasm/training-kernels.js";

/** Where a run stands. */
export interface Position {
  /** Epochs done. */
  epoch: number;
  /** Batches of this epoch done. */
  batch: number;
  /** Steps done in all. */
  step: number;
  /** Sum of the losses of this epoch. */
  lossSum: number;
  /** The program's generator when this epoch began. */
  epochRng: RngState;
}

/** When and where `fit` saves, and what beside model, optimizer and schedule. */
export interface CheckpointOptions {
  /** Saves after this many steps. Default: after each epoch. */
  every?: number | undefined;
  /** Keeps the bytes, all or nothing: `writeBytes` of hiddenstate/node, `ByteStore` of hiddenstate/browser. */
  save(bytes: Uint8Array, step: number): void | Promise<void>;
  /** Bytes that `save` kept: the run goes on from there. */
  resume?: Uint8Array | undefined;
  /** Tensors beside the model's that the run changes, restored in place: a carried state. */
  tensors?: Readonly<Record<string, Tensor<DType>>> | undefined;
  /** Other things that the run changes, with a state of plain data: an `EarlyStopping`, a `Sampler`. */
  parts?: Readonly<Record<string, Stateful>> | undefined;
  /** Notes for the reader of the file. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** What of `fit`'s options has a state. */
export interface RunParts<Options extends OptimizerOptions> extends Pick<
  CheckpointParts<Options>,
  "model" | "optimizer"
> {
  readonly schedule?: ScheduleState | undefined;
  readonly checkpoint?: CheckpointOptions | undefined;
}

/**
 * The run as bytes.
 *
 * @throws NumericError when a parameter is not finite: there is nothing to go on with
 */
export function captureRun<Options extends OptimizerOptions>(
  run: RunParts<Options>,
  position: Position,
): Uint8Array {
  refuseNonFinite(run.model.stateDict(), position.step);
  return saveCheckpoint(partsOf(run), position, { metadata: run.checkpoint?.metadata ?? {} });
}

/** Puts everything back as it was when the bytes were made, and says where that is. */
export function restoreRun<Options extends OptimizerOptions>(
  run: RunParts<Options>,
  bytes: Uint8Array,
): Position {
  return checkPosition(loadCheckpoint(partsOf(run), bytes));
}

/** The steps that a checkpoint's run has done. */
export function stepsIn(checkpoint: Uint8Array): number {
  return checkPosition(checkpointPosition(checkpoint)).step;
}

function partsOf<Options extends OptimizerOptions>({
  model,
  optimizer,
  schedule,
  checkpoint,
}: RunParts<Options>): CheckpointParts<Options> {
  const { tensors, parts } = checkpoint ?? {};
  return { model, optimizer, schedule, tensors, parts };
}

function checkPosition(position: unknown): Position {
  const { epoch, batch, step, lossSum, epochRng } = Object(position) as Partial<Position>;
  if (![epoch, batch, step].every(Number.isSafeInteger) || typeof lossSum !== "number" || !epochRng)
    throw new FormatError({
      op: "fit",
      expected: "a checkpoint that fit saved",
      got: `one that stands at ${JSON.stringify(position)}`,
    });
  return position as Position;
}

function refuseNonFinite(state: ReadonlyMap<string, Tensor<DType>>, step: number): void {
  for (const [name, { dtype, size, storage }] of state)
    if (dtype === "float32" && trainingKernels().firstNonFinite(storage.address("fit"), size) >= 0)
      throw new NumericError({
        op: "fit",
        expected: "finite parameters to save",
        got: `NaN or Infinity in ${name} after step ${step}`,
        cure: "The last checkpoint is untouched. A smaller learning rate or maxNorm often helps.",
      });
}
