// Files on Node, Deno and Bun: read with an error that helps, written whole or not at all.
import { access, constants, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pid } from "node:process";
import { checkCall } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";

/**
 * Reads a file.
 *
 * @throws OptionError when there is none, or it cannot be read
 * @example
 * ```ts
 * await writeBytes("numbers.bin", Uint8Array.of(1, 2));
 * (await readBytes("numbers.bin")).length; // 2
 * ```
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  checkCall("readBytes", arguments, "path:string");
  try {
    return await readFile(path);
  } catch (cause) {
    throw readFault("readBytes", path, cause);
  }
}

/**
 * Writes a file so that a crash at any moment leaves the old contents or the new, never a part: into
 * a temporary file beside it, flushed to the disk, then renamed over it.
 *
 * @throws OptionError when the folder is missing or the disk is full; the old file is still there
 * @example
 * ```ts
 * await writeBytes("weights.safetensors", saveSafetensors(new Linear(2, 1).stateDict()));
 * ```
 */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  checkCall("writeBytes", arguments, "path:string bytes:Uint8Array");
  // Beside it, because a rename is atomic only within one file system.
  const temporary = join(dirname(path), `.${basename(path)}.${pid}.tmp`);
  try {
    await writeAndFlush(temporary, bytes);
    await rename(temporary, path);
    await flushFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fault("writeBytes", "a path that can be written", path, cause);
  }
}

/**
 * Finds out now whether a file can be written later, at the end of long work.
 *
 * @throws OptionError when the folder is missing or read-only, or the path is a folder
 */
export async function checkWritable(path: string): Promise<void> {
  checkCall("checkWritable", arguments, "path:string");
  try {
    await access(dirname(path), constants.W_OK);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  } catch (cause) {
    throw fault("checkWritable", "a path that can be written", path, cause);
  }
}

async function writeAndFlush(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

// Windows opens no folders; there the file system's journal sees to it.
const NO_FOLDERS = new Set(["EPERM", "EISDIR", "EACCES"]);

/** The rename itself survives a power cut only once the folder is on the disk. */
async function flushFolder(path: string): Promise<void> {
  let folder;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch (cause) {
    if (!NO_FOLDERS.has((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
  } finally {
    await folder?.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EISDIR: "a folder",
  ENOTDIR: "a path through something that is no folder",
  ENOSPC: "a full disk",
  EROFS: "a read-only disk",
};

/** What a file that cannot be read is refused with. */
export function readFault(op: string, path: string, cause: unknown): OptionError {
  return fault(op, "a file that can be read", path, cause);
}

function fault(op: string, expected: string, path: string, cause: unknown): OptionError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  return new OptionError(
    { op, expected, got: `${path} (${REASONS[code] ?? String(cause)})` },
    { cause },
  );
}
