// The Penn Treebank in Mikolov's form (ptb.train.txt and so on, gzipped or not): words between blanks, a
// sentence a line, <eos> at its end.
import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Vocabulary } from "hiddenstate/text";

/** Ids of the three parts, by the vocabulary of the first: 10,000 words. */
export function readTreebank(folder) {
  const [train, valid, test] = ["train", "valid", "test"].map((part) => readWords(folder, part));
  const vocabulary = Vocabulary.build(train, { unknown: "<unk>", specials: ["<eos>"] });
  return {
    vocabulary,
    train: vocabulary.encode(train),
    valid: vocabulary.encode(valid),
    test: vocabulary.encode(test),
  };
}

function readWords(folder, part) {
  const path = join(folder, `ptb.${part}.txt`);
  const text = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  const lines = text.toString("utf8").trimEnd().split("\n");
  return lines.flatMap((line) => [...line.trim().split(/ +/), "<eos>"]);
}
