// Labels for the words of sentences, on the command line.
import { Option, type Command } from "commander";
import { FormatError } from "../../core/errors.js";
import { MostFrequentTags } from "../../metrics/baselines.js";
import { entityReport } from "../../metrics/entity-scores.js";
import type { TagScheme } from "../../metrics/spans.js";
import { SequenceTagger } from "../../models/sequence-tagger.js";
import type { BuildTaggerOptions } from "../../models/tagger/options.js";
import { TaggerScorer } from "../../models/tagger/scores.js";
import type { TaggedSentence } from "../../models/tagger/sentence.js";
import { numberWithin, wholeNumber } from "../values.js";
import { someOf } from "./checks.js";
import { eachExample } from "./open-examples.js";
import { SchemeSurvey } from "./scheme-survey.js";
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

  survey() {
    const scheme = new SchemeSurvey();
    const intents = new Set<string>();
    let [sentences, words] = [0, 0];
    return {
      see({ tags, intent }) {
        sentences++;
        words += tags.length;
        scheme.see(tags);
        if (intent !== undefined) intents.add(intent);
      },
      describe: () =>
        `${sentences} sentences with ${words} words to learn from; ${scheme.tags.size} tags` +
        (intents.size > 0 ? `, ${intents.size} intents` : ""),
      decide: (settings) =>
        settings.scheme === "auto" ? { ...settings, scheme: scheme.scheme ?? "none" } : settings,
    };
  },

  build(sentences, settings) {
    const scheme = settings.scheme === "none" ? null : (settings.scheme as TagScheme);
    const options = { ...given(settings, OPTIONS), scheme } as BuildTaggerOptions;
    return SequenceTagger.forSentences<string, string>(sentences, options);
  },

  fit: (model, sentences, validation, options) =>
    model.fit(sentences, {
      ...(options as object),
      ...(validation && { validation }),
    }),

  load: (bytes) => SequenceTagger.load(bytes),

  async check({ intentHead, vocabularies: { labels } }, sentences, file) {
    const kinds = new Set<string>();
    let [count, strange] = [0, 0];
    await eachExample(sentences, ({ tags, intent }) => {
      count++;
      if (intentHead && intent === undefined)
        throw new FormatError({
          op: "read",
          expected: "an intent for each sentence: the tagger has learnt intents",
          got: `none (${file}, example ${count})`,
          cure: "Add the file, column or field to the data, and its name to --columns.",
        });
      for (const tag of tags) {
        if (labels.has(tag)) continue;
        strange++;
        kinds.add(tag);
      }
    });
    return strange > 0
      ? `${strange} words of ${file} have tags that the training data lack; they count as mistakes: ${someOf([...kinds])}.`
      : undefined;
  },

  evaluate: (model, sentences) =>
    model.score("SequenceTagger.evaluate", sentences, ({ scores, entities }) =>
      entities
        ? {
            scores,
            details: { byType: entities.byType },
            report: `${entityReport(entities)}\n${scoresText(scores)}`,
          }
        : { scores, details: {}, report: scoresText(scores) },
    ),

  baseline(train, heldOut) {
    const counted = new MostFrequentTags(train);
    const survey = new SchemeSurvey();
    train.forEach(({ tags }) => survey.see(tags));
    const scorer = new TaggerScorer(survey.scheme !== null);
    for (const sentence of heldOut) scorer.add({ tags: counted.predict(sentence.words) }, sentence);
    const { accuracy, f1 } = scorer.scores;
    const scores = f1 === undefined ? { accuracy } : { f1, accuracy };
    return `Each word's most frequent tag: ${scoresText(scores)}.`;
  },
};
