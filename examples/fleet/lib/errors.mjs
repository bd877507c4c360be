// Errors as the library words them: what was asked, what was expected, what came, and the cure.

export class FleetError extends Error {
  /** @param {{ op: string, expected: string, got: string, cure?: string }} what @param {ErrorOptions} [options] */
  constructor({ op, expected, got, cure }, options) {
    super(
      `${op}: expected ${expected}, got ${got.replace(/\.$/, "")}.${cure ? ` ${cure}` : ""}`,
      options,
    );
    this.name = new.target.name;
  }
}

/** Redis has no room left. Nothing is lost: what was done is in the store. */
export class RedisFullError extends FleetError {}

/** A job that cannot be done, however often it is tried. */
export class JobError extends FleetError {}

/** BullMQ knows by the name that it need not try again; errors cross processes by name and message. */
export class RefusedJob extends Error {
  name = "UnrecoverableError";
}

/** The job goes back to the queue: its worker leaves. */
export class HandedBack extends Error {
  name = "WaitingError";
}

/** A signal ended the program. */
export class Interrupted extends Error {
  name = "Interrupted";
}

/** @param {unknown} error */
export function isFull(error) {
  return error instanceof Error && /\bOOM\b/.test(error.message);
}

/** @param {unknown} cause */
export function redisFull(cause) {
  return new RedisFullError(
    {
      op: "Redis",
      expected: "room for a job",
      got: "an answer that its memory is full (OOM)",
      cure: "Raise maxmemory, or lower --window. Nothing is lost: the same command goes on.",
    },
    { cause },
  );
}
