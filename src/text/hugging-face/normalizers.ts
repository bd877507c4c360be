// What is done to a text before it is cut.
import { toByteLevel } from "./byte-level.js";
import { field, stepsOf, type Part } from "./fields.js";
import { patternOf } from "./patterns.js";

export interface Normalized {
  readonly text: string;
  /** Whether it lacks what it began with: Metaspace then does not take it for the start of a text. */
  readonly begins: boolean;
}

export type Normalizer = (text: string) => Normalized;

interface Step {
  readonly run: (text: string) => string;
  /** Whether it takes the first character away. Default: never. */
  readonly beheads?: (text: string) => boolean;
}

const form = (name: string) => (): Step => ({ run: (text) => text.normalize(name) });

const MAKERS: Readonly<Record<string, (part: Part, place: string) => Step>> = {
  NFC: form("NFC"),
  NFD: form("NFD"),
  NFKC: form("NFKC"),
  NFKD: form("NFKD"),
  // Character by character: a sigma at a word's end has no form of its own.
  Lowercase: () => ({
    run: (text) => Array.from(text, (one) => one.toLowerCase()).join(""),
  }),
  Strip: (part, place) => {
    const left = field(part, "strip_left", true, place);
    const right = field(part, "strip_right", true, place);
    return {
      run: (text) => {
        const begun = left ? text.replace(/^\p{White_Space}+/u, "") : text;
        return right ? begun.replace(/\p{White_Space}+$/u, "") : begun;
      },
      beheads: (text) => left && /^\p{White_Space}/u.test(text),
    };
  },
  StripAccents: () => ({
    run: (text) => text.replace(/\p{M}/gu, ""),
    beheads: (text) => /^\p{M}/u.test(text),
  }),
  Replace: (part, place) => {
    const pattern = patternOf(part, place);
    const content = field(part, "content", "", place);
    return {
      run: (text) => text.replace(pattern, () => content),
      beheads: (text) => content === "" && text.search(pattern) === 0,
    };
  },
  Prepend: (part, place) => {
    const prepend = field(part, "prepend", "", place);
    return { run: (text) => (text === "" ? text : prepend + text) };
  },
  ByteLevel: () => ({ run: toByteLevel }),
};

export function normalizerOf(value: unknown): Normalizer {
  const steps = stepsOf(value, "normalizer", "normalizers", MAKERS);
  return (text) => {
    let [done, begins] = [text, true];
    for (const { run, beheads } of steps) {
      if (beheads?.(done)) begins = false;
      done = run(done);
    }
    return { text: done, begins };
  };
}
