// The data sets as pairs { source, target } of three parts. What has no validation part of its own gets one from the
// training part, shuffled by a fixed seed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { collect, readTrees, shuffle, splitHeldOut } from "hiddenstate/data";
import { Generator } from "hiddenstate/decode";
import { linearizeTree } from "hiddenstate/text";
import { readTrec } from "../classification/data.mjs";

const SEED = 1984;

const read = (folder, set, file) =>
  gunzipSync(readFileSync(join(folder, set, `${file}.gz`))).toString();
const lines = (text) => text.replace(/\n$/, "").split("\n");

function shuffled(items) {
  const generator = new Generator(SEED);
  return shuffle(items, (limit) => Math.floor(generator.uniform() * limit));
}

/** Saito: Deep Learning from Scratch 2. 50,000 lines `question_answer`, both of fixed width by blanks at their ends. */
const book = (name) => (folder) => {
  const test = new Set(lines(read(folder, "dlfs2", "test_line_idx.txt")).map(Number));
  const pairs = lines(read(folder, "dlfs2", `${name}.txt`)).map((line) => {
    const [source, target] = line.split("_");
    return { source, target };
  });
  const rest = shuffled(pairs.filter((_, i) => !test.has(i)));
  const { train, heldOut } = splitHeldOut(rest, 1000 / rest.length);
  return { train, valid: heldOut, test: pairs.filter((_, i) => test.has(i)) };
};

export const addition = book("addition");
export const dates = book("date");

/** Multi30k, task 1: captions, lower-cased and tokenized, in the official parts. */
export const multi30k = (from, to) => (folder) => {
  const part = (name) => {
    const [sources, targets] = [from, to].map((language) =>
      lines(read(folder, "multi30k", `${name}.lc.norm.tok.${language}`)),
    );
    return sources.map((source, i) => ({ source, target: targets[i] }));
  };
  return { train: part("train"), valid: part("val"), test: part("test_2016_flickr") };
};

/** Between the turns of a dialogue. */
export const TURN = " <turn> ";

/**
 * DailyDialog's English dialogues: each reply after what was said before it.
 *
 * @param history turns before a reply that are its source
 */
export const dialogue = (history) => (folder) => {
  const part = (name) =>
    lines(read(folder, "dialogue", `${name}.jsonl`)).flatMap((line) => {
      const turns = JSON.parse(line);
      return turns.slice(1).map((target, i) => ({
        source: turns.slice(Math.max(0, i + 1 - history), i + 1).join(TURN),
        target,
      }));
    });
  return { train: part("train"), valid: part("valid"), test: part("test") };
};

/** As {@link dialogue}, without what was said before: `said` keeps it. */
export const replies = (history) => (folder) =>
  mapParts(dialogue(history)(folder), ({ source, target }) => ({
    ...{ source: "", target },
    said: source,
  }));

/** Words of a text that is learnt from: longer ones cost most, and what comes through one vector is asked of short ones. */
const MOST_WORDS = 12;

/**
 * Texts that become themselves: Multi30k's English captions. To learn from, those of up to 12 words whole, of a longer one
 * two pieces; and TREC's questions without their labels, those of its training part (`classification/data.mjs`).
 */
export function recreations(folder) {
  const captions = mapParts(multi30k("en", "en")(folder), ({ target }) => target);
  const questions = readTrec(folder).train.map(({ input }) => input.toLowerCase());
  const generator = new Generator(SEED);
  const short = [...captions.train, ...questions].flatMap((text) => {
    const words = text.split(" ");
    return words.length <= MOST_WORDS
      ? [text]
      : [pieceOf(words, generator), pieceOf(words, generator)];
  });
  return mapParts({ ...captions, train: short }, (text) => ({ source: text, target: text }));
}

/** Words that follow each other: from half of the most to the most. */
function pieceOf(words, generator) {
  const below = (limit) => Math.floor(generator.uniform() * limit);
  const length = MOST_WORDS / 2 + below(MOST_WORDS / 2 + 1);
  const begin = below(words.length - length + 1);
  return words.slice(begin, begin + length).join(" ");
}

function mapParts(parts, change) {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.map(change)]));
}

/**
 * The tenth of the Wall Street Journal's treebank that NLTK has, without functions and traces: files 1 to 159, 160 to 179, 180
 * to 199. A sentence becomes its tree as tokens (Vinyals et al. 2015).
 */
export async function treebank(folder) {
  const set = join(folder, "treebank");
  const text = read(folder, "treebank", "wsj_sample.mrg");
  const trees = await collect(readTrees(text, { functionTags: false, traces: false }));
  const counts = lines(readFileSync(join(set, "files.tsv"), "utf8")).map((line) => {
    const [name, count] = line.split("\t");
    return { file: Number(name.slice(-4)), count: Number(count) };
  });
  const parts = { train: [], valid: [], test: [] };
  let at = 0;
  for (const { file, count } of counts) {
    const part = file < 160 ? "train" : file < 180 ? "valid" : "test";
    parts[part].push(...trees.slice(at, at + count).map(asPair));
    at += count;
  }
  return parts;
}

function asPair(tree) {
  const leaves = leavesOf(tree);
  return {
    source: leaves.map(({ word }) => word).join(" "),
    target: linearizeTree(tree, { tags: true }).join(" "),
    tree,
    tags: leaves.map(({ label }) => label),
  };
}

function leavesOf(tree) {
  return tree.word === undefined ? tree.children.flatMap(leavesOf) : [tree];
}
