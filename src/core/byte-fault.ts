import { FormatError } from "./errors.js";

/** The errors of a reader for what is no file of its kind, or one that cannot be read: with the byte. */
export function byteFaults(op: string) {
  return (name: string, byte: number, expected: string, got: string, cure?: string): FormatError =>
    new FormatError({ op, expected, got: `${got} at byte ${byte} of ${name}`, cure });
}
