// What is done to a text before it is cut.
import { toByteLevel } from "./byte-level.js";
import { field, stepsOf, type Part } from "./fields.js";
import { patternOf } from "./patterns.js";

export type Normalizer = (text: string) => string;

const form = (name: string) => (): Normalizer => (text) => text.normalize(name);

const MAKERS: Readonly<Record<string, (part: Part, place: string) => Normalizer>> = {
  NFC: form("NFC"),
  NFD: form("NFD"),
  NFKC: form("NFKC"),
  NFKD: form("NFKD"),
  // Character by character: a sigma at a word's end has no form of its own.
  Lowercase: () => (text) => Array.from(text, (one) => one.toLowerCase()).join(""),
  Strip: (part, place) => {
    const left = field(part, "strip_left", true, place);
    const right = field(part, "strip_right", true, place);
    return (text) => {
      const begun = left ? text.replace(/^\p{White_Space}+/u, "") : text;
      return right ? begun.replace(/\p{White_Space}+$/u, "") : begun;
    };
  },
  StripAccents: () => (text) => text.replace(/\p{M}/gu, ""),
  Replace: (part, place) => {
    const pattern = patternOf(part, place);
    const content = field(part, "content", "", place);
    return (text) => text.replace(pattern, () => content);
  },
  Prepend: (part, place) => {
    const prepend = field(part, "prepend", "", place);
    return (text) => (text === "" ? text : prepend + text);
  },
  ByteLevel: () => toByteLevel,
};

export function normalizerOf(value: unknown): Normalizer {
  const steps = stepsOf(value, "normalizer", "normalizers", MAKERS);
  return (text) => steps.reduce((done, step) => step(done), text);
}
