// One file for every kind of model: a safetensors file with the weights under PyTorch's names, and as
// metadata what kind of model it is and everything else that is needed to build it again.
import { checkCall } from "../../core/check.js";
import { quoted } from "../../core/code-points.js";
import { FormatError, HiddenstateError, OutOfMemoryError } from "../../core/errors.js";
import { getRngState } from "../../core/random.js";
import { withRngState } from "../../data/shuffle.js";
import { readSafetensors, saveSafetensors } from "../../io/safetensors.js";
import { parseSafetensors } from "../../io/safetensors-header.js";
import type { Module } from "../../nn/module.js";
import { scope } from "../../tensor/scope.js";

/** What tells the files of one kind of model from another's. */
export interface ModelKind {
  /** The class, for errors. */
  readonly name: string;
  /** As it stands in the file. */
  readonly kind: string;
  /** Of what the file's metadata holds. */
  readonly version: number;
}

/** What of a model is no tensor, by name: options, vocabulary, labels. Plain data. */
export type Description = Readonly<Record<string, unknown>>;

/** What a file says beside the model: plain data. */
export interface ModelNotes {
  /** How its data are read, where the command trained it: format, columns, encoding. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Options of the model that the data decided when it was built. */
  readonly chosen?: Readonly<Record<string, unknown>> | undefined;
  /** How it was trained: options, what of them the data chose, the scores of the weights. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
}

/** The kind of model in a file, the version of its description and its notes, as the file says. */
export interface ModelFileInfo extends ModelNotes {
  readonly kind: string;
  readonly version: number;
  /** What the model reads where its class has several inputs: `"text"`, `"series"`, `"sound"`; undefined of others. */
  readonly input?: string | undefined;
}

/** The note of what the data decided: what was not given. */
export function chosenNote(chosen: object, given: object): ModelNotes {
  const own = Object.entries(chosen).filter(
    ([name]) => (given as Record<string, unknown>)[name] === undefined,
  );
  return own.length > 0 ? { chosen: Object.fromEntries(own) } : {};
}

const PREFIX = "hiddenstate.";
export const KIND_KEY = `${PREFIX}model`;
const VERSION_KEY = `${PREFIX}version`;
const NOTES = ["chosen", "data", "training"] as const;

/** The file of a model. */
export function saveModel(
  model: Module,
  { kind, version }: ModelKind,
  description: Description,
  notes: ModelNotes = {},
): Uint8Array<ArrayBuffer> {
  const said = Object.entries({ ...notes, ...description }).map(([name, value]) => [
    PREFIX + name,
    JSON.stringify(value),
  ]);
  return saveSafetensors(model.stateDict(), {
    metadata: { [KIND_KEY]: kind, [VERSION_KEY]: String(version), ...Object.fromEntries(said) },
  });
}

/**
 * The model of a file, in evaluation mode. The program's random stream goes on as if nothing had been drawn.
 *
 * @param names what the description must hold
 * @param build makes the model from its description; the weights are put in after it
 * @throws FormatError for a file that is damaged, or holds something else; StateDictError where the weights
 *   are not those of the model described
 */
export function loadModel<M extends Module & { notes: ModelNotes }, Name extends string>(
  bytes: Uint8Array,
  { name, kind, version }: ModelKind,
  names: readonly Name[],
  build: (description: Readonly<Record<Name, unknown>>) => M,
): M {
  // The initial values are replaced at once.
  return withRngState(getRngState(), () => {
    let model: M | undefined;
    try {
      scope(() => {
        const { tensors, metadata } = readSafetensors(bytes);
        const op = `${name}.load`;
        const found = infoOf(metadata);
        if (found?.kind !== kind || found.version !== version)
          throw new FormatError({
            op,
            expected: `a file of ${name}.save(), version ${version}`,
            got: found
              ? `${found.kind}, version ${found.version ?? "missing"}`
              : "one that says nothing of it",
          });
        const description = readDescription(op, metadata, names);
        model = described(op, () => build(description));
        model.loadStateDict(tensors);
        model.notes = notesIn(op, metadata);
      });
      return model!.eval();
    } catch (error) {
      model?.dispose();
      throw error;
    }
  });
}

/** Runs what makes a model from its description; whatever it dislikes is the file's fault. */
function described<M>(op: string, build: () => M): M {
  try {
    return build();
  } catch (cause) {
    if (cause instanceof OutOfMemoryError) throw cause;
    if (cause instanceof FormatError && cause.op === op) throw cause;
    const [expected, got] =
      cause instanceof HiddenstateError
        ? [cause.expected, cause.got]
        : ["the description of a model", String(cause)];
    const cure = cause instanceof FormatError ? (cause.cure ?? DAMAGED) : DAMAGED;
    throw new FormatError({ op, expected, got: `${got} in the file's metadata`, cure }, { cause });
  }
}

/**
 * What kind of model a file holds, from its first bytes alone: `"language-model"`, `"sequence-classifier"`.
 *
 * @throws FormatError for bytes that are no safetensors file, or one of something else
 * @example
 * ```ts
 * const bytes = LanguageModel.build("to be or not to be").save();
 * readModelInfo(bytes).kind; // "language-model"
 * ```
 */
export function readModelInfo(bytes: Uint8Array): ModelFileInfo {
  checkCall("readModelInfo", arguments, "bytes:Uint8Array");
  const { metadata } = parseSafetensors(bytes);
  const info = infoOf(metadata);
  if (info) {
    const input = inputIn(metadata);
    const notes = notesIn("readModelInfo", metadata);
    return {
      ...info,
      version: info.version ?? NaN,
      ...(input !== undefined && { input }),
      ...notes,
    };
  }
  throw new FormatError({
    op: "readModelInfo",
    expected: "a file that a model's save() made",
    got: "a safetensors file that does not say what model it is of",
  });
}

/** A version that is missing, or no number, is undefined. */
function infoOf(
  metadata: ReadonlyMap<string, string>,
): { kind: string; version: number | undefined } | undefined {
  const kind = metadata.get(KIND_KEY);
  if (kind === undefined) return undefined;
  const version = Number(metadata.get(VERSION_KEY));
  return { kind, version: Number.isNaN(version) ? undefined : version };
}

/** The type of a model's input. */
function inputIn(metadata: ReadonlyMap<string, string>): string | undefined {
  if (!metadata.has(`${PREFIX}input`)) return undefined;
  const { type } = Object(jsonIn("readModelInfo", metadata, "input")) as { type?: unknown };
  return typeof type === "string" ? type : undefined;
}

function notesIn(op: string, metadata: ReadonlyMap<string, string>): ModelNotes {
  const found = NOTES.filter((name) => metadata.has(PREFIX + name));
  return Object.fromEntries(
    found.map((name) => {
      const note = jsonIn(op, metadata, name);
      if (typeof note === "object" && note !== null && !Array.isArray(note)) return [name, note];
      throw damaged(op, name, "an object", JSON.stringify(note));
    }),
  );
}

function readDescription<Name extends string>(
  op: string,
  metadata: ReadonlyMap<string, string>,
  names: readonly Name[],
): Readonly<Record<Name, unknown>> {
  const entries = names.map((name) => [name, jsonIn(op, metadata, name)]);
  return Object.fromEntries(entries) as Record<Name, unknown>;
}

function jsonIn(op: string, metadata: ReadonlyMap<string, string>, name: string): unknown {
  const json = metadata.get(PREFIX + name);
  if (json === undefined) throw damaged(op, name, "an entry", "none");
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw damaged(op, name, "JSON", json, cause);
  }
}

const DAMAGED = "The file is damaged, or was changed after it was saved.";
/** Of what stands there instead, so much is told. */
const TOLD = 60;

function damaged(
  op: string,
  name: string,
  expected: string,
  got: string,
  cause?: unknown,
): FormatError {
  const told = got.length > TOLD ? `${got.slice(0, TOLD)}…` : got;
  return new FormatError(
    {
      op,
      expected: `${expected} as ${quoted(PREFIX + name)} in the file's metadata`,
      got: told,
      cure: DAMAGED,
    },
    { cause },
  );
}
