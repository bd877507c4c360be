// The training of word vectors: text in, calls of the kernel out, with checkpoints between.
import { checkCall, checkCount, checkKeys } from "../core/check.js";
import { FormatError, NumericError, OptionError } from "../core/errors.js";
import { readOptions, type Settings } from "../core/options.js";
import { drawBlock, philox } from "../core/random.js";
import { turnOfOthers } from "../core/yield.js";
import { checkpointPosition, loadCheckpoint, saveCheckpoint } from "../io/checkpoint.js";
import { zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { heap } from "../wasm/backend.js";
import { i32 } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { vectorKernels } from "../wasm/vectors.js";
import { keepBounds, noiseTable } from "./chances.js";
import { tokensOf, type Corpus } from "./corpus.js";
import { WORD2VEC_FIT_OPTIONS, type Word2VecFitOptions } from "./options.js";
import { subwordRows } from "./subwords.js";
import type { Word2Vec } from "./word2vec.js";

/** Words of a call, after which the learning rate falls: as in word2vec.c. */
const TOKENS = 10_000;
/** Of the first learning rate: what is left at the end. */
const LEAST_RATE = 1e-4;

type FitSettings = Settings<
  Word2VecFitOptions,
  "learningRate" | "onProgress" | "signal" | "checkpoint"
>;

/** Where a run stands. */
interface Position {
  epoch: number;
  /** Calls of the kernel in this epoch. */
  calls: number;
  /** Words read in all. */
  words: number;
  /** Words of an epoch. */
  readonly epochWords: number;
  readonly seedLo: number;
  readonly seedHi: number;
  /** What decides the numbers: a run goes on as what it was. */
  readonly settings: string;
}

export async function trainWord2Vec(
  model: Word2Vec,
  corpus: Corpus,
  options: Word2VecFitOptions,
  counted: number | undefined,
): Promise<{ readonly words: number }> {
  const op = "Word2Vec.fit";
  const settings: FitSettings = readOptions(op, WORD2VEC_FIT_OPTIONS, options);
  const { epochs, signal, onProgress, checkpoint } = settings;
  if (signal) checkCall(op, [signal.aborted], "signal.aborted:boolean");
  if (checkpoint)
    checkKeys(op, checkpoint, "every:number save!:function resume:Uint8Array metadata:object");
  if (checkpoint?.every !== undefined) checkCount(op, "checkpoint.every", checkpoint.every);
  const isCbow = model.options.architecture === "cbow";
  const rate = settings.learningRate ?? (isCbow ? 0.05 : 0.025);
  // Tensors of a scope that the caller has open would go with it: it is closed when this goes on.
  await turnOfOthers();
  const numbers = new Map(model.words.map((word, i) => [word, i]));
  const epochWords = counted ?? (await wordsIn(op, corpus, numbers));
  const run = new KernelRun(model, settings);
  try {
    const position = begin(
      model,
      run,
      { ...settings, learningRate: rate },
      epochWords,
      checkpoint?.resume,
    );
    let saved = checkpoint?.resume ? position.words : -1;
    const save = async (): Promise<void> => {
      if (!checkpoint || saved === position.words) return;
      refuseNonFinite(model, position.words);
      const { state } = run;
      const { metadata } = checkpoint;
      const bytes = saveCheckpoint({ model, tensors: { state } }, position, { metadata });
      await checkpoint.save(bytes, position.words);
      saved = position.words;
    };
    const total = position.epochWords * epochs;
    while (position.epoch < epochs) {
      let calls = 0;
      for await (const { ids, words } of tokensOf(op, corpus, numbers, TOKENS)) {
        // What was done before the checkpoint is read again.
        if (calls++ < position.calls) continue;
        await turnOfOthers();
        if (signal?.aborted) {
          await save();
          throw signal.reason;
        }
        const learningRate = rate * Math.max(LEAST_RATE, 1 - position.words / (total + 1));
        run.call(ids, learningRate, position);
        position.words += words;
        position.calls = calls;
        onProgress?.({
          epoch: position.epoch,
          words: position.words,
          totalWords: total,
          learningRate,
        });
        if (checkpoint?.every && calls % checkpoint.every === 0) await save();
      }
      if (position.words !== position.epochWords * (position.epoch + 1))
        throw new OptionError({
          op,
          expected: `${position.epochWords} words in each pass`,
          got: `${position.words - position.epochWords * position.epoch} in pass ${position.epoch + 1}`,
          cure: "The function must open its stream anew each time, and the text must stay as it is.",
        });
      position.epoch++;
      position.calls = 0;
      refuseNonFinite(model, position.words);
      if (checkpoint && checkpoint.every === undefined) await save();
    }
    return { words: position.words };
  } finally {
    run.free();
  }
}

async function wordsIn(
  op: string,
  corpus: Corpus,
  numbers: ReadonlyMap<string, number>,
): Promise<number> {
  let count = 0;
  for await (const { words } of tokensOf(op, corpus, numbers, TOKENS)) count += words;
  if (count > 0) return count;
  throw new OptionError({ op, expected: "a text with words of the model", got: "one without" });
}

/** The start of a run, or where a checkpoint stands. */
function begin(
  model: Word2Vec,
  run: KernelRun,
  { epochs, window, negative, sample, learningRate }: FitSettings & { learningRate: number },
  epochWords: number,
  resume: Uint8Array | undefined,
): Position {
  const settings = JSON.stringify({ epochs, window, negative, sample, learningRate, epochWords });
  if (resume === undefined) {
    const [seedLo, seedHi] = philox(drawBlock(4));
    return {
      epoch: 0,
      calls: 0,
      words: 0,
      epochWords,
      seedLo: seedLo | 0,
      seedHi: seedHi | 0,
      settings,
    };
  }
  const position = Object(checkpointPosition(resume)) as Partial<Position>;
  const { epoch, calls, words, seedLo, seedHi } = position;
  if (![epoch, calls, words, seedLo, seedHi].every(Number.isSafeInteger))
    throw new FormatError({
      op: "Word2Vec.fit",
      expected: "a checkpoint that Word2Vec.fit saved",
      got: `one that stands at ${JSON.stringify(position)}`,
    });
  if (position.settings !== settings)
    throw new OptionError({
      op: "Word2Vec.fit",
      expected: `the options and the text of the run that was saved, ${position.settings}`,
      got: settings,
    });
  loadCheckpoint({ model, tensors: { state: run.state } }, resume);
  return { ...(position as Position) };
}

function refuseNonFinite({ input, output }: Word2Vec, words: number): void {
  for (const table of [input, output])
    if (trainingKernels().firstNonFinite(table.address("Word2Vec.fit"), table.size) >= 0)
      throw new NumericError({
        op: "Word2Vec.fit",
        expected: "finite vectors",
        got: `NaN or Infinity after ${words} words`,
        cure: "Try a smaller learningRate.",
      });
}

/** What the kernel works with, beside the model's tables: in blocks of the heap, as a run goes on over many turns. */
class KernelRun {
  /** The sentence that is read, and random numbers. */
  readonly state: Tensor<"int32">;
  readonly #model: Word2Vec;
  readonly #settings: FitSettings;
  readonly #blocks: Ptr[] = [];
  readonly #tokens: Ptr;
  readonly #scratch: Ptr;
  readonly #keep: Ptr;
  readonly #noise: Ptr;
  readonly #rows: Ptr = 0;
  readonly #starts: Ptr = 0;

  constructor(model: Word2Vec, settings: FitSettings) {
    this.#model = model;
    this.#settings = settings;
    const { counts, words, subwords } = model;
    const k = vectorKernels();
    this.state = zeros([k.wordStateBytes() / 4], { dtype: "int32" });
    try {
      this.#tokens = this.#block(bytesOf(TOKENS));
      this.#scratch = this.#block(k.trainWordsScratchBytes(this.#width, settings.negative));
      const { sample } = settings;
      this.#keep = sample > 0 ? this.#filled(keepBounds(counts, sample)) : 0;
      this.#noise = this.#filled(noiseTable(counts));
      if (subwords) {
        const { rows, starts } = subwordRows(words, subwords);
        this.#rows = this.#filled(rows);
        this.#starts = this.#filled(starts);
      }
    } catch (error) {
      this.free();
      throw error;
    }
  }

  call(
    ids: Int32Array,
    rate: number,
    { seedLo, seedHi }: Pick<Position, "seedLo" | "seedHi">,
  ): void {
    const op = "Word2Vec.fit";
    const { input, output, words, options } = this.#model;
    const { window, negative } = this.#settings;
    i32(this.#tokens, ids.length).set(ids);
    vectorKernels().trainWords(
      this.state.address(op),
      this.#tokens,
      ids.length,
      input.address(op),
      output.address(op),
      this.#width,
      words.length,
      this.#keep,
      this.#noise,
      this.#rows,
      this.#starts,
      this.#scratch,
      options.architecture === "cbow" ? 1 : 0,
      window,
      negative,
      rate,
      seedLo,
      seedHi,
    );
    input.storage.version++;
    output.storage.version++;
  }

  free(): void {
    this.state.dispose();
    for (const block of this.#blocks.splice(0)) heap().free(block);
  }

  get #width(): number {
    return this.#model.input.shape[1]!;
  }

  #block(bytes: number): Ptr {
    const block = heap().allocate(bytes);
    this.#blocks.push(block);
    return block;
  }

  #filled(values: Int32Array | Uint32Array): Ptr {
    const block = this.#block(values.byteLength);
    i32(block, values.length).set(values);
    return block;
  }
}
