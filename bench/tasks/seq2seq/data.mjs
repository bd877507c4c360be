// Pairs for the speed of translation: Multi30k's, or made ones of about its lengths.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const WORDS = 4000;
const LETTERS = "etaoinshrdlu";

/** Training pairs and sources to be translated. */
export function readPairs(folder) {
  return folder ? multi30k(folder) : { pairs: made(8000, 1), sources: sourcesOf(made(1000, 2)) };
}

function multi30k(folder) {
  const lines = (part, language) => {
    const file = join(folder, `${part}.lc.norm.tok.${language}`);
    const bytes = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`));
    return bytes.toString("utf8").trim().split("\n");
  };
  const read = (part) => {
    const target = lines(part, "en");
    return lines(part, "de").map((source, i) => ({ source, target: target[i] }));
  };
  return { pairs: read("train"), sources: sourcesOf(read("test_2016_flickr")) };
}

const sourcesOf = (pairs) => pairs.map(({ source }) => source);

/** Sentences of 8 to 16 words; frequent words are short ones, as in a language. */
function made(count, seed) {
  let state = seed;
  const next = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const word = (language) => {
    // Of two the lower one: low numbers are frequent.
    let rest = Math.min(next(WORDS), next(WORDS), next(WORDS)) + language;
    let text = "";
    do text += LETTERS[rest % LETTERS.length];
    while ((rest = Math.floor((rest * 5) / LETTERS.length)) > 0 && text.length < 9);
    return text;
  };
  const sentence = (language) =>
    Array.from({ length: 8 + next(9) }, () => word(language)).join(" ");
  return Array.from({ length: count }, () => ({ source: sentence(0), target: sentence(WORDS) }));
}
