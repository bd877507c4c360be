// Labels for the words of sentences: named entities, slots, chunks, key terms, parts of speech.
import { checkCall } from "../../core/check.js";
import { checkLike } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { cannotTrain } from "../../core/inference.js";
import { byCodePoint } from "../../core/code-points.js";
import { OptionError } from "../../core/errors.js";
import { padSequences } from "../../data/padding.js";
import type { OpenStream } from "../../data/stream-batches.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { oddTagError } from "../../metrics/scheme-survey.js";
import { parseTag, spansOf } from "../../metrics/spans.js";
import { CRF } from "../../nn/crf.js";
import { Linear } from "../../nn/linear.js";
import { LSTM } from "../../nn/lstm.js";
import { add, mul } from "../../ops/arithmetic.js";
import { poolSequence } from "../../ops/pool-sequence.js";
import { argmax } from "../../ops/reduce.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { visibleCharacters } from "../../text/blank-survey.js";
import { wordTokenize } from "../../text/words.js";
import { checkExample, counted, inPlace, type Examples } from "../../data/examples.js";
import { chosenNote, loadModel } from "../kit/model-file.js";
import { pickOptions, readOptions } from "../../core/options.js";
import {
  TaskModel,
  type BatchSize,
  type EncodedExample,
  type FitSettingsOf,
  type Logits,
  type MeanLoss,
  type TaskTypes,
} from "../kit/task-model.js";
import { readLabels } from "../parts/labels.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { fillVectors, vectorSize } from "../parts/pretrained.js";
import { checkHeads } from "../parts/check-heads.js";
import { TransformerLayers } from "../parts/transformer-layers.js";
import { WORD_ENCODER_OPTIONS, WordEncoder } from "../parts/word-encoder.js";
import { chooseFit, chooseModel } from "./defaults.js";
import { TaggerLabels } from "./labels.js";
import {
  BUILD_TAGGER_OPTIONS,
  TAGGER_FIT_OPTIONS,
  TAGGER_OPTIONS,
  taggerFromFile,
  type BuildTaggerOptions,
  type SequenceTaggerOptions,
  type SequenceTaggerSettings,
} from "./options.js";
import { taggerMetrics, TaggerScorer, type TaggerDetails, type TaggerScores } from "./scorer.js";
import { checkSentence, type Labelled, type TaggedSentence, type Tagging } from "./sentence.js";
import { SentenceCounts, type TaggerVocabularies } from "./vocabularies.js";

const NAME = "SequenceTagger";
const KIND = {
  ...{ name: NAME, kind: "sequence-tagger", version: 1, item: "sentence" },
  fitOptions: TAGGER_FIT_OPTIONS,
  chooseFit,
};

/** Share of the tagger's dropout that acts within Transformer layers, where every part drops. */
const TRANSFORMER_DROPOUT = 0.2;

type Words = readonly string[];

interface Types<Label extends string, Intent extends string> extends TaskTypes {
  Input: string | Words;
  Example: TaggedSentence<Label, Intent>;
  Encoded: Words;
  Target: TaggedSentence<Label, Intent> & Labelled<Label, Intent>;
  Finding: Labelled<Label, Intent>;
  Answer: Tagging<Label, Intent>;
  Scores: TaggerScores;
  Details: TaggerDetails;
  Extra: object;
}

/**
 * Words and their letters → bidirectional LSTM, or Transformer layers → labels, chosen together by a CRF (Huang et al. 2015;
 * Lample et al. 2016; Ma & Hovy 2016). Where sentences have an intent, it is learnt too, from the same layers (Liu & Lane 2016).
 *
 * @example
 * ```ts
 * const training = [{ words: ["Ada", "won"], tags: ["B-PER", "O"] }];
 * const tagger = SequenceTagger.build(training, { hiddenSize: 8, embeddingSize: 8 });
 * await tagger.fit(training, { epochs: 30, learningRate: 0.05 });
 * const { words, spans } = tagger.predict("Ada won");
 * words; // ["Ada", "won"]
 * console.log(spans);
 * ```
 */
export class SequenceTagger<
  Label extends string = string,
  Intent extends string = string,
> extends TaskModel<Types<Label, Intent>> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SequenceTagger";
  readonly vocabularies: TaggerVocabularies<Label, Intent>;
  readonly options: SequenceTaggerSettings;
  readonly encoder: WordEncoder;
  /** Undefined with encoder "transformer". */
  readonly lstm: LSTM | undefined;
  /** Undefined with encoder "lstm". */
  readonly transformer: TransformerLayers | undefined;
  readonly head: Linear;
  readonly crf: CRF | undefined;
  readonly intentHead: Linear | undefined;
  readonly #labels: TaggerLabels<Label>;

  constructor(
    vocabularies: TaggerVocabularies<Label, Intent>,
    options: SequenceTaggerOptions = {},
  ) {
    checkCall(NAME, arguments, "vocabularies:object options?:object");
    super();
    for (const name of ["words", "characters", "labels", "intents"] as const)
      checkLike(NAME, `a Vocabulary as vocabularies.${name}`, "encode", vocabularies[name]);
    this.options = readOptions(NAME, TAGGER_OPTIONS, options);
    const { hiddenSize, numLayers, dropout, variationalDropout, crf } = this.options;
    this.vocabularies = vocabularies;
    this.#labels = new TaggerLabels(vocabularies.labels, this.options);
    this.encoder = new WordEncoder(vocabularies, pickOptions(WORD_ENCODER_OPTIONS, this.options));
    const between = numLayers > 1 ? dropout : 0;
    const { encoder, numHeads } = this.options;
    const { outputSize } = this.encoder;
    if (encoder === "lstm" && numHeads !== undefined)
      throw new OptionError({
        op: NAME,
        expected: 'numHeads with encoder "transformer"',
        got: 'with encoder "lstm"',
      });
    if (encoder === "transformer") {
      const heads = numHeads ?? 4;
      const features = { name: "twice hiddenSize", size: 2 * hiddenSize };
      checkHeads(NAME, features, { numHeads: heads, rotary: true });
      this.transformer = new TransformerLayers(outputSize, 2 * hiddenSize, {
        ...{ numLayers, numHeads: heads, dropout: TRANSFORMER_DROPOUT * dropout },
      });
    } else
      this.lstm = new LSTM(outputSize, hiddenSize, {
        numLayers,
        bidirectional: true,
        dropout: between,
        variationalDropout: variationalDropout && between > 0,
      });
    const { inner, constraints } = this.#labels;
    this.head = new Linear(2 * hiddenSize, inner.size);
    this.crf = crf ? new CRF(inner.size, constraints && { constraints }) : undefined;
    const intents = vocabularies.intents.size;
    this.intentHead = intents > 0 ? new Linear(2 * hiddenSize, intents) : undefined;
  }

  /**
   * A tagger, not trained yet, for the words, characters, labels and intents of sentences. A promise for a function that
   * opens a stream of sentences, which is read once.
   *
   * @throws OptionError for words and tags that do not match, or a tag that is not of the others' scheme;
   *   BackendError in `hiddenstate/infer`, which does not train
   */
  static build<const Label extends string, const Intent extends string = never>(
    sentences: Iterable<TaggedSentence<Label, Intent>>,
    options?: BuildTaggerOptions,
  ): SequenceTagger<Label, Intent>;
  static build<const Label extends string, const Intent extends string = never>(
    open: OpenStream<TaggedSentence<Label, Intent>>,
    options?: BuildTaggerOptions,
  ): Promise<SequenceTagger<Label, Intent>>;
  static build<Label extends string, Intent extends string>(
    sentences: Examples<TaggedSentence<Label, Intent>>,
    given: BuildTaggerOptions = {},
  ): SequenceTagger<Label, Intent> | Promise<SequenceTagger<Label, Intent>> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "sentences options?:object");
    const read = readOptions<BuildTaggerOptions, "vectors">(op, BUILD_TAGGER_OPTIONS, given);
    const { scheme, minCount, vectors, ...settings } = read;
    const sized = vectors && { embeddingSize: vectorSize(op, vectors, given.embeddingSize) };
    const counts = new SentenceCounts<Label, Intent>(settings);
    return counted(
      { op, item: KIND.item },
      sentences,
      (sentence: TaggedSentence<Label, Intent>, place) => {
        inPlace(KIND.item, place, () => {
          checkExample(op, KIND.item, sentence);
          checkSentence(op, sentence);
        });
        counts.add(sentence);
      },
      () => {
        const settled = counts.survey.settle(scheme, ({ tag, sentence }, of) =>
          inPlace(KIND.item, sentence, () => {
            throw oddTagError(op, tag, of);
          }),
        );
        const { types, tokens } = counts;
        const chosen = { ...chooseModel({ scheme: settled, types }), ...tokens };
        const asked = scheme === "auto" ? { ...given, scheme: undefined } : given;
        const notes = chosenNote({ ...chosen, scheme: settled }, asked);
        const vocabularies = counts.vocabularies(minCount, settled, vectors?.words());
        const own = { ...settings, ...sized, ...notes.chosen, scheme: settled };
        const tagger = new SequenceTagger(vocabularies, own);
        if (vectors) fillVectors(tagger.encoder.embedding, vocabularies.words.tokens, vectors);
        tagger.notes = notes;
        return tagger;
      },
    );
  }

  /**
   * Logits of the labels of sentences, `[batch, time, labels]`; of the intents, `[batch, intents]`; and lengths.
   *
   * @param sentences split into words, none of them empty
   */
  forward(sentences: readonly Words[]): {
    emissions: Tensor;
    intents: Tensor | undefined;
    lengths: Int32Array;
  } {
    const { vectors, lengths } = this.encoder.forward(sentences);
    const read = this.#dropped(vectors);
    const output = this.lstm
      ? this.lstm.forward(read, { lengths }).output
      : this.transformer!.forward(read, lengths);
    const hidden = this.#dropped(output);
    const intents = this.intentHead?.forward(poolSequence(hidden, { mode: "max", lengths }));
    return { emissions: this.head.forward(hidden), intents, lengths };
  }

  #dropped(x: Tensor): Tensor {
    const { dropout: p, variationalDropout: locked } = this.options;
    return lockedDropout(x, p, { training: this.training, locked });
  }

  /** @internal The labels of the emissions: tags of the scheme that is learnt. */
  get emitted_(): readonly string[] {
    return this.#labels.inner.tokens;
  }

  /** The words that `predict` reads in a text. */
  wordsOf(text: string): string[] {
    checkCall(`${NAME}.wordsOf`, arguments, "text:string");
    const { tokens, wordRules: rules } = this.options;
    return tokens === "characters" ? visibleCharacters(text) : wordTokenize(text, { rules });
  }

  /**
   * The mean loss of a word's label, and that of a sentence's intent added to it: a scalar.
   *
   * @throws BackendError in `hiddenstate/infer`, which does not train
   */
  loss(sentences: readonly TaggedSentence<Label, Intent>[]): Tensor {
    if (!TRAINING) throw cannotTrain(`${NAME}.loss`);
    return this.#lossOf(sentences, 1);
  }

  /** @param intentShare what the mean of the intents counts beside that of the labels */
  #lossOf(sentences: readonly TaggedSentence<Label, Intent>[], intentShare: number): Tensor {
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
    const ofIntents = crossEntropy(intents, tensor(this.vocabularies.intents.encode(wanted)));
    return add(ofLabels, intentShare === 1 ? ofIntents : mul(ofIntents, intentShare));
  }

  /**
   * The tagger that `save` wrote.
   *
   * @param options.labels those that the program counts on, in whatever order: they are the type of what the
   *   tagger answers. Default: any
   * @throws FormatError for a file that is damaged, holds something else, or has other labels
   */
  static load<Label extends string = string>(
    bytes: Uint8Array,
    options: { labels?: readonly Label[] | undefined } = {},
  ): SequenceTagger<Label> {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array {labels:list}");
    const { labels: wanted } = options;
    const names = ["options", "words", "characters", "labels", "intents"] as const;
    return loadModel(bytes, KIND, names, ({ options: settings, ...vocabularies }) => {
      const read = (name: keyof typeof vocabularies) => Vocabulary.fromJSON(vocabularies[name]);
      const labels = readLabels(`${NAME}.load`, vocabularies.labels, wanted);
      return new SequenceTagger<Label>(
        { words: read("words"), characters: read("characters"), labels, intents: read("intents") },
        taggerFromFile(settings),
      );
    });
  }

  protected override readonly kind = KIND;
  override get metrics() {
    return taggerMetrics(this.options.scheme !== "none", this.intentHead !== undefined);
  }
  /** Types of spans. */
  protected override get singled(): readonly string[] {
    if (this.options.scheme === "none") return [];
    const types = this.vocabularies.labels.tokens.filter((tag) => tag !== "O");
    return [...new Set(types.map((tag) => tag.slice(2)))].sort(byCodePoint);
  }
  protected override f1Of(type: string, { entities }: TaggerDetails): number {
    return entities?.byType[type]?.f1 ?? 0;
  }
  /** Counts the words that are learnt from: rare ones are read as unknown at times. */
  protected override beginFit(): (one: { readonly encoded: Words }) => void {
    const count = this.encoder.countWords();
    return ({ encoded }) => count(encoded);
  }

  protected override inputOf({ words }: TaggedSentence<Label, Intent>): Words {
    return words;
  }
  protected override encodeInput(op: string, sentence: string | Words): Words {
    if (typeof sentence === "string") return this.wordsOf(sentence);
    if (Array.isArray(sentence) && sentence.every((word) => typeof word === "string"))
      return sentence;
    throw new OptionError({
      op,
      expected: "a text, or a list of words",
      got: described(sentence),
    });
  }
  protected override encodeTarget(
    op: string,
    sentence: TaggedSentence<Label, Intent>,
    words: Words,
    training: boolean,
  ): Types<Label, Intent>["Target"] {
    checkSentence(op, sentence);
    const { tags, intent } = sentence;
    if (this.options.scheme !== "none") tags.forEach((tag, t) => parseTag(op, tag, t));
    if (training) this.#labels.encode(tags);
    if (training && this.intentHead) {
      if (intent === undefined) throw new OptionError({ op, expected: "an intent", got: "none" });
      this.vocabularies.intents.encode([intent]);
    }
    return { words, tags, intent: intent };
  }
  protected override unknownIn(words: Words): number {
    const { words: known } = this.vocabularies;
    return words.filter((word) => !known.has(this.encoder.lookedUp(word))).length;
  }
  protected override lengthOf(words: Words): number {
    return words.length;
  }
  /** Its mean over words, and that over sentences as many times as it takes for both to be of the whole batch in the end. */
  protected override lossOf(
    batch: readonly EncodedExample<Types<Label, Intent>>[],
    _: FitSettingsOf<Types<Label, Intent>>,
    whole: BatchSize,
  ): MeanLoss {
    if (!TRAINING) throw cannotTrain(NAME);
    const count = batch.reduce((sum, { encoded }) => sum + encoded.length, 0);
    const intentShare = (batch.length * whole.length) / (count * whole.examples);
    return {
      loss: this.#lossOf(
        batch.map(({ target }) => target),
        intentShare,
      ),
      count,
    };
  }
  protected override get learnt(): ReadonlyMap<string, number> | undefined {
    return this.encoder.wordCounts;
  }
  protected override set learnt(counts: ReadonlyMap<string, number> | undefined) {
    this.encoder.wordCounts = counts;
  }

  protected override logitsOf(batch: readonly Words[]): Logits {
    const { emissions, intents } = this.forward(batch);
    return { emissions, intents };
  }
  protected override findingUnread({ length }: Words): Labelled<Label, Intent> | undefined {
    return length === 0 ? { tags: [], intent: undefined } : undefined;
  }
  protected override findings(
    { emissions, intents }: Logits,
    batch: readonly Words[],
  ): Labelled<Label, Intent>[] {
    const found = intents && argmax(intents, -1).data();
    return this.#tags(emissions!, batch).map((ids, row) => ({
      tags: this.#labels.decode(ids),
      intent: found && this.vocabularies.intents.token(found[row]!),
    }));
  }

  /** The ids of each row's labels. */
  #tags(emissions: Tensor, batch: readonly Words[]): ArrayLike<number>[] {
    const lengths = Int32Array.from(batch, (words) => words.length);
    if (this.crf) return this.crf.decode(emissions, { lengths }).map(({ tags }) => tags);
    const best = argmax(emissions, -1).data();
    const time = emissions.shape[1]!;
    return Array.from(lengths, (length, row) => best.subarray(row * time, row * time + length));
  }

  protected override answer({ tags, intent }: Labelled<Label, Intent>, words: Words) {
    const spans = this.options.scheme === "none" ? [] : spansOf(tags);
    return { words, tags, spans, intent };
  }
  protected override scorer(): TaggerScorer {
    const { words } = this.vocabularies;
    const isKnown = (word: string) => words.has(this.encoder.lookedUp(word));
    return new TaggerScorer(this.options.scheme, isKnown);
  }
  protected override describe() {
    return { options: this.options, ...this.vocabularies };
  }
}
