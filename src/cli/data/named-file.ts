// A file that a user named, on the command line or in a table of files.
import { readFileSync } from "node:fs";
import { FormatError } from "../../core/errors.js";

/**
 * What a file holds.
 *
 * @param kind for errors: `"a PNG file"`
 * @param place where its name stands, for errors. Default: nowhere but in the error's own
 * @throws FormatError for a file that is missing, or in which decode finds a fault, with its name
 */
export function readNamedFile<T>(
  path: string,
  kind: string,
  decode: (bytes: Uint8Array) => T,
  place?: string,
): T {
  const where = place === undefined ? "" : ` (${place})`;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^[A-Z]+: |, (?:open|read).*$/g, "");
    const got = `${path}: ${reason}${where}`;
    throw new FormatError({ op: "read", expected: `${kind} that can be read`, got }, { cause });
  }
  try {
    return decode(bytes);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new FormatError({ ...cause, got: `${cause.got}${where}` }, { cause });
  }
}
