// Pictures in files, with what is said of them.
import { readFileSync } from "node:fs";
import { FormatError } from "../../core/errors.js";
import { decodePNG, type PNGImage } from "../../io/png.js";
import type { CaptionExample } from "../../models/captioner/example.js";

/**
 * A PNG file.
 *
 * @param place where its name stands, for errors. Default: nowhere but in the error's own
 * @throws FormatError for a file that is missing or no PNG file, with its name
 */
export function readPictureFile(path: string, place?: string): PNGImage {
  const where = place === undefined ? "" : ` (${place})`;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const got = `${path}: ${(cause as Error).message.replace(/^[A-Z]+: |, (?:open|read).*$/g, "")}${where}`;
    throw new FormatError({ op: "read", expected: "a PNG file that can be read", got }, { cause });
  }
  try {
    return decodePNG(bytes, { name: path });
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new FormatError({ ...cause, op: "read", got: `${cause.got}${where}` }, { cause });
  }
}

/** A picture that is read each time it is asked for: what a model keeps of it is smaller by far. */
export class PictureFile implements CaptionExample {
  readonly path: string;
  readonly text: string[];
  readonly #place: string;

  constructor(path: string, text: string, place: string) {
    [this.path, this.text, this.#place] = [path, [text], place];
  }

  get image(): PNGImage {
    return readPictureFile(this.path, this.#place);
  }
}
