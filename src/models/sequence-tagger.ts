// Labels for the words of sentences: named entities, slots, chunks, key terms, parts of speech.
import { cannotTrain } from "../core/inference.js";
import { checkProbability, refuseUnknown } from "../core/check.js";
import { batches } from "../data/batches.js";
import { padSequences } from "../data/padding.js";
import type { OpenStream } from "../data/stream-batches.js";
import { crossEntropy } from "../losses/cross-entropy.js";
import { spansOf } from "../metrics/spans.js";
import { CRF } from "../nn/crf.js";
import { Linear } from "../nn/linear.js";
import { LSTM } from "../nn/lstm.js";
import { Module } from "../nn/module.js";
import { add } from "../ops/arithmetic.js";
import { poolSequence } from "../ops/pool-sequence.js";
import { argmax } from "../ops/reduce.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { Vocabulary } from "../text/vocabulary.js";
import { wordTokenize } from "../text/words.js";
import { goThrough, type Examples } from "./examples.js";
import { fitTagger, type TaggerFitOptions, type TaggerFitResult } from "./fit-tagger.js";
import { inEvaluation } from "./in-evaluation.js";
import { lockedDropout } from "./locked-dropout.js";
import { loadModel, saveModel, type ModelKind } from "./model-file.js";
import { readLabels } from "./read-labels.js";
import { TaggerLabels } from "./tagger/labels.js";
import {
  TAGGER_DEFAULTS,
  type BuildTaggerOptions,
  type SequenceTaggerOptions,
} from "./tagger/options.js";
import { TaggerScorer, type TaggerScores } from "./tagger/scores.js";
import {
  checkSentence,
  noSentences,
  type TaggedSentence,
  type Tagging,
} from "./tagger/sentence.js";
import { SentenceCounts, type TaggerVocabularies } from "./tagger/vocabularies.js";
import {
  WORD_ENCODER_DEFAULTS,
  WordEncoder,
  type WordEncoderOptions,
} from "./tagger/word-encoder.js";

const KIND: ModelKind = { name: "SequenceTagger", kind: "sequence-tagger", version: 1 };

/** Sentences that are tagged at once. */
const PREDICTION_BATCH = 64;

/**
 * Words and their letters → bidirectional LSTM → labels, chosen together by a CRF (Huang et al. 2015; Lample et al.
 * 2016; Ma & Hovy 2016). Where sentences have an intent, it is learned beside from the same LSTM (Liu & Lane
 * 2016).
 *
 * ```ts
 * const tagger = SequenceTagger.forSentences(training, { scheme: "IOB2", encoding: "BIOES" });
 * await tagger.fit(training, { validation, epochs: 20, metric: "f1" });
 * tagger.predict("Ada Lovelace lived in London.").spans;
 * ```
 */
export class SequenceTagger<
  Label extends string = string,
  Intent extends string = string,
> extends Module {
  readonly vocabularies: TaggerVocabularies<Label, Intent>;
  readonly options: Readonly<Required<SequenceTaggerOptions>>;
  readonly encoder: WordEncoder;
  readonly lstm: LSTM;
  readonly head: Linear;
  readonly crf: CRF | undefined;
  readonly intentHead: Linear | undefined;
  readonly #labels: TaggerLabels<Label>;

  constructor(
    vocabularies: TaggerVocabularies<Label, Intent>,
    options: SequenceTaggerOptions = {},
  ) {
    super();
    refuseUnknown("SequenceTagger", options, Object.keys(TAGGER_DEFAULTS));
    const { scheme = null, encoding = scheme } = options;
    const all = { ...TAGGER_DEFAULTS, ...options, scheme, encoding };
    const { hiddenSize, numLayers, dropout, variationalDropout } = all;
    checkProbability("SequenceTagger", dropout);
    this.vocabularies = vocabularies;
    this.options = all;
    this.#labels = new TaggerLabels(vocabularies.labels, all);
    this.encoder = new WordEncoder(vocabularies, pick(all, Object.keys(WORD_ENCODER_DEFAULTS)));
    const between = numLayers > 1 ? dropout : 0;
    this.lstm = new LSTM(this.encoder.outputSize, hiddenSize, {
      numLayers,
      bidirectional: true,
      dropout: between,
      variationalDropout: variationalDropout && between > 0,
    });
    const { inner, constraints } = this.#labels;
    this.head = new Linear(2 * hiddenSize, inner.size);
    this.crf = all.crf ? new CRF(inner.size, constraints && { constraints }) : undefined;
    const intents = vocabularies.intents.size;
    this.intentHead = intents > 0 ? new Linear(2 * hiddenSize, intents) : undefined;
  }

  /**
   * A tagger, not trained yet, for the words, characters, labels and intents of sentences. Of a function that opens a
   * stream of sentences, in one pass, a promise.
   */
  static forSentences<const Label extends string, const Intent extends string = never>(
    sentences: Iterable<TaggedSentence<Label, Intent>>,
    options?: BuildTaggerOptions,
  ): SequenceTagger<Label, Intent>;
  static forSentences<const Label extends string, const Intent extends string = never>(
    open: OpenStream<TaggedSentence<Label, Intent>>,
    options?: BuildTaggerOptions,
  ): Promise<SequenceTagger<Label, Intent>>;
  static forSentences<Label extends string, Intent extends string>(
    sentences: Examples<TaggedSentence<Label, Intent>>,
    options?: BuildTaggerOptions,
  ): SequenceTagger<Label, Intent> | Promise<SequenceTagger<Label, Intent>>;
  static forSentences<Label extends string, Intent extends string>(
    sentences: Examples<TaggedSentence<Label, Intent>>,
    { minCount = 1, ...options }: BuildTaggerOptions = {},
  ): SequenceTagger<Label, Intent> | Promise<SequenceTagger<Label, Intent>> {
    const encoding = pick({ ...TAGGER_DEFAULTS, ...options }, Object.keys(WORD_ENCODER_DEFAULTS));
    const counts = new SentenceCounts<Label, Intent>(encoding, options.scheme ?? null);
    return goThrough(
      sentences,
      (some) => some.forEach((sentence) => counts.add(sentence)),
      () => new SequenceTagger(counts.vocabularies(minCount), options),
    );
  }

  /**
   * Scores of the labels of sentences, `[batch, time, labels]`; of the intents, `[batch, intents]`; and lengths.
   *
   * @param sentences cut into words, none of them empty
   */
  forward(sentences: readonly (readonly string[])[]): {
    emissions: Tensor;
    intents: Tensor | undefined;
    lengths: Int32Array;
  } {
    const { vectors, lengths } = this.encoder.forward(sentences);
    const { output } = this.lstm.forward(this.#dropped(vectors), { lengths });
    const hidden = this.#dropped(output);
    const intents = this.intentHead?.forward(poolSequence(hidden, { mode: "max", lengths }));
    return { emissions: this.head.forward(hidden), intents, lengths };
  }

  #dropped(x: Tensor): Tensor {
    const { dropout: p, variationalDropout: locked } = this.options;
    return lockedDropout(x, p, { training: this.training, locked });
  }

  /**
   * The mean loss of a word's label, and that of a sentence's intent added to it: a scalar.
   *
   * @throws BackendError in `hiddenstate/infer`, which does not train
   */
  loss(sentences: readonly TaggedSentence<Label, Intent>[]): Tensor {
    if (!TRAINING) throw cannotTrain("SequenceTagger.loss");
    const { emissions, intents, lengths } = this.forward(sentences.map(({ words }) => words));
    const targets = padSequences(
      sentences.map(({ tags }) => this.#labels.encode(tags)),
      { padding: -100 },
    );
    const target = tensor(targets.ids, { shape: targets.shape });
    const ofLabels = this.crf
      ? this.crf.loss(emissions, target, { lengths, reduction: "tokenMean" })
      : crossEntropy(emissions, target);
    if (!intents) return ofLabels;
    const wanted = sentences.map(({ intent }) => intent!);
    return add(ofLabels, crossEntropy(intents, tensor(this.vocabularies.intents.encode(wanted))));
  }

  /**
   * Trains on sentences; in the end the tagger has the best weights. The program's generator (`manualSeed`) decides
   * the first weights, the order of the sentences, and what dropout drops.
   *
   * @param sentences a list; or a function that opens a stream of them, for files of any size: once to check and count
   *   them, then once an epoch, in which `bufferSize` of them are held and shuffled together
   * @throws OptionError for a sentence whose words and tags do not match, with its place, where there is none, and where
   *   a stream has not as many each time; IndexError for a label that the tagger does not have; NumericError when
   *   the loss is no longer finite; the signal's reason when the signal aborts; BackendError in `hiddenstate/infer`,
   *   which does not train
   */
  fit(
    sentences: Examples<TaggedSentence<Label, Intent>>,
    options: TaggerFitOptions<Label, Intent> = {},
  ): Promise<TaggerFitResult> {
    if (!TRAINING) throw cannotTrain("SequenceTagger.fit");
    return fitTagger(this, sentences, options);
  }

  /**
   * How good the tagger is on sentences. Of a function that opens a stream of them, a promise.
   *
   * @throws OptionError for no sentence, or one whose words and tags do not match, with its place
   */
  evaluate(sentences: Iterable<TaggedSentence<Label, Intent>>): TaggerScores;
  evaluate(open: OpenStream<TaggedSentence<Label, Intent>>): Promise<TaggerScores>;
  evaluate(
    sentences: Examples<TaggedSentence<Label, Intent>>,
  ): TaggerScores | Promise<TaggerScores>;
  evaluate(
    sentences: Examples<TaggedSentence<Label, Intent>>,
  ): TaggerScores | Promise<TaggerScores> {
    return this.score("SequenceTagger.evaluate", sentences, ({ scores }) => scores);
  }

  /** @internal What a scorer says of the tagger on sentences. */
  score<Outcome>(
    op: string,
    sentences: Examples<TaggedSentence<Label, Intent>>,
    outcome: (scorer: TaggerScorer) => Outcome,
  ): Outcome | Promise<Outcome> {
    const scorer = new TaggerScorer(this.options.scheme !== null);
    const withIntents = this.intentHead !== undefined;
    return goThrough(
      sentences,
      (some) => {
        some.forEach((one, i) => checkSentence(op, one, scorer.sentences + i, withIntents));
        const said = this.predictBatch(some.map(({ words }) => words));
        some.forEach((one, i) => scorer.add(said[i]!, one));
      },
      () => {
        if (scorer.sentences === 0) throw noSentences(op);
        return outcome(scorer);
      },
    );
  }

  /** The labels of one sentence: a text, cut into words as `wordTokenize` does, or a list of words. */
  predict(sentence: string | readonly string[]): Tagging<Label, Intent> {
    return this.predictBatch([sentence])[0]!;
  }

  /** The labels of many sentences, in their order; faster than one by one. */
  predictBatch(sentences: Iterable<string | readonly string[]>): Tagging<Label, Intent>[] {
    const split = Array.from(sentences, (one) =>
      typeof one === "string" ? wordTokenize(one) : one,
    );
    const said = new Array<Tagging<Label, Intent>>(split.length);
    const some = [...split.keys()].filter((i) => split[i]!.length > 0);
    const order = batches(some, {
      batchSize: PREDICTION_BATCH,
      bucketBy: (i) => split[i]!.length,
    });
    split.forEach((words, i) => (said[i] = { words, tags: [], spans: [], intent: undefined }));
    inEvaluation(this, () => {
      for (const batch of order) {
        const { tags, intents } = scope(() => this.#label(batch.map((i) => split[i]!)));
        batch.forEach((i, row) => (said[i] = this.#tagging(split[i]!, tags[row]!, intents?.[row])));
      }
    });
    return said;
  }

  /** Ids of labels and intents. */
  #label(sentences: readonly (readonly string[])[]): {
    tags: ArrayLike<number>[];
    intents: Int32Array | undefined;
  } {
    const { emissions, intents, lengths } = this.forward(sentences);
    const said = intents && argmax(intents, -1).data();
    if (this.crf) {
      const paths = this.crf.decode(emissions, { lengths });
      return { tags: paths.map(({ tags }) => tags), intents: said };
    }
    const best = argmax(emissions, -1).data();
    const time = emissions.shape[1]!;
    const tags = Array.from(lengths, (length, row) =>
      best.subarray(row * time, row * time + length),
    );
    return { tags, intents: said };
  }

  #tagging(
    words: readonly string[],
    ids: ArrayLike<number>,
    intent: number | undefined,
  ): Tagging<Label, Intent> {
    const tags = this.#labels.decode(ids);
    return {
      words,
      tags,
      spans: this.options.scheme === null ? [] : spansOf(tags),
      intent: intent === undefined ? undefined : this.vocabularies.intents.token(intent),
    };
  }

  /** The tagger in one safetensors file. */
  save(): Uint8Array<ArrayBuffer> {
    const { words, characters, labels, intents } = this.vocabularies;
    return saveModel(this, KIND, { options: this.options, words, characters, labels, intents });
  }

  /**
   * The tagger that {@link save} wrote.
   *
   * @param options.labels those that the program counts on, in whatever order: they are the type of what the
   *   tagger says. Default: any
   * @throws FormatError for a file that is damaged, holds something else, or has other labels
   */
  static load<Label extends string = string>(
    bytes: Uint8Array,
    { labels: wanted }: { labels?: readonly Label[] } = {},
  ): SequenceTagger<Label> {
    const names = ["options", "words", "characters", "labels", "intents"] as const;
    return loadModel(bytes, KIND, names, ({ options, ...vocabularies }) => {
      const read = (name: keyof typeof vocabularies) => Vocabulary.fromJSON(vocabularies[name]);
      const labels = readLabels("SequenceTagger.load", vocabularies.labels, wanted);
      return new SequenceTagger<Label>(
        { words: read("words"), characters: read("characters"), labels, intents: read("intents") },
        options as SequenceTaggerOptions,
      );
    });
  }
}

function pick<T extends object>(from: T, names: readonly string[]): Required<WordEncoderOptions> {
  return Object.fromEntries(
    Object.entries(from).filter(([name]) => names.includes(name)),
  ) as unknown as Required<WordEncoderOptions>;
}
