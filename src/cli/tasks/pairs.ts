// Pairs of texts that belong together, or texts with labels: how alike texts are.
import { answersOf } from "../answers.js";
import { flag, pickOptions, type OptionTable } from "../../core/options.js";
import { FormatError } from "../../core/errors.js";
import { lineChunks } from "../../data/source.js";
import type { Examples } from "../../data/examples.js";
import { scoresText, scoreText, SHARE } from "../../metrics/metric.js";
import type { SiameseExample } from "../../models/siamese/example.js";
import { SIAMESE_FIT_OPTIONS, SIAMESE_OPTIONS } from "../../models/siamese/options.js";
import type { SiameseDetails } from "../../models/siamese/pair-scores.js";
import { SiameseNetwork } from "../../models/siamese/siamese-network.js";
import {
  ALL_ENCODER_OPTIONS,
  encoderSettings,
  type EncoderOptions,
} from "../../models/parts/encoder-options.js";
import { text, TextInput, TEXT_OPTIONS, type TextOptions } from "../../models/parts/text-input.js";
import { TOKENS_BY_THE_TEXT, TokenCounter } from "../../text/tokens.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import { tellFound, VECTORS_OPTION, withVectors } from "../data/word-vectors.js";
import { flagOf } from "../flags.js";
import { defineTask, type Given } from "../task.js";
import { PAIR_COLUMNS, pairFrom, PairSurvey } from "./pair-files.js";
import { matchReferences } from "./match-references.js";
import { tfIdfBaseline } from "./tf-idf-baseline.js";
import { tokenUnit } from "./token-unit.js";

const files = exampleFiles<SiameseExample, SiameseNetwork>({
  columns: PAIR_COLUMNS,
  format: "tsv",
  example: pairFrom,
  labelOf: (example) => ("input" in example ? example.label : ""),
  survey: () => new PairSurvey(),
});

const MODEL: OptionTable = {
  ...(TEXT_OPTIONS as OptionTable),
  vectors: VECTORS_OPTION,
  ...(ALL_ENCODER_OPTIONS as OptionTable),
  ...(SIAMESE_OPTIONS as OptionTable),
};

function optionsOf(given: Given) {
  const encoder: EncoderOptions = pickOptions(ALL_ENCODER_OPTIONS as unknown as OptionTable, given);
  const input: TextOptions = pickOptions(TEXT_OPTIONS, given);
  return { input, encoder, own: pickOptions(SIAMESE_OPTIONS, given) };
}

export const pairs = defineTask<Examples<SiameseExample>, SiameseNetwork>({
  ...files,
  name: "pairs",
  noun: "Siamese network",
  kind: "siamese-network",
  summary: "how alike texts are, from pairs or labels: paraphrases, names, answers",
  description: "Learn which texts belong together, from pairs of texts or from texts with labels.",
  help: `Examples:
  hiddenstate train --task pairs --train questions.tsv --columns a=question1,b=question2,label=is_duplicate
  hiddenstate train --task pairs --train translations.txt,originals.txt --loss hardTriplet
  hiddenstate train --task pairs --train sentences.csv --columns a,b,score
  hiddenstate train --task pairs --train spellings.tsv --columns text,label --tokens characters
  printf 'how are you\\thow do you do\\n' | hiddenstate predict --model pairs.safetensors
  hiddenstate match --model pairs.safetensors --references answers.tsv questions.txt

Columns, one of these forms:
  a, b          two texts that belong together; the others of a batch are what does not
  a, b, label   1 or 0, true or false, yes or no, same or different
  a, b, score   how alike they are, -1 to 1
  text, label   texts of one label belong together
Scores for --metric: averagePrecision, accuracy, f1, equalErrorRate; of graded pairs spearman, pearson; by default the
first. What is one of pairs that all belong together, or of labels, is scored on pairs made of them.
The validation data choose the threshold from which a pair is the same.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: MODEL,
  training: SIAMESE_FIT_OPTIONS,

  check(given) {
    const { input, encoder } = optionsOf(given);
    const tokens = pickOptions(TOKENS_BY_THE_TEXT, input);
    new TokenCounter("train", tokens, TOKENS_BY_THE_TEXT, flagOf);
    encoderSettings("train", encoder, flagOf);
  },
  async build({ train }, given) {
    const { input, encoder, own } = optionsOf(given);
    const options = await withVectors(input);
    const all = { ...encoder, ...own, input: text(options) };
    const { source } = train;
    const model = await withPlaces(train, () =>
      typeof source === "function"
        ? SiameseNetwork.build(source, all)
        : SiameseNetwork.build(source, all),
    );
    if (model.input instanceof TextInput)
      tellFound(options.vectors, model.input.tokenizer.vocabulary);
    return model;
  },
  load: (bytes) => SiameseNetwork.load<string>(bytes),
  lengthUnit: ({ input }) => (input instanceof TextInput ? tokenUnit(input.tokenizer) : "word"),
  progress: ({ batchSize }) => ({ items: batchSize, unit: "example" }),

  report({ scores, details }, model) {
    const { pairs, together, decisions } = details as SiameseDetails;
    const found = scoresText(model.metrics, scores);
    if (!decisions) return `${found}; of ${pairs} pairs`;
    const share = (value: number) => scoreText(SHARE, value);
    return (
      `${found}; of ${pairs} pairs, ${together} of them the same\n` +
      `from a cosine of ${decisions.threshold.toFixed(4)} on: precision ${share(decisions.precision)}, ` +
      `recall ${share(decisions.recall)}`
    );
  },
  details: ({ details }) => details as object,
  baseline: tfIdfBaseline,

  predict: {
    byWorkers: true,
    options: { json: flag(false, "JSON lines, with everything that the model finds") },
    help: `  pairs        for two texts with a tab between: the cosine of their vectors, a tab, same or different`,
    async *lines(model, source, { json }) {
      let line = 0;
      for await (const lines of lineChunks(source)) {
        const read = lines.map((pair) => {
          const [a, b, ...more] = pair.split("\t");
          line++;
          if (b !== undefined && more.length === 0) return { a: a!, b };
          throw new FormatError({
            op: "predict",
            expected: "two texts with a tab between",
            got: `${JSON.stringify(pair.slice(0, 60))} (standard input, line ${line})`,
          });
        });
        for (const prediction of await answersOf(model, read))
          yield json
            ? JSON.stringify(prediction)
            : `${prediction.score.toFixed(4)}\t${prediction.same ? "same" : "different"}`;
      }
    },
  },
  match: matchReferences,
});
