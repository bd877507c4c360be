// Wrong usage: exit code 2, where everything else that fails is 1.
import { OptionError } from "../core/errors.js";

/** The command line asks for what cannot be. */
export class UsageError extends OptionError {}

/** Runs a check of options; what it refuses is wrong usage. */
export function checkUsage<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    throw new UsageError(cause, { cause });
  }
}
