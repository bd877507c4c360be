// Captions of pictures: convolutions look, a recurrent decoder says what is there.
import { checkCall, definedOnly } from "../../core/check.js";
import { checkIterable, checkLike } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { checkOptions, readOptions } from "../../core/options.js";
import type { BatchSource } from "../../data/batches.js";
import { inPlace, type Examples, type Prepared } from "../../data/examples.js";
import type { ImageLike } from "../../data/images.js";
import type { OpenStream } from "../../data/stream-batches.js";
import type { Decoder, DecoderOptions } from "../../decode/decoder.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { tokenizerFromJSON, type Tokenizer } from "../../text/tokenizer.js";
import type { Tensor } from "../../tensor/tensor.js";
import { ExampleModel } from "../kit/example-model.js";
import type { FitOptions } from "../kit/fit-options.js";
import { loadModel } from "../kit/model-file.js";
import type { Evaluation, TrainingStatistics } from "../kit/ready-model.js";
import type {
  EncodedExample,
  FitSettingsOf,
  MeanLoss,
  Scoring,
  TaskTypes,
} from "../kit/task-types.js";
import { ImageInput, type ImageReading } from "../parts/image-input.js";
import type { Asked } from "../seq2seq/asked.js";
import type { Written } from "../seq2seq/example.js";
import { checkPlacement } from "../seq2seq/check-together.js";
import { findingsOf, type Finding } from "../seq2seq/findings.js";
import { begun, forced, type WritingParts } from "../seq2seq/parts.js";
import { RecurrentWriter } from "../seq2seq/recurrent-writer.js";
import { searchSettings, WRITING_KEYS, type SearchSettings } from "../seq2seq/search-options.js";
import { Side } from "../seq2seq/side.js";
import { decoderOf, writeTexts } from "../seq2seq/write.js";
import { chooseFit } from "./defaults.js";
import {
  captionsOf,
  type AttendedCaptionPrediction,
  type Caption,
  type CaptionExample,
  type CaptionPrediction,
} from "./example.js";
import { foundIn } from "./found-in.js";
import { gridOf, ImageEncoder } from "./image-encoder.js";
import {
  CAPTIONER_FIT_OPTIONS,
  CAPTIONER_OPTIONS,
  CAPTION_PREDICT_OPTIONS,
  type BuildCaptionerOptions,
  type CaptionerFitExtra,
  type CaptionerOptions,
  type CaptionerSettings,
  type CaptionPredictOptions,
  type CaptionSearchOptions,
} from "./options.js";
import {
  CaptionScorer,
  CAPTION_METRICS,
  type CaptionDetails,
  type CaptionScores,
  type CaptionTarget,
} from "./scorer.js";

const NAME = "Captioner";
const KIND = {
  ...{ name: NAME, kind: "captioner", version: 1, item: "picture" },
  fitOptions: CAPTIONER_FIT_OPTIONS,
};

interface Types extends TaskTypes {
  Input: ImageLike;
  Example: CaptionExample;
  /** Pixels as the encoder reads them. */
  Encoded: Uint8Array;
  Target: CaptionTarget;
  Finding: Finding;
  Answer: CaptionPrediction;
  Scores: CaptionScores;
  Details: CaptionDetails;
  Extra: CaptionerFitExtra;
}

const PREDICT_KEYS = `${WRITING_KEYS} alternatives:number attention:boolean`;

/**
 * Captions of pictures (Vinyals et al. 2015; Xu et al. 2015): convolutions with residual blocks look at a picture, a recurrent
 * decoder writes token by token and looks at its places as it does. Decoder, tokens, search and scores are those of `Seq2Seq`.
 *
 * @example
 * ```ts
 * const square = (value: number) => ({ data: new Uint8Array(64).fill(value), width: 8, height: 8 });
 * const examples = [
 *   { image: square(0), text: "it is dark" },
 *   { image: square(255), text: "it is bright" },
 * ];
 * const model = Captioner.build(examples, { channels: [4], hiddenSize: 16, minCount: 1 });
 * await model.fit(examples, { epochs: 20, learningRate: 0.02 });
 * console.log(model.predict(square(250)).text);
 * ```
 */
export class Captioner extends ExampleModel<Types> implements WritingParts<Uint8Array> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = NAME;
  readonly options: CaptionerSettings;
  /** How pictures are read. */
  readonly reading: ImageReading;
  /** What captions are made of. */
  readonly target: Side;
  readonly encoder: ImageEncoder;
  readonly writer: RecurrentWriter;
  readonly #input: ImageInput;
  /** Validation pictures that captions are written for in a training. */
  #decodedExamples = Infinity;

  /**
   * From its parts; `build` finds them in examples.
   *
   * @throws OptionError for options that do not fit together
   */
  constructor(tokenizer: Tokenizer, reading: ImageReading, options: CaptionerOptions = {}) {
    checkCall(NAME, arguments, "tokenizer:object reading:object options?:object");
    super();
    checkLike(NAME, "a tokenizer", "decoder", tokenizer);
    this.options = settingsOf(options);
    this.#input = new ImageInput(NAME, reading);
    this.reading = reading;
    checkStages(reading, this.options);
    this.target = new Side(tokenizer, this.options.lowercase);
    this.encoder = new ImageEncoder(this.#input, this.options);
    this.writer = new RecurrentWriter(this.target, this.encoder, {
      ...this.options,
      ...({ peeky: false, residual: false, tieEmbeddings: "target", bridge: "bridge" } as const),
    });
  }

  /**
   * A model, not trained yet, for pictures and the tokens of their captions. A promise for a function that opens a stream of
   * examples, which is read once.
   *
   * @throws OptionError for no example, one without picture or text, or options that nothing would read; BackendError in
   *   `hiddenstate/infer`, which does not train
   */
  static build(examples: Iterable<CaptionExample>, options?: BuildCaptionerOptions): Captioner;
  static build(
    open: OpenStream<CaptionExample>,
    options?: BuildCaptionerOptions,
  ): Promise<Captioner>;
  static build(
    examples: Examples<CaptionExample>,
    options: BuildCaptionerOptions = {},
  ): Captioner | Promise<Captioner> {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "examples options?:object");
    return foundIn({ op, item: KIND.item }, examples, options, (found) => {
      const model = new Captioner(found.tokenizer, found.reading, found.own);
      model.notes = found.notes;
      return model;
    });
  }

  /**
   * The model that `save` wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): Captioner {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array");
    return loadModel(
      bytes,
      { ...KIND },
      ["target", "reading", "options"],
      ({ target, reading, options }) =>
        new Captioner(
          tokenizerFromJSON(target),
          reading as ImageReading,
          options as CaptionerOptions,
        ),
    );
  }

  protected override get kind() {
    const characters = this.target.tokenizer instanceof CharTokenizer;
    return {
      ...KIND,
      chooseFit: (data: TrainingStatistics, given: FitOptions<CaptionScores> & CaptionerFitExtra) =>
        chooseFit(data, given, { characters }),
    };
  }
  override readonly metrics = CAPTION_METRICS;

  /**
   * Logits `[tokens, vocabulary]` of the tokens of captions, one caption after another, each token after the right ones before
   * it.
   *
   * @param images `[height, width, channels]` each, as the model reads them
   * @param captions ids of their tokens, as `target` makes them
   */
  forward(images: readonly Uint8Array[], captions: readonly Int32Array[]): Tensor {
    return forced(this, begun(this, images), captions).logits;
  }

  protected override inputOf({ image }: CaptionExample): ImageLike {
    return image;
  }
  protected override encodeInput(op: string, image: ImageLike): Uint8Array {
    return this.#input.encode(op, image);
  }
  protected override encodeTarget(op: string, example: CaptionExample): CaptionTarget {
    const texts = captionsOf(op, example).map((text) => this.target.read(op, "target", text));
    return { texts, ids: texts.map((text) => this.target.encode(text)) };
  }
  /**
   * Pictures are of one size, and batches go by nothing else: with captions of one length in each, pictures would be as
   * alike in a batch as their captions, and batch normalization would learn by other statistics than it keeps.
   */
  protected override lengthOf(): number {
    return 1;
  }

  protected override batchesOf(
    op: string,
    examples: Prepared<EncodedExample<Types>>,
    settings: FitSettingsOf<Types>,
  ): BatchSource<EncodedExample<Types>[]> {
    this.#decodedExamples = settings.decodedExamples!;
    return super.batchesOf(op, examples, settings);
  }

  /** A picture is looked at once for all of its captions. */
  protected override lossOf(
    batch: readonly EncodedExample<Types>[],
    { labelSmoothing }: FitSettingsOf<Types>,
  ): MeanLoss {
    const rows = batch.flatMap(({ target }, i) => target.ids.map(() => i));
    const images = batch.map(({ encoded }) => encoded);
    const several = rows.length > batch.length;
    const begin = begun(this, images, several ? Int32Array.from(rows) : undefined);
    const { logits, tokens } = forced(
      this,
      begin,
      batch.flatMap(({ target }) => target.ids),
    );
    const loss = crossEntropy(logits, tokens, definedOnly({ labelSmoothing }));
    return { loss, count: tokens.size };
  }

  protected override scoring(op: string, fitting: boolean): Scoring<Types> {
    const greedy = searchSettings(op, { beams: 1 }, false);
    return this.#scoring(op, greedy, fitting ? this.#decodedExamples : Infinity);
  }

  #scoring(op: string, settings: SearchSettings, most: number): Scoring<Types> {
    return {
      scorer: new CaptionScorer(),
      find: (batch, places) => {
        const judged = batch.map(({ encoded, target }) => ({
          asked: this.#asked(encoded),
          targets: target.ids,
        }));
        return findingsOf(op, this, judged, (i) => places[i]! < most, settings);
      },
    };
  }

  /**
   * Scores the model on pictures, without dropout.
   *
   * @param options how captions are searched for, as for {@link predict}, but with one beam by default
   * @throws OptionError for no picture, or one that it cannot be measured by, with its place
   */
  override async evaluate(
    examples: Examples<CaptionExample>,
    options: CaptionSearchOptions = {},
  ): Promise<Evaluation<CaptionScores, CaptionDetails>> {
    const op = `${NAME}.evaluate`;
    checkCall(op, arguments, `examples {${WRITING_KEYS}}`);
    const settings = this.#settings(op, { beams: 1, ...definedOnly(options) });
    return this.evaluate_(op, examples, this.#scoring(op, settings, Infinity));
  }

  /**
   * What the model says of a picture: by beam search, the caption that is the most probable, by the mean of its tokens, of those
   * that the search finds.
   *
   * @throws OptionError for what is no picture, or options that make no sense; NumericError where its weights are not finite
   */
  predict(
    image: ImageLike,
    options: CaptionPredictOptions & { attention: true },
  ): AttendedCaptionPrediction;
  predict(image: ImageLike, options?: CaptionPredictOptions): CaptionPrediction;
  predict(image: ImageLike, options: CaptionPredictOptions = {}): CaptionPrediction {
    const op = `${NAME}.predict`;
    checkCall(op, arguments, `image:object {${PREDICT_KEYS}}`);
    return this.#predict(op, [this.encodeInput(op, image)], options)[0]!;
  }

  /** What the model says of pictures, in their order: faster than one by one. */
  predictBatch(
    images: Iterable<ImageLike>,
    options: CaptionPredictOptions & { attention: true },
  ): AttendedCaptionPrediction[];
  predictBatch(images: Iterable<ImageLike>, options?: CaptionPredictOptions): CaptionPrediction[];
  predictBatch(
    images: Iterable<ImageLike>,
    options: CaptionPredictOptions = {},
  ): CaptionPrediction[] {
    const op = `${NAME}.predictBatch`;
    checkCall(op, arguments, `images {${PREDICT_KEYS}}`);
    checkIterable(op, "a list of pictures", images);
    const read = Array.from(images, (image, place) =>
      inPlace(KIND.item, place, () => this.encodeInput(op, image)),
    );
    return this.#predict(op, read, options);
  }

  #predict(
    op: string,
    images: readonly Uint8Array[],
    options: CaptionPredictOptions,
  ): CaptionPrediction[] {
    const settings = this.#settings(op, options);
    const asked = images.map((image) => this.#asked(image));
    return writeTexts(op, this, asked, settings).map((found, i) => {
      const alternatives = found.map((one) => this.#captionOf(one, images[i]!));
      return { ...alternatives[0]!, alternatives };
    });
  }

  #settings(op: string, options: CaptionPredictOptions): SearchSettings {
    checkOptions(op, CAPTION_PREDICT_OPTIONS, options);
    return searchSettings(op, options, this.options.attention !== "none");
  }

  #asked(source: Uint8Array): Asked<Uint8Array> {
    const longest = this.options.captionLength;
    return { source, length: 1, longest, most: Infinity, places: () => [], reversed: false };
  }

  #captionOf({ attention, ...written }: Written, data: Uint8Array): Caption {
    const { width, height } = this.reading;
    const { rows, columns } = this.encoder;
    return {
      ...written,
      attention: attention && {
        ...{ tokens: attention.target, weights: attention.weights },
        ...{ image: { data, width, height }, rows, columns },
      },
    };
  }

  /**
   * The model as a writer about pictures, for `greedy`, `sample` and `beamSearch` of `hiddenstate/decode`: a row for each
   * picture. Ids are those of `target`, whose `end` both begins and ends a caption. The encoder runs once; dispose of it.
   */
  decoder(images: readonly ImageLike[], options: DecoderOptions = {}): Decoder {
    const op = `${NAME}.decoder`;
    checkCall(op, arguments, "images:list {rows:number capacity:number}");
    if (images.length === 0) throw new OptionError({ op, expected: "a picture", got: "none" });
    const read = images.map((image) => this.encodeInput(op, image));
    return decoderOf(op, this, read, options);
  }

  protected override describe() {
    return { target: this.target.tokenizer, reading: this.reading, options: this.options };
  }
}

function settingsOf(given: CaptionerOptions): CaptionerSettings {
  const settings = readOptions<CaptionerOptions, "placement">(NAME, CAPTIONER_OPTIONS, given);
  checkPlacement(settings, (expected, got) => {
    throw new OptionError({ op: NAME, expected, got });
  });
  return settings;
}

/** Refuses more stages than a picture can be halved. */
function checkStages({ width, height }: ImageReading, { channels }: CaptionerSettings): void {
  const { rows, columns } = gridOf({ width, height }, channels.length);
  if (rows > 0 && columns > 0) return;
  const least = 1 << channels.length;
  throw new OptionError({
    op: NAME,
    expected: `pictures of at least ${least} × ${least} pixels for ${channels.length} stages`,
    got: `${width} × ${height}`,
    cure: "Give fewer channels, or a larger width and height.",
  });
}
