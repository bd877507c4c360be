// A text that becomes another: translations, answers, dates in another form.
import type { Examples } from "../../data/examples.js";
import { scoresText } from "../../metrics/metric.js";
import { pickOptions, type OptionTable } from "../../core/options.js";
import type { SequencePair } from "../../models/seq2seq/example.js";
import { checkTogether } from "../../models/seq2seq/check-together.js";
import { checkBatching, SEQ2SEQ_FIT_OPTIONS } from "../../models/seq2seq/fit-options.js";
import { BUILD_SEQ2SEQ_OPTIONS, SEQ2SEQ_OPTIONS } from "../../models/seq2seq/options.js";
import { checkVectors } from "../../models/seq2seq/source-vectors.js";
import { checkPairTokens, mayBeJoint } from "../../models/seq2seq/pair-tokens.js";
import type { Seq2SeqDetails } from "../../models/seq2seq/scorer.js";
import { SEARCH_OPTIONS, searchSettings } from "../../models/seq2seq/search-options.js";
import { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import { counted } from "../counted.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import { tellFound, VECTORS_OPTION, withVectors } from "../data/word-vectors.js";
import { flagOf } from "../flags.js";
import { defineTask, type Given, type Part } from "../task.js";
import { checkUsage } from "../usage.js";
import { chat } from "./chat.js";
import { baselineOf } from "./pair-baseline.js";
import { predictTexts } from "./predict-texts.js";
import { fewToLearnFrom } from "./unlearnt.js";

const files = exampleFiles<SequencePair, Seq2Seq>({
  columns: [
    { name: "source", kind: "text" },
    { name: "target", kind: "text" },
  ],
  format: "tsv",
  example: ({ source, target }) => ({ source: source as string, target: target as string }),
  empty: {
    is: ({ source, target }) => [source, target].some((text) => String(text).trim() === ""),
    names: ["a pair with an empty side", "pairs with an empty side"],
  },
  survey() {
    let count = 0;
    return { see: () => void count++, describe: () => `${counted(count, "pair")} to learn from` };
  },
});

const SEARCH = SEARCH_OPTIONS as OptionTable;

/** Of a stream no pair is at hand. */
function firstOf({ source }: Part<Examples<SequencePair>>): SequencePair | undefined {
  return typeof source === "function" ? undefined : [...source][0];
}

function check(given: Given): void {
  // A file's name stands for the vectors.
  const { vectors, ...options } = pickOptions(BUILD_SEQ2SEQ_OPTIONS, given);
  checkPairTokens("train", options, flagOf);
  if (vectors !== undefined) checkVectors("train", options, flagOf);
  checkBatching("train", given, flagOf);
  const own = pickOptions(SEQ2SEQ_OPTIONS, options);
  checkTogether("train", own, mayBeJoint(options), flagOf);
}

export const seq2seq = defineTask<Examples<SequencePair>, Seq2Seq>({
  ...files,
  name: "seq2seq",
  kind: "seq2seq",
  summary: "texts to texts: translations, answers, other forms",
  description:
    "Learn what texts become: translations, answers, spellings, dates in another form. An encoder reads, a decoder writes.",
  help: `Examples:
  hiddenstate train --task seq2seq --train train.de,train.en --valid val.de,val.en --minutes 60
  hiddenstate train --task seq2seq --train dates.tsv --columns source=written,target=iso --source characters --target characters
  hiddenstate train --task seq2seq --train words.jsonl --source characters --target words --split whitespace
  hiddenstate train --task seq2seq --train train.de,train.en --architecture transformer
  echo "ein mann schläft ." | hiddenstate predict --model seq2seq.safetensors --beams 5 --alternatives 3
  hiddenstate chat --model seq2seq.safetensors

Columns: source, target. Texts are given as people write them; what tokens are is found out, or --source and --target.
After each evaluation the first validation pair is translated, and printed.
Scores for --metric: bleu, chrf, exactMatch, perplexity, loss; by default bleu, and exactMatch where the target is cut
into characters. In a training they are of greedy translations; at the end, of --beams.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: { ...(BUILD_SEQ2SEQ_OPTIONS as OptionTable), vectors: VECTORS_OPTION },
  training: SEQ2SEQ_FIT_OPTIONS,
  other: SEARCH,
  check,

  async build({ train }, given) {
    const options = await withVectors(pickOptions(BUILD_SEQ2SEQ_OPTIONS, given));
    const { source } = train;
    const model = await withPlaces(train, () =>
      typeof source === "function"
        ? Seq2Seq.build(source, options)
        : Seq2Seq.build(source, options),
    );
    tellFound(options.vectors, model.source.tokenizer.vocabulary);
    return model;
  },
  load: (bytes) => Seq2Seq.load(bytes),

  checkRun({ options: { attention } }, flags) {
    const given = pickOptions(SEARCH_OPTIONS, flags);
    checkUsage(() => searchSettings("train", given, attention !== "none", flagOf));
  },
  advise: ({ train: { source } }) =>
    Promise.resolve(typeof source === "function" ? [] : fewToLearnFrom([...source].length, "pair")),
  lengthUnit: () => "source token",
  progress: ({ batchSize }) => ({ items: batchSize, unit: "pair" }),
  sample(model, { valid }) {
    const pair = valid && firstOf(valid);
    if (!pair) return undefined;
    const { text } = model.predict(pair.source, { beams: 1 });
    const [source, target] = [String(pair.source), String(pair.target)];
    return `  source     ${source}\n  reference  ${target}\n  output     ${text}`;
  },

  report({ scores, details }, model) {
    const { bleuSignature, chrfSignature, unknownSource, unfinished } = details as Seq2SeqDetails;
    const notes = [
      unknownSource > 0 && `${percent(unknownSource)} of the source's tokens are unknown`,
      unfinished > 0 && `${percent(unfinished)} of the outputs were cut off at their longest`,
    ].filter((note) => note !== false);
    return [
      `${scoresText(model.metrics, scores)}${notes.map((note) => `; ${note}`).join("")}`,
      `BLEU ${bleuSignature}`,
      `chrF ${chrfSignature}`,
    ].join("\n");
  },
  details: ({ details }) => details as object,
  evaluation: {
    options: SEARCH,
    // As predict searches; by itself the model is scored greedily, as in a training.
    run: (model, source, given) => {
      const options = pickOptions(SEARCH_OPTIONS, given);
      const looks = model.options.attention !== "none";
      checkUsage(() => searchSettings("evaluate", options, looks, flagOf));
      const beams = SEARCH_OPTIONS.beams.default!;
      return model.evaluate(source, { beams, ...options });
    },
    endsWithJson: true,
  },
  // A training scores greedily, and not all of them.
  scoresValidation: true,
  baseline: ({ train }, { source }, model, metric) =>
    baselineOf(train.source, source, model, metric),

  predict: predictTexts,
  chat,
});

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
