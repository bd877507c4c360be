// Labels for the words of sentences.
import { MostFrequentTags } from "../../metrics/baselines.js";
import { entityReport, type EntityScores } from "../../metrics/entity-scores.js";
import { passOver, type Examples } from "../../data/examples.js";
import { scoresText, withLabelScore } from "../../metrics/metric.js";
import type { Evaluation } from "../../models/kit/ready-model.js";
import { BUILD_TAGGER_OPTIONS, TAGGER_FIT_OPTIONS } from "../../models/tagger/options.js";
import { TaggerScorer, type TaggerDetails, type TaggerScores } from "../../models/tagger/scorer.js";
import type { TaggedSentence } from "../../models/tagger/sentence.js";
import { SequenceTagger } from "../../models/tagger/sequence-tagger.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import type { OptionTable } from "../../core/options.js";
import { tellFound, VECTORS_OPTION, withVectors } from "../data/word-vectors.js";
import { counted } from "../counted.js";
import { defineTask } from "../task.js";
import { UsageError } from "../usage.js";
import { fewToLearnFrom, Unlearnt } from "./unlearnt.js";
import { predictTags, TAGGER_COLUMNS } from "./predict-tags.js";

type Sentences = Examples<TaggedSentence>;
type Scores = Evaluation<TaggerScores, TaggerDetails>;

const COMMENTS = "If those lines are comments, leave them out: --comments #.";

function beginsWithHash({ words }: TaggedSentence): boolean {
  return words[0] === "#";
}

const files = exampleFiles<TaggedSentence, SequenceTagger>({
  columns: TAGGER_COLUMNS,
  format: "conll",
  example: (values) => values as unknown as TaggedSentence,
  survey() {
    const [tags, intents] = [new Set<string>(), new Set<string>()];
    /** Tags of a # that begins a sentence, and of no other word. */
    const ofComments = new Set<string>();
    let [sentences, words] = [0, 0];
    return {
      see(sentence) {
        sentences++;
        words += sentence.tags.length;
        sentence.tags.forEach((tag, i) => {
          if (i > 0 || !beginsWithHash(sentence)) ofComments.delete(tag);
          else if (!tags.has(tag)) ofComments.add(tag);
          tags.add(tag);
        });
        if (sentence.intent !== undefined) intents.add(sentence.intent);
      },
      describe: () =>
        `${counted(sentences, "sentence")} with ${counted(words, "word")} to learn from; ${counted(tags.size, "tag")}` +
        (intents.size > 0 ? `, ${counted(intents.size, "intent")}` : ""),
      notes: () =>
        [...ofComments].map(
          (tag) =>
            `the tag ${JSON.stringify(tag)} stands only at a # that begins a sentence. ${COMMENTS}`,
        ),
    };
  },
});

/** The scores of spans that are written by the rules alone, as seqeval has them. */
function strictText({ f1, precision, recall }: EntityScores, model: SequenceTagger): string {
  return `Only spans just as ${model.options.scheme} writes them (strict): ${scoresText(model.metrics, { f1, precision, recall })}.`;
}

export const tagger = defineTask<Sentences, SequenceTagger>({
  ...files,
  name: "tagger",
  kind: "sequence-tagger",
  summary: "labels for words: named entities, slots",
  description: "Learn to label words: named entities, slots, chunks, key terms, parts of speech.",
  help: `Examples:
  hiddenstate train --task tagger --train eng.train --valid eng.testa --test eng.testb
  hiddenstate train --task tagger --train train.words,train.tags,train.intents --valid dev.words,dev.tags,dev.intents
  hiddenstate train --task tagger --train tags.jsonl --columns words=tokens,tags=ner_tags
  echo "Ada Lovelace lived in London ." | hiddenstate predict --model tagger.safetensors

Columns: words, tags, and intent (a label for the sentence), which may be left out.
Scores for --metric: f1, precision, recall, accuracy, sentenceAccuracy, intent, and f1:PER for that of one
type of spans; by default f1, or accuracy where tags mark no spans.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: { ...(BUILD_TAGGER_OPTIONS as OptionTable), vectors: VECTORS_OPTION },
  training: TAGGER_FIT_OPTIONS,

  check({ characters, characterSize, scheme, trainingScheme }) {
    const refuse = (expected: string, got: string): never => {
      throw new UsageError({ op: "train", expected, got });
    };
    if (characters === "none" && characterSize !== undefined)
      refuse("--characters cnn or lstm with --character-size", "--characters none");
    if (scheme === "none" && trainingScheme !== undefined)
      refuse("tags that mark spans with --training-scheme", "--scheme none");
  },

  async build({ train }, given) {
    const options = await withVectors(given);
    const model = await withPlaces(
      train,
      () =>
        typeof train.source === "function"
          ? SequenceTagger.build<string, string>(train.source, options)
          : SequenceTagger.build<string, string>(train.source, options),
      (sentence) => (beginsWithHash(sentence) ? COMMENTS : undefined),
    );
    tellFound(options.vectors, model.vocabularies.words);
    return model;
  },

  async checkRun(_, { metric }, { valid }) {
    if (metric !== "intent" || !valid) return;
    for await (const { intent } of passOver(valid.source)) if (intent !== undefined) return;
    throw new UsageError({
      op: "train",
      expected: "--valid data with intents, for --metric intent",
      got: `none in ${valid.name}`,
    });
  },

  load: (bytes) => SequenceTagger.load(bytes),

  async examine(model, part, training) {
    const notes = await files.examine(model, part, training);
    const { labels, intents } = model.vocabularies;
    const [tags, strangers] = [new Unlearnt("word", "tag"), new Unlearnt("sentence", "intent")];
    let number = 0;
    for await (const sentence of passOver(part.source)) {
      for (const tag of sentence.tags) if (!labels.has(tag)) tags.add(tag, number);
      const { intent } = sentence;
      if (model.intentHead && intent !== undefined && !intents.has(intent))
        strangers.add(intent, number);
      number++;
    }
    return [...notes, ...(await tags.notes(part)), ...(await strangers.notes(part))];
  },

  advise({ train: { source } }) {
    const few = typeof source === "function" ? [] : fewToLearnFrom([...source].length, "sentence");
    return Promise.resolve(few);
  },

  progress: ({ batchSize }) => ({ items: batchSize, unit: "sentence" }),

  report({ scores, details }, model) {
    const { entities, strictEntities, unknownWords } = details as TaggerDetails;
    const unknown = `${(100 * unknownWords).toFixed(1)} % of the words are unknown to the model`;
    const differs = strictEntities && strictEntities.f1 !== entities?.f1;
    return (
      (entities ? `${entityReport(entities)}\n` : "") +
      (differs ? `${strictText(strictEntities, model)}\n` : "") +
      `${scoresText(model.metrics, scores)}; ${unknown}`
    );
  },

  details(evaluation) {
    const { entities, strictEntities, unknownWords } = (evaluation as Scores).details;
    const { f1, precision, recall } = strictEntities ?? {};
    return {
      unknownWords,
      ...(entities && { byType: entities.byType, strict: { f1, precision, recall } }),
    };
  },

  baseline({ train: { source: train } }, { source: heldOut }, model, metric) {
    // What it counts would grow with a stream.
    if (typeof train === "function" || typeof heldOut === "function") return undefined;
    const counted = new MostFrequentTags(train);
    const scorer = new TaggerScorer(model.options.scheme);
    for (const { words, tags } of heldOut)
      scorer.add({ tags: counted.predict(words), intent: undefined }, { tags, intent: undefined });
    const { accuracy, f1, precision, recall } = scorer.evaluation.scores;
    const { entities } = scorer.evaluation.details;
    const scores = {
      ...(f1 !== undefined && { f1, precision: precision!, recall: recall! }),
      accuracy,
    };
    return {
      name: "Each word's most frequent tag",
      scores: withLabelScore(scores, metric, (type) => entities?.byType[type]?.f1 ?? 0),
    };
  },

  predict: predictTags,
});
