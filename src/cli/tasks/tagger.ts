// Labels for the words of sentences.
import { MostFrequentTags } from "../../metrics/baselines.js";
import { entityReport } from "../../metrics/entity-scores.js";
import { passOver, type Examples } from "../../data/examples.js";
import { scoresText } from "../../metrics/metric.js";
import type { Evaluation } from "../../models/kit/ready-model.js";
import { BUILD_TAGGER_OPTIONS, TAGGER_FIT_OPTIONS } from "../../models/tagger/options.js";
import { TaggerScorer, type TaggerDetails, type TaggerScores } from "../../models/tagger/scorer.js";
import type { TaggedSentence } from "../../models/tagger/sentence.js";
import { SequenceTagger } from "../../models/tagger/sequence-tagger.js";
import { DATA_HELP, exampleFiles, someOf } from "../data/example-files.js";
import { defineTask } from "../task.js";
import { UsageError } from "../usage.js";
import { predictTags, TAGGER_COLUMNS } from "./predict-tags.js";

type Sentences = Examples<TaggedSentence>;
type Scores = Evaluation<TaggerScores, TaggerDetails>;

const files = exampleFiles<TaggedSentence, SequenceTagger>({
  columns: TAGGER_COLUMNS,
  format: "conll",
  example: (values) => values as unknown as TaggedSentence,
  survey() {
    const [tags, intents] = [new Set<string>(), new Set<string>()];
    let [sentences, words] = [0, 0];
    return {
      see(sentence) {
        sentences++;
        words += sentence.tags.length;
        for (const tag of sentence.tags) tags.add(tag);
        if (sentence.intent !== undefined) intents.add(sentence.intent);
      },
      describe: () =>
        `${sentences} sentences with ${words} words to learn from; ${tags.size} tags` +
        (intents.size > 0 ? `, ${intents.size} intents` : ""),
    };
  },
});

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
Scores for --metric: f1, precision, recall, accuracy, sentenceAccuracy, intent; by default f1,
or accuracy where tags mark no spans.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: BUILD_TAGGER_OPTIONS,
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

  build: ({ train: { source } }, options) =>
    typeof source === "function"
      ? SequenceTagger.build<string, string>(source, options)
      : SequenceTagger.build<string, string>(source, options),

  load: (bytes) => SequenceTagger.load(bytes),

  async examine(model, part) {
    await files.examine(model, part);
    const { labels, intents } = model.vocabularies;
    const [tags, strangers] = [new Set<string>(), new Set<string>()];
    let [words, sentences] = [0, 0];
    for await (const sentence of passOver(part.source)) {
      const strange = sentence.tags.filter((tag) => !labels.has(tag));
      words += strange.length;
      for (const tag of strange) tags.add(tag);
      const { intent } = sentence;
      if (!model.intentHead || intent === undefined || intents.has(intent)) continue;
      sentences++;
      strangers.add(intent);
    }
    const note = (count: number, what: string, names: Set<string>) =>
      `${count} ${what} of ${part.name} have ${what === "words" ? "tags" : "intents"} that the training data lack; they count as mistakes: ${someOf([...names])}.`;
    return [
      ...(words > 0 ? [note(words, "words", tags)] : []),
      ...(sentences > 0 ? [note(sentences, "sentences", strangers)] : []),
    ];
  },

  progress: ({ batchSize }) => ({ items: batchSize, unit: "sentence" }),

  report({ scores, details }, model) {
    const { entities, unknownWords } = details as TaggerDetails;
    const unknown = `${(100 * unknownWords).toFixed(1)} % of the words are unknown to the model`;
    return (
      (entities ? `${entityReport(entities)}\n` : "") +
      `${scoresText(model.metrics, scores)}; ${unknown}`
    );
  },

  details(evaluation) {
    const { entities, unknownWords } = (evaluation as Scores).details;
    return { unknownWords, ...(entities && { byType: entities.byType }) };
  },

  baseline({ train: { source: train } }, { source: heldOut }, model) {
    // What it counts would grow with a stream.
    if (typeof train === "function" || typeof heldOut === "function") return undefined;
    const counted = new MostFrequentTags(train);
    const scorer = new TaggerScorer(model.options.scheme !== "none");
    for (const { words, tags } of heldOut)
      scorer.add({ tags: counted.predict(words), intent: undefined }, { tags, intent: undefined });
    const { accuracy, f1 } = scorer.evaluation.scores;
    const scores = f1 === undefined ? { accuracy } : { f1, accuracy };
    return { name: "Each word's most frequent tag", scores };
  },

  predict: predictTags,
});
