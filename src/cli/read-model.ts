// Files whose errors name the file.
import { FormatError } from "../core/errors.js";
import { appearance } from "../io/appearance.js";
import { readBytes } from "../platform/node/files.js";

/**
 * What `read` makes of the bytes of a model's file or a checkpoint; what it refuses is told with the file's name.
 *
 * @param given the bytes, where the file has been read
 */
export async function readModel<T>(
  path: string,
  read: (bytes: Uint8Array) => T,
  given?: Uint8Array,
): Promise<T> {
  const bytes = given ?? (await readBytes(path));
  try {
    return read(bytes);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    // The reader speaks to programs: limits that nobody can raise here. What a file is instead has its own cure.
    const own = cause.op === "readSafetensors" ? appearance(bytes).cure : cause.cure;
    const cure = own ?? "Is it a file that hiddenstate wrote, and whole?";
    throw new FormatError({ ...cause, got: `${cause.got} (${path})`, cure }, { cause });
  }
}

/** Whether a file is one of ONNX, by its name. */
export function isOnnx(path: string): boolean {
  return path.toLowerCase().endsWith(".onnx");
}
