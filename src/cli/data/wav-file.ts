// Recordings in files.
import { readFileSync } from "node:fs";
import { readWav, type WavSound } from "../../audio/wav.js";
import { FormatError } from "../../core/errors.js";

/**
 * A WAV file.
 *
 * @param place where its name stands, for errors. Default: nowhere but in the error's own
 * @throws FormatError for a file that is missing or no WAV file, with its name
 */
export function readWavFile(path: string, place?: string): WavSound {
  const where = place === undefined ? "" : ` (${place})`;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const got = `${path}: ${(cause as Error).message.replace(/^[A-Z]+: |, open .*$/g, "")}${where}`;
    throw new FormatError({ op: "read", expected: "a WAV file that can be read", got }, { cause });
  }
  try {
    return readWav(bytes, { name: path });
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new FormatError({ ...cause, got: `${cause.got}${where}` }, { cause });
  }
}
