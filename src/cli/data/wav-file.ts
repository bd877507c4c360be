// Recordings in files.
import { readWav, type WavSound } from "../../audio/wav.js";
import { readNamedFile } from "./named-file.js";

/** A WAV file, by {@link readNamedFile}. */
export function readWavFile(path: string, place?: string): WavSound {
  return readNamedFile(path, "a WAV file", (bytes) => readWav(bytes, { name: path }), place);
}
