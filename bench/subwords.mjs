// What learning subwords and reading texts as such costs: counting, merging, encoding, decoding, in processor seconds.
//   node bench/subwords.mjs [--text ptb.train.txt] [--size 8256] [--split whitespace]
// Without --text, a million words whose frequencies fall with their rank, from made-up syllables.
import { readFileSync } from "node:fs";
import { program } from "commander";
import { manualSeed } from "../dist/index.js";
import { SubwordCounter } from "../dist/text/index.js";
import { cpuSeconds } from "./measure.mjs";

const { text, size, split } = program
  .option("--text <file>", "a text, a sentence a line")
  .option("--size <tokens>", "tokens of the vocabulary; 256 are bytes", Number, 8256)
  .option("--split <what>", "words or whitespace", "words")
  .parse()
  .opts();

function madeUp(words) {
  let state = 1;
  const draw = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const syllable = () => "bdfgklmnprst"[Math.floor(draw() * 12)] + "aeiou"[Math.floor(draw() * 5)];
  const known = Array.from({ length: 40_000 }, () =>
    Array.from({ length: 1 + Math.floor(draw() * 5) }, syllable).join(""),
  );
  const lines = [];
  for (let i = 0; i < words; i += 20) {
    const line = Array.from({ length: 20 }, () => known[Math.floor(known.length ** draw()) - 1]);
    lines.push(line.join(" "));
  }
  return lines.join("\n");
}

const source = text === undefined ? madeUp(1_000_000) : readFileSync(text, "utf8");
const lines = source.split("\n");
const words = source.split(/\s+/).length;
const measured = {};

function timed(name, run) {
  const before = cpuSeconds();
  const result = run();
  measured[name] = (cpuSeconds() - before).toFixed(2);
  return result;
}

const counter = new SubwordCounter({ split, maxSize: size });
timed("count", () => lines.forEach((line) => counter.add(line)));
const tokenizer = timed("learn", () => counter.tokenizer());
const ids = timed("encode", () => lines.map((line) => tokenizer.encode(line)));
timed("encode again", () => lines.map((line) => tokenizer.encode(line)));
manualSeed(1);
timed("encode with dropout", () => lines.map((line) => tokenizer.encode(line, { dropout: 0.1 })));
const texts = timed("decode", () => ids.map((one) => tokenizer.decode(one)));
if (texts.join("\n") !== source) throw new Error("not given back");
const tokens = ids.reduce((sum, { length }) => sum + length, 0);
console.log(
  `${words} words, ${tokenizer.merges.length} merges, ${(tokens / words).toFixed(2)} tokens a word`,
);
console.table(measured);
