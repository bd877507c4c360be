// Networks of ready models as ONNX files: what ONNX Runtime gives for them, and the file read back, is what the model gives.
import { describe, expect, it } from "vitest";
import { manualSeed, scope, tensor, type Module, type Tensor } from "../../src/index.js";
import * as models from "../../src/models/index.js";
import { describeOnnx, toOnnx } from "../../src/onnx/index.js";
import { padCharacters } from "../../src/data/characters.js";
import { wordShape } from "../../src/text/word-shape.js";
import { ids, list, numbers, type Given } from "./ort.js";
import { expectWritten } from "./written.js";

describe("taggers", () => {
  const training = [
    { words: ["Ada", "won", "9"], tags: ["B-PER", "O", "O"], intent: "news" },
    { words: ["In", "New", "York"], tags: ["O", "B-LOC", "I-LOC"], intent: "place" },
  ];
  const sentences = [
    ["Ada", "In", "York", "unseen"],
    ["won", "New"],
  ];
  it.each<models.BuildTaggerOptions>([
    { hiddenSize: 6, characterSize: 8 },
    { hiddenSize: 6, characters: "lstm", characterSize: 8, shapeSize: 4, trainingScheme: "BIOES" },
    { encoder: "transformer", hiddenSize: 8, numHeads: 2, characters: "none" },
    { hiddenSize: 6, crf: false },
  ])("SequenceTagger %o", async (options) => {
    manualSeed(1);
    const tagger = models.SequenceTagger.build(training, { embeddingSize: 5, ...options });
    const { words, characters } = tagger.vocabularies;
    const padded = (rows: number[][], time: number): Given => ({
      shape: [rows.length, time],
      data: Int32Array.from(
        rows.flatMap((row) => [...row, ...Array<number>(time - row.length).fill(0)]),
      ),
    });
    const given: Record<string, Given> = {
      words: padded(
        sentences.map((each) => each.map((word) => words.id(tagger.encoder.lookedUp(word)))),
        4,
      ),
      lengths: list(4, 2),
    };
    if (tagger.encoder.characters) {
      const all = sentences.flatMap((each) => [
        ...each,
        ...Array<string>(4 - each.length).fill("x"),
      ]);
      const letters = padCharacters(all, characters, { maxCharacters: 20 });
      given["characters"] = { shape: [2, 4, letters.shape[1]], data: letters.ids };
      given["character_lengths"] = { shape: [2, 4], data: letters.lengths };
    }
    if (tagger.encoder.shapes)
      given["shapes"] = padded(
        sentences.map((each) => each.map(wordShape)),
        4,
      );
    const { crf } = tagger;
    await expectWritten(
      tagger,
      {},
      given,
      () => {
        const { emissions, intents } = tagger.forward(sentences);
        const all = crf?.weights_();
        const tags = crf?.numTags ?? 0;
        return {
          emissions,
          intents: intents!,
          ...(all && {
            transitions: all.slice(0, 0, tags),
            start_transitions: all.slice(0, tags, tags + 1).reshape([tags]),
            end_transitions: all.slice(0, tags + 1, tags + 2).reshape([tags]),
          }),
        };
      },
      // What stands past a length is whatever it is.
      { emissions: (row, step) => step < sentences[row]!.length },
    );
    const { labels, intents } = Object.fromEntries(describeOnnx(toOnnx(tagger)).metadata);
    expect(JSON.parse(labels!)).toContain(options.trainingScheme ? "S-PER" : "B-PER");
    expect(JSON.parse(intents!)).toEqual(["news", "place"]);
  });
});

describe("vectors", () => {
  it.each<models.BuildSiameseOptions<string>>([
    { encoder: "mean", outputSize: 4 },
    { encoder: "recurrent", hiddenSize: 6, outputSize: 0 },
  ])("SiameseNetwork %o", async (options) => {
    manualSeed(1);
    const pairs = [
      { a: "how old are you", b: "what is your age" },
      { a: "where do you live", b: "what is your address" },
    ];
    const model = models.SiameseNetwork.build(pairs, options);
    const vocabulary = (model.input as unknown as models.TextInput).tokenizer.size;
    const [read, lengths] = [ids(vocabulary, 2, 5), [5, 3]];
    await expectWritten(model, {}, { ids: read, lengths: list(...lengths) }, () => ({
      vector: model.forward(
        lengths.map((n, row) => (read.data as Int32Array).slice(row * 5, row * 5 + n)),
      ),
    }));
  });

  it.each([
    { cell: "lstm", numLayers: 2 },
    { cell: "gru", bidirectional: true },
  ] as const)("SequenceAutoencoder %o", async (options) => {
    manualSeed(1);
    const examples = [0, 1, 2].map((k) => ({
      input: Array.from({ length: 6 }, (_, i) => [((7 * i + k) % 5) + k, i / 9]),
    }));
    const model = models.SequenceAutoencoder.build(examples, {
      ...{ hiddenSize: 6, outputSize: 3 },
      ...options,
    });
    const x = numbers(2, 7, 2);
    const lengths = [7, 4];
    const rows = lengths.map((n, row) =>
      (x.data as Float32Array).slice(row * 14, row * 14 + 2 * n),
    );
    await expectWritten(
      model,
      {},
      { x, lengths: list(...lengths) },
      () => {
        const vectors = model.encodeBatch(rows);
        const { out } = model.forward(rows);
        return {
          vector: tensor(vectors.map((each) => [...each])),
          reconstruction: model.input.unscaled(out),
        };
      },
      { reconstruction: (row, step) => step < lengths[row]! },
    );
  });
});

describe("forecasts", () => {
  const series = (covariates: boolean) => [
    {
      values: Array.from({ length: 80 }, (_, i) => ((7 * i) % 12) + 10),
      ...(covariates && {
        covariates: Array.from({ length: 84 }, (_, i) => [i % 7, Number(i % 3 === 0)]),
      }),
    },
  ];
  it.each([
    [false, { head: "direct" }],
    [true, { head: "direct" }],
    [false, { head: "seq2seq" }],
    [true, { head: "seq2seq", cell: "lstm" }],
    [true, { head: "recursive", output: "gaussian" }],
  ] as const)("SeriesForecaster, covariates %o, %o", async (covariates, options) => {
    manualSeed(1);
    const model = models.SeriesForecaster.build(series(covariates), {
      ...{ horizon: 4, hiddenSize: 8 },
      ...options,
    });
    const network = model.network as unknown as Module & {
      recurrent: { inputSize: number };
      forward(x: Tensor, ahead: Tensor | undefined): Tensor;
    };
    const horizon = options.head === "recursive" ? 1 : 4;
    const given: Record<string, Given> = { x: numbers(2, 9, network.recurrent.inputSize) };
    if (covariates) {
      const [known] = describeOnnx(toOnnx(model)).inputs.slice(1);
      given["ahead"] = numbers(2, 9, horizon, known!.axes![3] as number);
    }
    await expectWritten(model, {}, given, ({ x, ahead }) => {
      const said = network.forward(x!, ahead);
      return { said: said.reshape([2, 9, said.size / 18]) };
    });
  });
});

describe("models of two graphs", () => {
  const pairs = [
    { source: "a b c", target: "c b a" },
    { source: "b d", target: "d b" },
  ];
  const base = { embeddingSize: 6, hiddenSize: 8, source: "words", target: "words" } as const;
  const transformer = { ...base, architecture: "transformer", numHeads: 2, numLayers: 2 } as const;

  /** Runs the encoder of a model, and gives what it made, by names. */
  async function encodedBy(
    model: Module,
    given: Record<string, Given>,
    own: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
  ): Promise<Record<string, Given>> {
    const made = await expectWritten(model, { part: "encoder" }, given, own);
    return Object.fromEntries(
      Object.entries(made).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float32Array.from(data) },
      ]),
    );
  }

  it.each<models.BuildSeq2SeqOptions>([
    base,
    {
      ...base,
      cell: "gru",
      attention: "additive",
      placement: "output",
      numLayers: 2,
      residual: true,
    },
    { ...base, attention: "scaledDot", placement: "gnmt", numLayers: 3, tieEmbeddings: "none" },
    { ...base, attention: "none", peeky: true, bridge: "copy" },
    { ...base, attention: "dot", bridge: "zeros", bidirectional: false, reverseSource: true },
  ])("Seq2Seq, recurrent %o", async (options) => {
    manualSeed(1);
    const model = models.Seq2Seq.build(pairs, { ...options }).eval();
    const { writer, encoder } = model;
    const recurrent = (writer as { recurrent?: { cell: string } }).recurrent!;
    const sources = pairs.map(({ source }) => model.source.encode(source));
    const longest = Math.max(...sources.map(({ length }) => length));
    const padded = Int32Array.from(
      sources.flatMap((each) => [...each, ...Array<number>(longest - each.length).fill(0)]),
    );
    const lengths = list(...sources.map(({ length }) => length));
    type Begun = {
      memory?: Record<"keys" | "values", Tensor>;
      encoding?: Tensor;
      state: { h: Tensor; c?: Tensor };
    };
    const begin = () => writer.begin(encoder.forward(sources) as never) as unknown as Begun;
    const feed = (rows: number, size: number) =>
      tensor(new Float32Array(rows * size), { shape: [rows, size] });
    const outputs = describeOnnx(toOnnx(model, { part: "encoder" })).outputs;
    const fed = outputs.find(({ name }) => name === "feed")?.axes?.[1] as number | undefined;
    const first = await encodedBy(
      model,
      { ids: { shape: [2, longest], data: padded }, lengths },
      () => {
        const { memory, encoding, state } = begin();
        const keyed = outputs.some(({ name }) => name === "keys");
        return {
          ...(memory && { memory: memory.values }),
          ...(keyed && { keys: memory!.keys }),
          ...(encoding && { encoding }),
          h0: state.h,
          ...(recurrent.cell === "lstm" && { c0: state.c! }),
          ...(fed && { feed: feed(2, fed) }),
        };
      },
    );
    // The first token is the end mark; then any.
    const decoder = (
      writer as unknown as {
        recurrent: {
          step(
            x: Tensor,
            how: object,
          ): { output: Tensor; state: { h: Tensor; c?: Tensor; feed?: Tensor }; weights?: Tensor };
        };
      }
    ).recurrent;
    const state: Record<string, Given> = { ...first };
    if (first["memory"]) state["memory_lengths"] = lengths;
    const next = await expectWritten(
      model,
      { part: "decoder" },
      { ids: list(model.target.end, 1), ...state },
      () => {
        const { memory, encoding, state: begun } = begin();
        const x = writer.embedding.forward(tensor([model.target.end, 1], { dtype: "int32" }));
        const made = decoder.step(x, {
          memory,
          encoding,
          state: begun,
          ...(memory && { needWeights: true }),
        });
        return {
          logits: writer.logits(made.output),
          hn: made.state.h,
          ...(made.state.c && { cn: made.state.c }),
          ...(made.state.feed && { feed_next: made.state.feed }),
          ...(made.weights && { weights: made.weights }),
        };
      },
    );
    expect(next["logits"]!.shape).toEqual([2, model.target.size]);
  });

  it.each(["rotary", "sinusoidal", "learned"] as const)(
    "Seq2Seq, Transformer, positions %s",
    async (positions) => {
      manualSeed(1);
      const { embeddingSize: _, ...own } = transformer;
      const model = models.Seq2Seq.build(pairs, { ...own, positions }).eval();
      const { writer, encoder } = model;
      const sources = pairs.map(({ source }) => model.source.encode(source));
      const padded = Int32Array.from([...sources[0]!, ...sources[1]!, 0]);
      const lengths = list(4, 3);
      const given = { ids: { shape: [2, 4], data: padded }, lengths };
      const read = () => encoder.forward(sources);
      const { memory } = await encodedBy(model, given, () => ({ memory: read().output }));
      // Both rows as long, so that the model's answers, one after another, are those of a batch.
      const targets = [Int32Array.of(2, 1, 3), Int32Array.of(1, 1, 2)];
      const shifted = Int32Array.from([model.target.end, 2, 1, model.target.end, 1, 1]);
      await expectWritten(
        model,
        { part: "decoder" },
        { ids: { shape: [2, 3], data: shifted }, memory: memory!, memory_lengths: lengths },
        () => {
          const output = writer.force(targets, writer.begin(read() as never) as never);
          return { logits: writer.logits(output).reshape([2, 3, model.target.size]) };
        },
      );
    },
  );

  it("Captioner", async () => {
    manualSeed(1);
    const pixels = (seed: number) =>
      Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * seed) % 251);
    const image = (seed: number) => ({ width: 16, height: 16, data: pixels(seed), channels: 3 });
    const examples = [
      { image: image(7), text: "a dog" },
      { image: image(13), text: "two cats" },
    ];
    const model = models.Captioner.build(examples as never, {
      hiddenSize: 8,
      embeddingSize: 6,
      channels: [4, 6],
    }).eval();
    const { writer, encoder } = model;
    const planes = [7, 13].flatMap((seed) => {
      const data = pixels(seed);
      return [0, 1, 2].flatMap((c) => Array.from({ length: 256 }, (_, i) => data[3 * i + c]!));
    });
    const given = { pixels: { shape: [2, 3, 16, 16], data: Float32Array.from(planes) } };
    const outputs = describeOnnx(toOnnx(model, { part: "encoder" })).outputs.map(
      ({ name }) => name,
    );
    const first = await encodedBy(model, given, () => {
      const begun = writer.begin(encoder.forward([pixels(7), pixels(13)]));
      const { h, c } = begun.state;
      const all: Record<string, Tensor> = {
        memory: begun.memory!.values,
        keys: begun.memory!.keys,
        h0: h,
        c0: c!,
      };
      const size = writer.recurrent.attentionSize;
      return Object.fromEntries(
        outputs.map((name) => [
          name,
          all[name] ?? tensor(new Float32Array(2 * size), { shape: [2, size] }),
        ]),
      );
    });
    await expectWritten(model, { part: "decoder" }, { ids: list(1, 2), ...first }, () => {
      const { memory, state } = writer.begin(encoder.forward([pixels(7), pixels(13)]));
      const x = writer.embedding.forward(tensor([1, 2], { dtype: "int32" }));
      const made = writer.recurrent.step(x, { memory, state, needWeights: true });
      return {
        logits: writer.logits(made.output),
        hn: made.state.h,
        ...(made.state.c && { cn: made.state.c }),
        ...(made.state.feed && { feed_next: made.state.feed }),
        weights: made.weights,
      };
    });
  });

  it("ask which", () => {
    const model = models.Seq2Seq.build(pairs, { hiddenSize: 8, embeddingSize: 6 });
    expect(() => toOnnx(model)).toThrow(
      'part "encoder" or "decoder": a Seq2Seq is written as two graphs, got none',
    );
    expect(() => scope(() => toOnnx(model.encoder, { part: "encoder" }))).toThrow("no part");
  });
});
