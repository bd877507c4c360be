// How tokens become a text again.
import { bytesOfText, bytesOfToken, textOfBytes } from "./byte-level.js";
import { field, stepsOf, type Part } from "./fields.js";
import { patternOf } from "./patterns.js";
import { metaspaceOf } from "./pre-tokenizers.js";

type Step = (tokens: readonly string[]) => string[];

const MAKERS: Readonly<Record<string, (part: Part, place: string) => Step>> = {
  ByteLevel: () => (tokens) => [textOfBytes(tokens.flatMap(bytesOfToken))],
  ByteFallback: () => joinBytes,
  Fuse: () => (tokens) => [tokens.join("")],
  Replace: (part, place) => {
    const pattern = patternOf(part, place);
    const content = field(part, "content", "", place);
    return (tokens) => tokens.map((token) => token.replace(pattern, () => content));
  },
  Strip: (part, place) => {
    const content = field(part, "content", " ", place);
    const [start, stop] = [field(part, "start", 0, place), field(part, "stop", 0, place)];
    return (tokens) => tokens.map((token) => stripped(token, content, start, stop));
  },
  Metaspace: (part, place) => {
    const { replacement, scheme } = metaspaceOf(part, place);
    return (tokens) =>
      tokens.map((token, i) =>
        token.replaceAll(replacement, i === 0 && scheme !== "never" ? "" : " "),
      );
  },
  BPEDecoder: (part, place) => {
    const suffix = field(part, "suffix", "</w>", place);
    return (tokens) =>
      tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " "));
  },
};

export type TokensDecoder = (tokens: readonly string[]) => string;

/** Without any decoder, tokens stand apart. */
export function decoderOf(value: unknown): TokensDecoder {
  const steps = stepsOf(value, "decoder", "decoders", MAKERS);
  if (steps.length === 0) return (tokens) => tokens.join(" ");
  return (tokens) => steps.reduce<readonly string[]>((done, step) => step(done), tokens).join("");
}

/** Tokens of bytes as the text that they spell; where that is no UTF-8, U+FFFD for each. */
function joinBytes(tokens: readonly string[]): string[] {
  const joined: string[] = [];
  let bytes: number[] = [];
  const spell = () => {
    if (bytes.length === 0) return;
    const text = textOfBytes(bytes);
    const valid = bytesOfText(text).join() === bytes.join();
    joined.push(...(valid ? [text] : bytes.map(() => "\ufffd")));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9a-fA-F]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) bytes.push(parseInt(byte, 16));
    else {
      spell();
      joined.push(token);
    }
  }
  spell();
  return joined;
}

/** Without so many of a character at its ends, where they are. */
function stripped(token: string, content: string, start: number, stop: number): string {
  const characters = [...token];
  let [from, to] = [0, characters.length];
  while (from < start && characters[from] === content) from++;
  while (to > from && characters.length - to < stop && characters[to - 1] === content) to--;
  return characters.slice(from, to).join("");
}
