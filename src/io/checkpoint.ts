// Everything a training run needs to go on to the same bits, as one safetensors file.
import { described, isPlain } from "../core/described.js";
import { checkLike } from "../core/check-like.js";
import { checkCall, checkKeys } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { FormatError, NumericError, OptionError, StateDictError } from "../core/errors.js";
import { getRngState, setRngState, type RngState } from "../core/random.js";
import type { Module } from "../nn/module.js";
import { compareStates } from "../nn/state-dict.js";
import type { Optimizer, OptimizerOptions } from "../optim/optimizer.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { readSafetensors, saveSafetensors, type SaveSafetensorsOptions } from "./safetensors.js";
import { parseSafetensors, type SafetensorsLimits } from "./safetensors-header.js";

type Tensors = Map<string, Tensor<DType>>;

/** Anything whose state is plain data (JSON without NaN and Infinity): an `EarlyStopping`, say. Setting it is all or nothing. */
export interface Stateful {
  state: unknown;
}

/** A learning-rate schedule, as far as a checkpoint needs it. */
export interface ScheduleState {
  /** Plain data. */
  stateDict(): unknown;
  /** All or nothing. */
  loadStateDict(state: never): void;
}

/** What a run consists of; the generator of `manualSeed` is always part of it. */
export interface CheckpointParts<Options extends OptimizerOptions = OptimizerOptions> {
  model: Module;
  optimizer?: Optimizer<Options> | undefined;
  schedule?: ScheduleState | undefined;
  /** Tensors beside the model's that the run changes, restored in place: a carried state. */
  tensors?: Readonly<Record<string, Tensor<DType>>> | undefined;
  /** Other things that the run changes: early stopping, samplers. */
  parts?: Readonly<Record<string, Stateful>> | undefined;
}

/** The metadata entry that marks a checkpoint; its value is the version of what is described here. */
const VERSION_KEY = "hiddenstate.checkpoint";
const VERSION = "1";
/** What a run consists of, for `checkKeys`. */
const RUN_KEYS = "model!:object optimizer:object schedule:object tensors:object parts:object";
/** The metadata entry with everything that is no tensor, as JSON. */
const RUN_KEY = "hiddenstate.run";

interface PlainState {
  readonly rng: RngState;
  readonly schedule: unknown;
  readonly parts: Readonly<Record<string, unknown>>;
}

interface SavedRun extends PlainState {
  readonly position: unknown;
  /** Options of the optimizer's groups; null without one. */
  readonly groups: readonly object[] | null;
}

/**
 * The state of a run as bytes: `model.<name>`, `optimizer.<index>.exp_avg` (PyTorch's names) and
 * `tensors.<name>`, everything else as metadata.
 *
 * @param position where the run stands, as plain data: epoch, step, next window
 * @throws NumericError for NaN or Infinity in plain data, which JSON cannot hold
 * @example
 * ```ts
 * const model = new Linear(2, 1);
 * const optimizer = new Adam(model.parameters());
 * const bytes = saveCheckpoint({ model, optimizer }, { epoch: 3 });
 * loadCheckpoint({ model, optimizer }, bytes); // { epoch: 3 }
 * ```
 */
export function saveCheckpoint<Options extends OptimizerOptions>(
  run: CheckpointParts<Options>,
  position: unknown,
  options: SaveSafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  checkCall(
    "saveCheckpoint",
    [run, ...[].slice.call(arguments, 2)],
    "run:object {metadata:object}",
  );
  checkRun("saveCheckpoint", run as CheckpointParts<never>);
  const { model, optimizer, schedule, tensors = {}, parts = {} } = run;
  const { metadata = {} } = options;
  // A scope, for the tensors that the optimizer makes for its state dict.
  return scope(() => {
    const moments = optimizer?.stateDict();
    const plain = snapshot(parts, schedule);
    const saved: SavedRun = { position, ...plain, groups: moments?.groups ?? null };
    const notes = new Map(metadata instanceof Map ? metadata : Object.entries(metadata));
    notes.set(VERSION_KEY, VERSION).set(RUN_KEY, JSON.stringify(saved, refuseNonFinite));
    // A prefix each, so that no name of a model can be taken for another part's.
    const state: Tensors = new Map([
      ...withPrefix("model.", model.stateDict()),
      ...withPrefix("optimizer.", moments?.tensors ?? []),
      ...withPrefix("tensors.", Object.entries(tensors)),
    ]);
    return saveSafetensors(state, { metadata: notes });
  });
}

/**
 * Puts everything back as it was when the bytes were made. All or nothing: where anything does not fit,
 * nothing has changed.
 *
 * @returns the position that was saved
 * @throws FormatError for bytes that are no checkpoint; StateDictError where the parts are not those of
 *   the run that was saved
 */
export function loadCheckpoint<Options extends OptimizerOptions>(
  run: CheckpointParts<Options>,
  bytes: Uint8Array,
  limits: SafetensorsLimits = {},
): unknown {
  checkCall("loadCheckpoint", arguments, "run:object bytes:Uint8Array options?");
  checkRun("loadCheckpoint", run as CheckpointParts<never>);
  const { model, optimizer, schedule, tensors = {}, parts = {} } = run;
  return scope(() => {
    const file = readSafetensors(bytes, limits);
    const run = readRun(file.metadata);
    const saved = sortByPrefix(file.tensors);
    const carried: Tensors = new Map(Object.entries(tensors));
    compareStates(model.stateDict(), saved.model, true);
    compareStates(carried, saved.tensors, true);
    refuseOther("parts", partsOf(run, run.groups), partsOf({ schedule, parts }, optimizer));
    if (optimizer) refuseOtherGroups(run.groups!, optimizer.stateDict().groups);
    // What can still refuse is plain data, which is put back, and the optimizer, itself all or nothing.
    const before = snapshot(parts, schedule);
    try {
      restore(run, parts, schedule);
      optimizer?.loadStateDict({ tensors: saved.optimizer, groups: run.groups as Options[] });
    } catch (error) {
      restore(before, parts, schedule);
      throw error;
    }
    model.loadStateDict(saved.model);
    for (const [name, own] of carried) own.set(saved.tensors.get(name)!);
    return run.position;
  });
}

/**
 * The position that {@link saveCheckpoint} was given, from a checkpoint's first bytes alone.
 *
 * @throws FormatError for bytes that are no checkpoint
 */
export function checkpointPosition(bytes: Uint8Array): unknown {
  return readRun(parseSafetensors(bytes).metadata).position;
}

function checkRun(op: string, run: CheckpointParts<never>): void {
  checkKeys(op, run, RUN_KEYS);
  checkLike(op, "a Module as model", "stateDict", run.model);
  if (run.optimizer) checkLike(op, "an Optimizer", "stateDict", run.optimizer);
  if (run.schedule) checkLike(op, "a schedule", "stateDict", run.schedule);
}

type PlainParts = Readonly<Record<string, Stateful>>;

function snapshot(parts: PlainParts, schedule: ScheduleState | undefined): PlainState {
  return {
    rng: getRngState(),
    schedule: schedule ? schedule.stateDict() : null,
    parts: Object.fromEntries(Object.entries(parts).map(([name, { state }]) => [name, state])),
  };
}

function restore(
  { rng, schedule: saved, parts: states }: PlainState,
  parts: PlainParts,
  schedule: ScheduleState | undefined,
): void {
  setRngState(rng);
  schedule?.loadStateDict(saved as never);
  for (const [name, part] of Object.entries(parts)) part.state = states[name];
}

function readRun(metadata: ReadonlyMap<string, string>): SavedRun {
  const version = metadata.get(VERSION_KEY);
  if (version !== VERSION) {
    throw new FormatError({
      op: "loadCheckpoint",
      expected: `a checkpoint, version ${VERSION}`,
      got: version === undefined ? "another safetensors file" : `version ${quoted(version)}`,
    });
  }
  const json = metadata.get(RUN_KEY) ?? "";
  try {
    const run = JSON.parse(json) as SavedRun;
    const { rng, parts, groups, position, schedule } = run;
    const isState = [rng.seed, rng.counter].every(
      (word) => Number.isSafeInteger(word) && word >= 0,
    );
    const isGroups = groups === null || (Array.isArray(groups) && groups.every(isRecord));
    if (
      isState &&
      isRecord(parts) &&
      isGroups &&
      position !== undefined &&
      schedule !== undefined
    ) {
      return run;
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause;
  }
  throw new FormatError({
    op: "loadCheckpoint",
    expected: `the state of a run as JSON in the metadata ${quoted(RUN_KEY)}`,
    got: quoted(json),
  });
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a run has beside its model, by name. */
function partsOf(
  { schedule, parts }: { schedule?: unknown; parts: object },
  optimizer: unknown,
): string[] {
  return [
    ...(optimizer ? ["optimizer"] : []),
    ...(schedule === undefined || schedule === null ? [] : ["schedule"]),
    ...Object.keys(parts).map((name) => `parts.${name}`),
  ];
}

/** Refuses a list that differs from the other one, in whatever order. */
function refuseOther(what: string, saved: string[], own: string[]): void {
  if (JSON.stringify([...saved].sort()) !== JSON.stringify([...own].sort())) {
    throw misfit(`${what} (${saved.join(", ") || "none"})`, own.join(", ") || "none");
  }
}

/** Refuses options of groups that are not, key by key, of the kind that the optimizer's own are. */
function refuseOtherGroups(saved: readonly object[], own: readonly object[]): void {
  const kinds = (groups: readonly object[]) =>
    groups.map((group, i) =>
      Object.entries(group)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key} ${kindOf(value)} in group ${i}`),
    );
  refuseOther("optimizer options", kinds(saved).flat(), kinds(own).flat());
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(kindOf).join(", ")}]` : typeof value;
}

function misfit(expected: string, got: string): StateDictError {
  return new StateDictError({
    op: "loadCheckpoint",
    expected: `the checkpoint's ${expected}`,
    got,
    cure: "Nothing was changed. Build the run as the one that was saved.",
  });
}

function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new NumericError({
      op: "saveCheckpoint",
      expected: "finite numbers in plain data",
      got: `${key}: ${value}`,
    });
  }
  const isData = Array.isArray(value) || isPlain(value) || value === null;
  if (!isData && !["string", "number", "boolean", "undefined"].includes(typeof value))
    throw new OptionError({
      op: "saveCheckpoint",
      expected: `plain data${key && ` under ${quoted(key)}`}`,
      got: described(value),
    });
  return value;
}

function withPrefix(prefix: string, tensors: Iterable<[string, Tensor<DType>]>) {
  return Array.from(tensors, ([name, value]) => [prefix + name, value] as const);
}

function sortByPrefix(tensors: Tensors): { model: Tensors; optimizer: Tensors; tensors: Tensors } {
  const sorted = { model: new Map(), optimizer: new Map(), tensors: new Map() };
  for (const [name, value] of tensors) {
    const prefix = Object.keys(sorted).find((key) => name.startsWith(`${key}.`));
    if (prefix === undefined) throw misfit(`tensors of model, optimizer and run`, quoted(name));
    sorted[prefix as keyof typeof sorted].set(name.slice(prefix.length + 1), value);
  }
  return sorted;
}
