// The networks of ready models. Their classes are told by their names: to import them would bring all that trains them along.
import type { InputClassifier } from "../../models/classifier/input-classifier.js";
import type { ForecastNetwork } from "../../models/forecaster/network.js";
import type { SeriesForecaster } from "../../models/forecaster/series-forecaster.js";
import type { LanguageModel } from "../../models/language-model/language-model.js";
import type { MusicModel } from "../../models/music/music-model.js";
import type { RecurrentEncoder } from "../../models/parts/encoders.js";
import type { TransformerLayers } from "../../models/parts/transformer-layers.js";
import type { SpeechRecognizer } from "../../models/speech/speech-recognizer.js";
import type { AttentionPooling } from "../../nn/attention-pooling.js";
import type { Conv1d } from "../../nn/conv.js";
import type { Embedding } from "../../nn/embedding.js";
import type { Linear } from "../../nn/linear.js";
import type { Module } from "../../nn/module.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphBuilder, Ref } from "./builder.js";
import { unwritable, writeLayer, writeLinear } from "./layers.js";
import { writeRecurrent } from "./recurrent.js";
import {
  writeAttentionPooling,
  writeCleared,
  writePooled,
  writeSteps,
  type Steps,
} from "./sequences.js";
import { writeEncoder } from "./transformer.js";

/** What a model's file says beside the graph. */
export type Notes = Readonly<Record<string, string>>;

type WriteModel = (b: GraphBuilder, model: Module) => Notes;

/** Writes a ready model's network; undefined for what is none. */
export function modelWriter(model: Module): WriteModel | undefined {
  const { name } = model.constructor;
  return Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
}

const MODELS: Readonly<Record<string, WriteModel>> = {
  LanguageModel: (b, model) => languageModel(b, model as LanguageModel),
  SequenceClassifier: (b, model) => classifier(b, model as unknown as AnyClassifier),
  MultiLabelClassifier: (b, model) => classifier(b, model as unknown as AnyClassifier),
  SeriesForecaster: (b, model) => forecaster(b, model as SeriesForecaster),
  MusicModel: (b, model) => music(b, model as MusicModel),
  SpeechRecognizer: (b, model) => speech(b, model as unknown as SpeechRecognizer),
};

/** Token ids → logits of what follows each; of an LSTM from a state, with the state at the end. */
function languageModel(b: GraphBuilder, model: LanguageModel): Notes {
  const ids = b.input("ids", "int64", ["batch", "time"]);
  const notes = { vocabulary: JSON.stringify(model.tokenizer.vocabulary.tokens) };
  const vectors = writeLayer(b, model.embedding, "embedding", ids);
  if (model.encoder) {
    const placed = model.positions ? writeLayer(b, model.positions, "positions", vectors) : vectors;
    const hidden = writeEncoder(b, model.encoder, "encoder", placed, { causal: true });
    b.output("logits", writeLinear(b, model.head, "head", hidden));
    return notes;
  }
  const lstm = model.lstm!;
  const axes = [lstm.numLayers, "batch", lstm.hiddenSize];
  const initial = ["h0", "c0"].map((name) => b.input(name, "float", axes));
  const { output, state } = writeRecurrent(b, lstm, "lstm", vectors, { initial });
  b.output("logits", writeLinear(b, model.head, "head", output));
  b.output("hn", state[0]!);
  b.output("cn", state[1]!);
  return notes;
}

type AnyClassifier = InputClassifier<string, never, never>;

/** Token ids, features or frames, and how many steps of each row count → logits of the labels. */
function classifier(b: GraphBuilder, model: AnyClassifier): Notes {
  const { input, head, labels } = model;
  const { x, steps, notes } = sequences(b, input);
  const vector = encoded(b, model, x, steps);
  b.output("logits", writeLinear(b, head, "head", vector));
  return { ...notes, labels: JSON.stringify(labels.tokens) };
}

/** The parts of inputs: of texts the embedding, of series what normalizes them. */
interface InputParts extends Module {
  readonly size: number;
  readonly embedding?: Embedding | undefined;
  readonly tokenizer?: { readonly vocabulary: { readonly tokens: readonly string[] } } | undefined;
  readonly mean?: Tensor | undefined;
  readonly std?: Tensor | undefined;
}

function sequences(b: GraphBuilder, input: InputParts): { x: Ref; steps: Steps; notes: Notes } {
  const lengths = (): Ref => b.input("lengths", "int32", ["batch"]);
  if (input.embedding) {
    const ids = b.input("ids", "int64", ["batch", "time"]);
    const counts = lengths();
    const x = writeLayer(b, input.embedding, "input.embedding", ids);
    const tokens = input.tokenizer!.vocabulary.tokens;
    return { x, steps: writeSteps(b, counts, x), notes: { vocabulary: JSON.stringify(tokens) } };
  }
  const given = b.input("x", "float", ["batch", "time", input.size]);
  const counts = lengths();
  const { mean, std } = input;
  const x =
    mean && std
      ? b.node(
          "Div",
          [
            b.node("Sub", [given, b.parameter("input.mean", mean)], given.axes),
            b.parameter("input.std", std),
          ],
          given.axes,
        )
      : given;
  return { x, steps: writeSteps(b, counts, x), notes: {} };
}

function encoded(b: GraphBuilder, model: AnyClassifier, x: Ref, steps: Steps): Ref {
  const { options, encoder } = model;
  if (options.encoder === "mean") {
    const mean = writePooled(b, "mean", steps, x);
    const { dense } = encoder as unknown as { readonly dense?: Linear | undefined };
    if (!dense) return mean;
    const read = writeLinear(b, dense, "encoder.dense", mean);
    return b.node("Relu", [read], read.axes);
  }
  if (options.encoder === "recurrent") return recurrent(b, encoder as RecurrentEncoder, x, steps);
  if (options.encoder === "transformer") return transformer(b, encoder as never, x, steps);
  if (options.encoder === "convolutional") return convolutional(b, encoder as never, x, steps);
  throw unwritable("encoder", `encoder "${options.encoder}"`);
}

function recurrent(
  b: GraphBuilder,
  { recurrent, pooling, attention, size }: RecurrentEncoder,
  x: Ref,
  steps: Steps,
): Ref {
  const { lengths } = steps;
  const { output, state } = writeRecurrent(b, recurrent, "encoder.recurrent", x, { lengths });
  if (attention) return writeAttentionPooling(b, attention, "encoder.attention", steps, output);
  if (pooling !== "last") return writePooled(b, pooling as "mean" | "max", steps, output);
  // The last layer's state of either direction, side by side.
  const { directions, hiddenSize } = recurrent;
  const bounds = [[-directions], [2147483647], [0]].map((each) => b.ints(each));
  const last = b.node("Slice", [state[0]!, ...bounds], [directions, "batch", hiddenSize]);
  const rows = b.node("Transpose", [last], ["batch", directions, hiddenSize], { perm: [1, 0, 2] });
  return b.node("Reshape", [rows, b.ints([0, -1])], ["batch", size]);
}

function transformer(
  b: GraphBuilder,
  encoder: {
    readonly transformer: TransformerLayers;
    readonly pooling: string;
    readonly attention?: AttentionPooling | undefined;
  },
  x: Ref,
  steps: Steps,
): Ref {
  const { project, layers } = encoder.transformer;
  const read = writeLinear(b, project, "encoder.transformer.project", x);
  const output = writeEncoder(b, layers, "encoder.transformer.layers", read, { steps });
  if (encoder.attention)
    return writeAttentionPooling(b, encoder.attention, "encoder.attention", steps, output);
  return writePooled(b, encoder.pooling as "mean" | "max", steps, output);
}

function convolutional(
  b: GraphBuilder,
  { convolutions }: { readonly convolutions: readonly Conv1d[] },
  x: Ref,
  steps: Steps,
): Ref {
  const [batch, time, features] = x.axes as [string, string, number];
  const read = writeCleared(b, steps, x);
  const channels = b.node("Transpose", [read], [batch, features, time], { perm: [0, 2, 1] });
  const pooled = convolutions.map((convolution, i) => {
    const made = writeLayer(b, convolution, `encoder.convolutions.${i}`, channels);
    const responses = b.node("Relu", [made], made.axes);
    const filters = made.axes[1]!;
    const turned = b.node("Transpose", [responses], [batch, `${time}${i}`, filters], {
      perm: [0, 2, 1],
    });
    const beyond = convolution.weight.shape[2]! - 1;
    const lengths = b.node(
      "Add",
      [b.node("Cast", [steps.lengths], [batch], { to: 7 }), b.ints([beyond])],
      [batch],
    );
    return writePooled(b, "max", writeSteps(b, lengths, turned), turned);
  });
  if (pooled.length === 1) return pooled[0]!;
  const size = pooled.reduce((sum, { axes }) => sum + (axes[1] as number), 0);
  return b.node("Concat", pooled, [batch, size], { axis: 1 });
}

/** Features of each step → what is said of the steps ahead of it, counted from the reference in its units. */
function forecaster(b: GraphBuilder, model: SeriesForecaster): Notes {
  const network = model.network as ForecastNetwork;
  if (!("recurrent" in network) || network.context)
    throw unwritable("network", network.context ? "a forecaster with covariates" : "a decoder");
  const features = network.recurrent.inputSize;
  const x = b.input("x", "float", ["batch", "time", features]);
  const { output } = writeRecurrent(b, network.recurrent, "network.recurrent", x);
  const width = network.recurrent.hiddenSize + features;
  const seen = b.node("Concat", [output, x], ["batch", "time", width], { axis: 2 });
  b.output("said", writeLinear(b, network.head, "network.head", seen));
  return {};
}

/** Columns of what there is at each step, 0 or 1 → logits of what comes. */
function music(b: GraphBuilder, { network }: MusicModel): Notes {
  const { vectors, lstm, head } = network;
  const x = b.input("x", "float", ["batch", "time", vectors.weight.shape[1]!]);
  const axes = [lstm.numLayers, "batch", lstm.hiddenSize];
  const initial = ["h0", "c0"].map((name) => b.input(name, "float", axes));
  const read = writeLinear(b, vectors, "network.vectors", x);
  const { output, state } = writeRecurrent(b, lstm, "network.lstm", read, { initial });
  b.output("logits", writeLinear(b, head, "network.head", output));
  b.output("hn", state[0]!);
  b.output("cn", state[1]!);
  return {};
}

/** Frames of features of one recording → logits of each step. */
function speech(b: GraphBuilder, { network, input }: SpeechRecognizer): Notes {
  const { convolutions, projection, norm, recurrent, head } = network;
  const x = b.input("x", "float", [1, "frames", input.size]);
  let images = b.node("Unsqueeze", [x, b.ints([1])], [1, 1, "frames", input.size]);
  convolutions.forEach((convolution, i) => {
    const made = writeLayer(b, convolution, `network.convolutions.${i}`, images);
    images = b.node("Relu", [made], made.axes);
  });
  const width = projection.weight.shape[1]!;
  const turned = b.node("Transpose", [images], [1, "steps", "channels", "rows"], {
    perm: [0, 2, 1, 3],
  });
  const read = b.node("Reshape", [turned, b.ints([0, 0, -1])], [1, "steps", width]);
  const frames = writeLayer(
    b,
    norm,
    "network.norm",
    writeLinear(b, projection, "network.projection", read),
  );
  const { output } = writeRecurrent(b, recurrent, "network.recurrent", frames);
  b.output("logits", writeLinear(b, head, "network.head", output));
  return {};
}
