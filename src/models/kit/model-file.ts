// One file for every kind of model: a safetensors file with the weights under PyTorch's names, and as
// metadata what kind of model it is and everything else that is needed to build it again.
import { checkCall } from "../../core/check.js";
import { quoted } from "../../core/code-points.js";
import { FormatError, OutOfMemoryError } from "../../core/errors.js";
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
            got: found ? `${found.kind}, version ${found.version}` : "one that says nothing of it",
          });
        model = described(op, names, () => build(readDescription(metadata, names)));
        model.loadStateDict(tensors);
        model.notes = described(op, NOTES, () => notesIn(metadata));
      });
      return model!.eval();
    } catch (error) {
      model?.dispose();
      throw error;
    }
  });
}

/** Runs what makes a model from its description; whatever it dislikes is the file's fault. */
function described<M>(op: string, names: readonly string[], build: () => M): M {
  try {
    return build();
  } catch (cause) {
    if (cause instanceof OutOfMemoryError || cause instanceof FormatError) throw cause;
    throw new FormatError(
      {
        op,
        expected: `${names.join(", ")} of a model as JSON`,
        got: String(cause),
      },
      { cause },
    );
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
  if (info) return { ...info, ...described("readModelInfo", NOTES, () => notesIn(metadata)) };
  throw new FormatError({
    op: "readModelInfo",
    expected: "a file that a model's save() made",
    got: "a safetensors file that does not say what model it is of",
  });
}

function infoOf(metadata: ReadonlyMap<string, string>): ModelFileInfo | undefined {
  const kind = metadata.get(KIND_KEY);
  return kind === undefined ? undefined : { kind, version: Number(metadata.get(VERSION_KEY)) };
}

function notesIn(metadata: ReadonlyMap<string, string>): ModelNotes {
  const found = NOTES.filter((name) => metadata.has(PREFIX + name));
  return Object.fromEntries(
    found.map((name) => [name, JSON.parse(metadata.get(PREFIX + name)!) as object]),
  );
}

function readDescription<Name extends string>(
  metadata: ReadonlyMap<string, string>,
  names: readonly Name[],
): Readonly<Record<Name, unknown>> {
  const entries = names.map((name) => {
    const json = metadata.get(PREFIX + name);
    if (json === undefined) throw new SyntaxError(`no ${quoted(PREFIX + name)}`);
    return [name, JSON.parse(json)] as const;
  });
  return Object.fromEntries(entries) as Record<Name, unknown>;
}
