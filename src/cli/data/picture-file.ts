// Pictures in files, with what is said of them.
import { decodePNG, type PNGImage } from "../../io/png.js";
import type { CaptionExample } from "../../models/captioner/example.js";
import { readNamedFile } from "./named-file.js";

/** A PNG file, by {@link readNamedFile}. */
export function readPictureFile(path: string, place?: string): PNGImage {
  return readNamedFile(path, "a PNG file", (bytes) => decodePNG(bytes, { name: path }), place);
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
