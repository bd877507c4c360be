// Every error a user can meet: a closed set, each with the operation, what was expected and what came.

export interface ErrorParts {
  /** The operation that refused, in the user's words: `"lstm"`, `"matmul"`. */
  op: string;
  /** What would have been right. */
  expected: string;
  /** What came instead. */
  got: string;
  /** One line that says how to put it right. */
  cure?: string | undefined;
}

/**
 * Base of every error this library throws on purpose. The message reads
 * `<op>: expected <expected>, got <got>. <cure>`.
 *
 * @example
 * ```ts
 * try {
 *   new Linear(0, 1);
 * } catch (error) {
 *   if (error instanceof HiddenstateError) console.log(error.op, error.expected, error.got, error.cure);
 * }
 * ```
 */
export class HiddenstateError extends Error {
  // A literal, declared on each class, so that it survives minifying.
  override readonly name: string = "HiddenstateError";
  readonly op: string;
  readonly expected: string;
  readonly got: string;
  readonly cure: string | undefined;

  constructor({ op, expected, got, cure }: ErrorParts, options?: ErrorOptions) {
    const end = got.endsWith(".") ? "" : ".";
    super(`${op}: expected ${expected}, got ${got}${end}${cure ? ` ${cure}` : ""}`, options);
    this.op = op;
    this.expected = expected;
    this.got = got;
    this.cure = cure;
  }
}

/**
 * Shapes that do not fit each other or the operation.
 *
 * @example
 * ```ts
 * try {
 *   ones([2, 3]).matmul(ones([2, 3]));
 * } catch (error) {
 *   error instanceof ShapeError; // true
 * }
 * ```
 */
export class ShapeError extends HiddenstateError {
  override readonly name = "ShapeError";
}
/** A tensor of the wrong element type. Nothing is promoted silently: convert with `to(dtype)`. */
export class DTypeError extends HiddenstateError {
  override readonly name = "DTypeError";
}
/** An index, id or class outside its range. */
export class IndexError extends HiddenstateError {
  override readonly name = "IndexError";
}
/** An option or argument that the operation cannot take. */
export class OptionError extends HiddenstateError {
  override readonly name = "OptionError";
}
/** A tensor used after its scope ended or after `dispose()`, or a scope used wrongly. */
export class ScopeError extends HiddenstateError {
  override readonly name = "ScopeError";
}
/** A backward pass that cannot be: a graph already freed, or a parameter changed since. */
export class GraphError extends HiddenstateError {
  override readonly name = "GraphError";
}
/** A number that is not finite where it must be. */
export class NumericError extends HiddenstateError {
  override readonly name = "NumericError";
}
/** WebAssembly memory cannot grow as far as an operation needs. */
export class OutOfMemoryError extends HiddenstateError {
  override readonly name = "OutOfMemoryError";
}
/** A file or byte sequence that breaks its format. */
export class FormatError extends HiddenstateError {
  override readonly name = "FormatError";
}
/** A state dict that does not fit its module. */
export class StateDictError extends HiddenstateError {
  override readonly name = "StateDictError";
}
/** The engine cannot run the kernels, or was asked for two builds at once. */
export class BackendError extends HiddenstateError {
  override readonly name = "BackendError";
}

/** A fault of the library itself, never of its user. */
export function internal(message: string): Error {
  return new Error(`internal: ${message}. Please report the code that caused it.`);
}
