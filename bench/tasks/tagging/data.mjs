// The four data sets as sentences { words, tags, intent? } of three parts, in their official splits.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Papa from "papaparse";
import { tagsOf } from "hiddenstate/metrics";
import { wordTokenize } from "hiddenstate/text";

const read = (folder, file, encoding = "utf-8") =>
  new TextDecoder(encoding).decode(gunzipSync(readFileSync(join(folder, `${file}.gz`))));
const lines = (text) => text.trimEnd().split("\n");

/** Goo et al. 2018: words, IOB2 tags of slots and an intent, in parallel lines. */
export function atis(folder) {
  const part = (name) => {
    const [words, tags, intents] = ["seq.in", "seq.out", "label"].map((file) =>
      lines(read(join(folder, "atis"), `${name}.${file}`)),
    );
    return words.map((line, i) => ({
      words: line.trim().split(/\s+/),
      tags: tags[i].trim().split(/\s+/),
      intent: intents[i].trim(),
    }));
  };
  return { train: part("train"), valid: part("valid"), test: part("test") };
}

/** Groningen Meaning Bank in order: 33,570 / 7,194 / 7,194 sentences, the last one dropped. */
export function gmb_ner(folder) {
  const text = read(join(folder, "gmb_ner"), "ner_dataset.csv", "windows-1252");
  const sentences = [];
  for (const [sentence, word, , tag] of Papa.parse(text, { skipEmptyLines: true }).data.slice(1)) {
    if (sentence) sentences.push({ words: [], tags: [] });
    sentences.at(-1).words.push(word);
    sentences.at(-1).tags.push(tag);
  }
  return {
    train: sentences.slice(0, 33570),
    valid: sentences.slice(33570, 40764),
    test: sentences.slice(40764, 47958),
  };
}

/** CoNLL-2003, English, IOB1: eng.train, eng.testa, eng.testb. The lines that begin a document are left out. */
export function conll2003(folder) {
  const part = (file) =>
    read(join(folder, "conll2003"), file)
      .split(/\n\s*\n/)
      .map((block) =>
        lines(block)
          .map((line) => line.trim().split(" "))
          .filter(([word]) => word && word !== "-DOCSTART-"),
      )
      .filter((rows) => rows.length > 0)
      .map((rows) => ({ words: rows.map(([word]) => word), tags: rows.map((row) => row.at(-1)) }));
  return { train: part("eng.train"), valid: part("eng.testa"), test: part("eng.testb") };
}

/**
 * Inspec (Hulth 2003): abstracts whose words are tagged wherever one of their uncontrolled key terms stands, of two
 * that overlap the longer one. `terms` are all of an abstract's, also those that it never says.
 */
export function keyphrase(folder) {
  const part = (name) =>
    lines(read(join(folder, "keyphrase"), `inspec.${name}.jsonl`)).map((line) => {
      const { text, uncontr } = JSON.parse(line);
      // As the results were made.
      const words = wordTokenize(text, { rules: 1 });
      return { words, tags: markTerms(words, uncontr), terms: uncontr };
    });
  return { train: part("train"), valid: part("valid"), test: part("test") };
}

function markTerms(words, terms) {
  const folded = words.map((word) => word.toLowerCase());
  const spans = terms
    .map((term) => wordTokenize(term, { lowercase: true, rules: 1 }))
    .flatMap((term) =>
      folded.flatMap((_, start) =>
        term.length > 0 && term.every((word, i) => folded[start + i] === word)
          ? [{ type: "", start, end: start + term.length }]
          : [],
      ),
    )
    .sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
  const taken = [];
  for (const span of spans)
    if (taken.every(({ start, end }) => span.end <= start || span.start >= end)) taken.push(span);
  return tagsOf(
    taken.sort((a, b) => a.start - b.start),
    words.length,
    "IOB2",
  );
}
