// Labels for the words of sentences, on the command line.
import { Option, type Command } from "commander";
import { FormatError } from "../../core/errors.js";
import { MostFrequentTags } from "../../metrics/baselines.js";
import { entityReport, entityScores } from "../../metrics/entity-scores.js";
import { convertTags, spansOf, type TagScheme } from "../../metrics/spans.js";
import { SequenceTagger, type BuildTaggerOptions } from "../../models/sequence-tagger.js";
import { scoresOf } from "../../models/tagger/scores.js";
import type { TaggedSentence } from "../../models/tagger/sentence.js";
import { numberWithin, wholeNumber } from "../values.js";
import { someOf } from "./checks.js";
import { given, scoresText, type Task } from "./task.js";

const OPTIONS = {
  minCount: "minCount",
  lowercase: "lowercase",
  zeroDigits: "zeroDigits",
  embedding: "embeddingSize",
  characters: "characters",
  characterSize: "characterSize",
  shapeSize: "shapeSize",
  wordDropout: "wordDropout",
  hidden: "hiddenSize",
  layers: "numLayers",
  dropout: "dropout",
  variationalDropout: "variationalDropout",
  crf: "crf",
  learnScheme: "encoding",
};

export const tagger: Task<TaggedSentence, SequenceTagger> = {
  name: "tagger",
  kind: "sequence-tagger",
  data: {
    roles: [
      { name: "words", list: true },
      { name: "tags", list: true },
      { name: "intent", list: false, optional: true },
    ],
    format: "conll",
  },

  options(command: Command): Command {
    const share = numberWithin({ least: 0, below: 1 });
    return command
      .addOption(
        new Option(
          "--scheme <scheme>",
          "how tags mark spans; auto finds out; none: they mark words",
        )
          .choices(["auto", "none", "IOB1", "IOB2", "BIOES"])
          .default("auto"),
      )
      .addOption(
        new Option("--learn-scheme <scheme>", "learn the spans in another scheme").choices([
          ...["IOB1", "IOB2", "BIOES"],
        ]),
      )
      .option("--hidden <n>", "size of the LSTM's state (default: 100)", wholeNumber(1))
      .option("--layers <n>", "LSTM layers (default: 1)", wholeNumber(1))
      .option("--embedding <n>", "size of a word's vector (default: 100)", wholeNumber(1))
      .addOption(
        new Option("--characters <kind>", "what reads a word's letters (default: cnn)").choices([
          ...["cnn", "lstm", "none"],
        ]),
      )
      .option("--character-size <n>", "size of what it gives (default: 50)", wholeNumber(1))
      .option(
        "--shape-size <n>",
        "size of the vector of a word's shape (default: 0)",
        wholeNumber(0),
      )
      .option("--min-count <n>", "rarer words are unknown (default: 1)", wholeNumber(1))
      .option("--lowercase", "look words up in lower case")
      .option("--zero-digits", "read every digit as 0")
      .option("--dropout <p>", "share of values dropped in training (default: 0.5)", share)
      .option("--variational-dropout", "drop the same ones at every word")
      .option(
        "--word-dropout <a>",
        "how readily rare words are taken as unknown in training (default: 0.25)",
        numberWithin({ least: 0 }),
      )
      .option("--no-crf", "choose each word's tag alone");
  },

  example({ words, tags, intent }) {
    const sentence = { words: words as readonly string[], tags: tags as readonly string[] };
    return intent === undefined ? sentence : { ...sentence, intent: intent as string };
  },

  describe(sentences) {
    const words = sentences.reduce((sum, { words }) => sum + words.length, 0);
    const tags = new Set(sentences.flatMap(({ tags }) => tags)).size;
    const intents = new Set(sentences.flatMap(({ intent }) => intent ?? [])).size;
    return (
      `${sentences.length} sentences with ${words} words to learn from; ${tags} tags` +
      (intents > 0 ? `, ${intents} intents` : "")
    );
  },

  build(sentences, settings) {
    const asked = settings.scheme as TagScheme | "auto" | "none";
    const scheme =
      asked === "auto"
        ? schemeOf(sentences.map(({ tags }) => tags))
        : asked === "none"
          ? null
          : asked;
    const options = { ...given(settings, OPTIONS), scheme } as BuildTaggerOptions;
    return SequenceTagger.forSentences(sentences, options) as SequenceTagger;
  },

  fit: (model, sentences, validation, options) =>
    model.fit(sentences, {
      ...(options as object),
      ...(validation && { validation }),
    }),

  load: (bytes) => SequenceTagger.load(bytes),

  check({ intentHead, vocabularies: { labels } }, sentences, file) {
    const without = sentences.findIndex(({ intent }) => intent === undefined);
    if (intentHead && without >= 0)
      throw new FormatError({
        op: "read",
        expected: "an intent for each sentence: the tagger has learnt intents",
        got: `none (${file}, example ${without + 1})`,
        cure: "Add the file, column or field to the data, and its name to --columns.",
      });
    const strange = sentences.flatMap(({ tags }) => tags).filter((tag) => !labels.has(tag));
    const kinds = [...new Set(strange)];
    return kinds.length > 0
      ? `${strange.length} words of ${file} have tags that the training data lack; they count as mistakes: ${someOf(kinds)}.`
      : undefined;
  },

  evaluate(model, sentences) {
    const spans = model.options.scheme !== null;
    const said = model.predictBatch(sentences.map(({ words }) => words));
    const scores = scoresOf(said, sentences, spans);
    if (!spans) return { scores, details: {}, report: scoresText(scores) };
    const entities = entityScores(
      said.map(({ tags }) => tags),
      sentences.map(({ tags }) => tags),
    );
    return {
      scores,
      details: { byType: entities.byType },
      report: `${entityReport(entities)}\n${scoresText(scores)}`,
    };
  },

  baseline(train, heldOut) {
    const counted = new MostFrequentTags(train);
    const said = heldOut.map(({ words }) => ({ tags: counted.predict(words) }));
    const spans = schemeOf(train.map(({ tags }) => tags)) !== null;
    const { accuracy, f1 } = scoresOf(said, heldOut, spans);
    const scores = f1 === undefined ? { accuracy } : { f1, accuracy };
    return `Each word's most frequent tag: ${scoresText(scores)}.`;
  },
};

/** The scheme in which tags are written, or null where they do not mark spans. */
export function schemeOf(sentences: readonly (readonly string[])[]): TagScheme | null {
  const tags = new Set(sentences.flat());
  const marks = [...tags].every((tag) => /^(?:O|[BIES](?:-.+)?)$/.test(tag));
  if (!marks || ![...tags].some((tag) => /^[BI]/.test(tag))) return null;
  if ([...tags].some((tag) => /^[ES]/.test(tag))) return "BIOES";
  // Where a span begins with I, the data are IOB1, or IOB2 with a mistake: most sentences tell.
  const fits = (scheme: TagScheme) =>
    sentences.filter((one) => convertTags(one, scheme).join() === one.join()).length;
  const spans = sentences.filter((one) => spansOf(one).length > 0).length;
  return spans > 0 && fits("IOB1") > fits("IOB2") ? "IOB1" : "IOB2";
}
