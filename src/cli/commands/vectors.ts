// `hiddenstate vectors`: neighbours, analogies, scores and maps of word vectors in a file.
import { Command } from "commander";
import { whole } from "../../core/options.js";
import { collect, linesOf } from "../../data/source.js";
import { decodeText, readText } from "../../platform/node/text.js";
import type { Neighbour, WordVectors } from "../../vectors/word-vectors.js";
import { initSync } from "../../wasm/backend.js";
import { cutAtBlanks } from "../../core/white-space.js";
import { readVectorFile, VECTOR_FILES } from "../data/word-vectors.js";
import { addFlags, givenFlags } from "../flags.js";
import { UsageError } from "../usage.js";
import { plotCommand } from "./plot-vectors.js";

const COUNT = { count: whole(1, 10, "how many answers") };
const LIMIT = { limit: whole(1, undefined, "read only so many words, the first (default: all)") };
const EVALUATION = {
  restrict: whole(1, 300_000, "only so many words take part, the first"),
};

export function vectorsCommand(): Command {
  const command = new Command("vectors").description(
    "Ask word vectors: neighbours, analogies, how good they are, a map.",
  );
  command.addCommand(
    asking(
      "nearest",
      "[words...]",
      "The most similar words of each word, or of each line of standard input.",
      async (vectors, words, { count }) => {
        for (const word of words.length > 0 ? words : await lines())
          print(word, vectors.mostSimilar(word, { count }));
      },
    ),
  );
  command.addCommand(
    asking(
      "analogy",
      "<words...>",
      "What is to the third word as the second is to the first: man king woman.",
      (vectors, words, { count }) => {
        if (words.length !== 3)
          throw new UsageError({
            op: "vectors",
            expected: "three words",
            got: String(words.length),
          });
        const [a, b, c] = words as [string, string, string];
        print(words.join(" "), vectors.mostSimilar({ positive: [b, c], negative: [a] }, { count }));
      },
    ),
  );
  command.addCommand(evaluateCommand());
  command.addCommand(plotCommand());
  return command;
}

type Asked = { count: number | undefined };

function asking(
  name: string,
  words: string,
  description: string,
  answer: (vectors: WordVectors, words: string[], asked: Asked) => void | Promise<void>,
): Command {
  const command = new Command(name)
    .description(description)
    .argument("<file>", VECTOR_FILES)
    .argument(words);
  addFlags(command, { ...COUNT, ...LIMIT });
  return command.action(async (file: string, given: string[]) => {
    const { limit, count } = givenFlags(command) as { limit?: number; count?: number };
    initSync({ build: "plain" });
    await answer(await readVectorFile(file, { limit }), given, { count });
  });
}

async function lines(): Promise<string[]> {
  const stdin = process.stdin as AsyncIterable<Uint8Array>;
  const all = await collect(linesOf(decodeText(stdin, "standard input")));
  return all.flatMap(cutAtBlanks);
}

/** `word<TAB>neighbour<TAB>similarity`, a line each. */
function print(asked: string, found: readonly Neighbour[]): void {
  for (const { word, similarity } of found)
    console.log(`${asked}\t${word}\t${similarity.toFixed(4)}`);
}

function evaluateCommand(): Command {
  const command = new Command("evaluate")
    .description("Score word vectors by analogies and by pairs that people judged, as gensim does.")
    .argument("<file>", VECTOR_FILES)
    .option("--analogies <file>", "questions of four words in a line, such as questions-words.txt")
    .option("--pairs <files>", "two words and a number in a line; several: A,B")
    .option("--case-sensitive", "tell upper from lower case")
    .option("--dummy4unknown", "what has an unknown word counts as wrong");
  addFlags(command, { ...EVALUATION, ...LIMIT });
  return command.action(async (file: string) => {
    const given = givenFlags(command) as {
      analogies?: string;
      pairs?: string;
      caseSensitive?: boolean;
      dummy4unknown?: boolean;
      restrict?: number;
      limit?: number;
    };
    const { analogies, pairs, restrict, dummy4unknown, limit } = given;
    if (analogies === undefined && pairs === undefined)
      throw new UsageError({
        op: "vectors",
        expected: "--analogies FILE or --pairs FILE",
        got: "none",
      });
    initSync({ build: "plain" });
    const vectors = await readVectorFile(file, { limit });
    const options = { restrict, dummy4unknown, caseInsensitive: !given.caseSensitive };
    console.log(`${vectors.size} words, vectors of ${vectors.dimension} numbers`);
    const scores: Record<string, unknown> = {};
    for (const path of pairs?.split(",") ?? []) {
      const score = await vectors.evaluatePairs(readText(path), options);
      scores[path] = score;
      console.log(
        `${path}: Spearman ${score.spearman.toFixed(3)}, Pearson ${score.pearson.toFixed(3)}, ` +
          `${score.pairs} pairs, ${score.unknown} with unknown words`,
      );
    }
    if (analogies !== undefined) {
      const score = await vectors.evaluateAnalogies(readText(analogies), options);
      scores[analogies] = score;
      for (const { name, accuracy, correct, total } of score.sections)
        if (total > 0) console.log(`  ${name}: ${percent(accuracy)} (${correct} of ${total})`);
      console.log(
        `${analogies}: ${percent(score.accuracy)} (${score.correct} of ${score.total}), ${score.skipped} left out`,
      );
    }
    console.log(JSON.stringify(scores));
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
