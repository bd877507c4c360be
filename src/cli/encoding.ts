// Text encodings, as options: one that no system knows is wrong usage, before any file is opened.
import { text, type Option } from "../core/options.js";

/** @param help what is encoded: `"text encoding of the data"` */
export function encoding(help: string): Option<string> {
  return {
    ...text("utf-8", `${help}, such as windows-1252`),
    form: "a text encoding, such as utf-8 or windows-1252",
    fits: (given) => typeof given === "string" && isKnown(given),
  };
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label) instanceof TextDecoder;
  } catch {
    return false;
  }
}
