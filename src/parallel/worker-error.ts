// Errors on their way from a worker to the main program.
import {
  BackendError,
  DTypeError,
  FormatError,
  GraphError,
  HiddenstateError,
  IndexError,
  NumericError,
  OptionError,
  OutOfMemoryError,
  ScopeError,
  ShapeError,
  StateDictError,
  type ErrorParts,
} from "../core/errors.js";

/**
 * A worker that failed: it could not be started, ended, ran out of memory, was silent for too long, or a program's own code threw
 * in it, which is then the `cause`. What the library itself refuses in a worker is thrown as what it is: a NumericError, say.
 *
 * @example
 * ```ts
 * const isLost = (error: unknown) => error instanceof WorkerError;
 * isLost(new Error("something else")); // false
 * ```
 */
export class WorkerError extends HiddenstateError {
  override readonly name = "WorkerError";
}

/** The library's own, by their names: a bundler may rename classes. */
const KINDS = {
  ...{ BackendError, DTypeError, FormatError, GraphError, IndexError, NumericError },
  ...{ OptionError, OutOfMemoryError, ScopeError, ShapeError, StateDictError },
};

/** An error as plain data: a copy made by the engine would lose its class. */
export interface SentError {
  /** The library's class; undefined for another error. */
  readonly own: string | undefined;
  readonly parts: ErrorParts | undefined;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export function sent(error: unknown): SentError {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof HiddenstateError))
    return { own: undefined, parts: undefined, name, message, stack };
  const { op, expected, got, cure } = error;
  return { own: error.name, parts: { op, expected, got, cure }, name, message, stack };
}

/** The error that a worker sent, as the main program throws it. */
export function received(error: SentError, worker: string): Error {
  const cause = Object.assign(new Error(error.message), { name: error.name, stack: error.stack });
  const Kind = (KINDS as Readonly<Record<string, typeof HiddenstateError>>)[error.own ?? ""];
  if (Kind && error.parts) return new Kind(error.parts, { cause });
  return new WorkerError(
    {
      op: "parallel",
      expected: "workers that do their part",
      got: `${error.name}: ${error.message} in ${worker}`,
    },
    { cause },
  );
}
