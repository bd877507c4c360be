// Networks that make one vector of a sequence: classifiers, Siamese networks, autoencoders.
import type { SequenceAutoencoder } from "../../models/autoencoder/sequence-autoencoder.js";
import type { InputClassifier } from "../../models/classifier/input-classifier.js";
import type { RecurrentEncoder } from "../../models/parts/encoders.js";
import type { LSTMFCN } from "../../models/parts/lstm-fcn.js";
import type { TransformerLayers } from "../../models/parts/transformer-layers.js";
import type { SiameseNetwork } from "../../models/siamese/siamese-network.js";
import type { AttentionPooling } from "../../nn/attention-pooling.js";
import type { Conv1d } from "../../nn/conv.js";
import type { Embedding } from "../../nn/embedding.js";
import type { Linear } from "../../nn/linear.js";
import type { Module } from "../../nn/module.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Axis, GraphBuilder, Ref } from "./builder.js";
import { writeLayer, writeLinear } from "./layers.js";
import type { Notes } from "./models.js";
import { writeRecurrent } from "./recurrent.js";
import {
  writeAttentionPooling,
  writeCleared,
  writePooled,
  writeRepeated,
  writeSteps,
  type Steps,
} from "./sequences.js";
import { writeTransformerLayers } from "./transformer.js";

export type AnyClassifier = InputClassifier<string, never, never>;

/** Token ids, features or frames, and how many steps of each row count → logits of the labels. */
export function writeClassifier(b: GraphBuilder, model: AnyClassifier): Notes {
  const { input, head, labels } = model;
  const { x, steps, notes } = sequences(b, input);
  const vector = writeEncoded(b, model, x, steps);
  b.output("logits", writeLinear(b, head, "head", vector));
  return { ...notes, labels: JSON.stringify(labels.tokens) };
}

/** What classifiers and Siamese networks share. */
type EncodingModel = Pick<AnyClassifier, "options" | "encoder">;

export type AnySiamese = SiameseNetwork<never>;

/** Inputs as a classifier's → unit vectors. */
export function writeSiamese(b: GraphBuilder, model: AnySiamese): Notes {
  const { x, steps, notes } = sequences(b, model.input);
  const vector = writeEncoded(b, model, x, steps);
  const made = model.head ? writeLinear(b, model.head, "head", vector) : vector;
  const norm = b.node("ReduceL2", [made], [made.axes[0]!, 1], { axes: [-1], keepdims: 1 });
  const some = b.node("Max", [norm, b.scalar(1e-12)], norm.axes);
  b.output("vector", b.node("Div", [made, some], made.axes));
  return { ...notes, threshold: String(model.threshold) };
}

/** Series → the vector of each, and the series as it comes back from that, in its own units. */
export function writeAutoencoder(b: GraphBuilder, model: SequenceAutoencoder): Notes {
  const { input, encoder, head, decoder } = model;
  const { x, steps } = sequences(b, input);
  const vector = writeLinear(b, head, "head", recurrent(b, encoder, x, steps));
  b.output("vector", vector);
  const [batch, time, features] = x.axes as [string, string, number];
  const { recurrent: layers, start } = decoder;
  const { numLayers, hiddenSize } = layers;
  const parts: number = layers.cell.parts.length;
  const begun = writeLinear(b, start, "decoder.start", vector);
  const state = b.node("Tanh", [begun], begun.axes);
  const apart = b.node(
    "Reshape",
    [state, b.ints([0, parts, numLayers, hiddenSize])],
    [batch, parts, numLayers, hiddenSize],
  );
  const turned = b.node("Transpose", [apart], [parts, numLayers, batch, hiddenSize], {
    perm: [1, 2, 0, 3],
  });
  const initial = Array.from({ length: parts }, (_, i) =>
    b.node("Gather", [turned, b.ints([i], [])], [numLayers, batch, hiddenSize], { axis: 0 }),
  );
  const each = writeRepeated(b, vector, x);
  const { output } = writeRecurrent(b, layers, "decoder.recurrent", each, { initial });
  const lengths = b.node("Cast", [steps.lengths], [batch], { to: 7 });
  const forwards = b.node("ReverseSequence", [output, lengths], output.axes, {
    batch_axis: 0,
    time_axis: 1,
  });
  let made = writeLinear(b, decoder.head, "decoder.head", forwards);
  const axes = [batch, time, features];
  if (input.mean && input.std) {
    const wide = b.node("Mul", [made, b.parameter("input.std", input.std)], axes);
    made = b.node("Add", [wide, b.parameter("input.mean", input.mean)], axes);
  }
  b.output("reconstruction", made);
  return { threshold: String(model.threshold) };
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

/** The vector of each sequence, `[batch, size]`. */
function writeEncoded(b: GraphBuilder, model: EncodingModel, x: Ref, steps: Steps): Ref {
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
  return lstmFcn(b, encoder as unknown as LSTMFCN, x, steps);
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
  const output = writeTransformerLayers(b, encoder.transformer, "encoder.transformer", x, steps);
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

/** The mean of what convolutions make of the steps, beside the LSTM's last state. */
function lstmFcn(b: GraphBuilder, { lstm, blocks }: LSTMFCN, x: Ref, steps: Steps): Ref {
  const [batch, time, features] = x.axes as [string, string, number];
  const { state } = writeRecurrent(b, lstm, "encoder.lstm", x, { lengths: steps.lengths });
  const last = b.node("Squeeze", [state[0]!, b.ints([0])], [batch, lstm.hiddenSize]);
  const mask = b.node("Transpose", [steps.mask], [batch, 1, time], { perm: [0, 2, 1] });
  const clear = (y: Ref): Ref => b.node("Where", [mask, y, b.scalar(0)], y.axes);
  const turned = (y: Ref, axes: Axis[]): Ref => b.node("Transpose", [y], axes, { perm: [0, 2, 1] });
  const made = blocks.reduce(
    (y, { convolution, norm }, i) => {
      const path = `encoder.blocks.${i}`;
      const read = writeLayer(b, convolution, `${path}.convolution`, y);
      const axes = [batch, convolution.weight.shape[0]!, time];
      const normal = writeLayer(b, norm, `${path}.norm`, { ...read, axes });
      return b.node("Relu", [clear(normal)], axes);
    },
    clear(turned(x, [batch, features, time])),
  );
  const mean = writePooled(b, "mean", steps, turned(made, [batch, time, made.axes[1]!]));
  const size = (mean.axes[1] as number) + lstm.hiddenSize;
  return b.node("Concat", [mean, last], [batch, size], { axis: 1 });
}
