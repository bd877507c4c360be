// Models that read a source and write a text: a graph of what reads, and one of what writes.
import type { Captioner } from "../../models/captioner/captioner.js";
import type { ImageEncoder } from "../../models/captioner/image-encoder.js";
import type { RecurrentEncoder } from "../../models/seq2seq/recurrent-encoder.js";
import type { RecurrentWriter } from "../../models/seq2seq/recurrent-writer.js";
import type { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import type { Side } from "../../models/seq2seq/side.js";
import type { TransformerWriter } from "../../models/seq2seq/transformer-writer.js";
import { exp, log } from "../../core/exp-log.js";
import type { GraphBuilder, Ref } from "./builder.js";
import { writeBegin, writeStep, type Encoded } from "./decoder-step.js";
import { writeLayer, writeLinear } from "./layers.js";
import type { Notes, Part } from "./models.js";
import { writeRecurrent, writeRows, type RecurrentLayer } from "./recurrent.js";
import { writePositionsOf, writeSteps } from "./sequences.js";
import { writeDecoder, writeEncoder } from "./transformer.js";

const tokensOf = ({ tokenizer }: Side): string => JSON.stringify(tokenizer.vocabulary.tokens);

/**
 * The encoder: ids of sources, their end marks last, and `lengths` → `memory` and what else the decoder reads. The decoder: of recurrent
 * layers a step, with its state as inputs and outputs; of a Transformer all tokens so far → `logits` of what follows each.
 */
export function writeSeq2Seq(b: GraphBuilder, model: Seq2Seq, part: Part): Notes {
  const { encoder, writer, source, target, options } = model;
  const reads = encoder;
  const recurrent = "recurrent" in reads;
  const sines = options.architecture === "transformer" && options.positions === "sinusoidal";
  if (part === "encoder") {
    const ids = b.input("ids", "int64", ["batch", "source"]);
    const lengths = b.input("lengths", "int32", ["batch"]);
    if (recurrent) writeBegin(b, writer as RecurrentWriter, encodedBy(b, reads, ids, lengths));
    else {
      const x = scaled(b, reads, "encoder", ids, sines);
      const steps = writeSteps(b, lengths, x);
      b.output("memory", writeEncoder(b, reads.transformer, "encoder.transformer", x, { steps }));
    }
  } else if (recurrent) writeStep(b, writer as RecurrentWriter, true);
  else writeTokens(b, writer as unknown as TransformerWriter, reads.size, sines);
  return {
    source_vocabulary: tokensOf(source),
    target_vocabulary: tokensOf(target),
    source_end: String(source.end),
    target_end: String(target.end),
    ...(options.reverseSource && { reverse_source: "true" }),
  };
}

/** Pictures `[batch, channels, height, width]`, from 0 to 255 → places of each as `memory`; a step of the decoder. */
export function writeCaptioner(b: GraphBuilder, model: Captioner, part: Part): Notes {
  const { encoder, writer, target, reading } = model;
  if (part === "encoder") writeBegin(b, writer, pictures(b, model, encoder));
  else writeStep(b, writer, false);
  return {
    target_vocabulary: tokensOf(target),
    target_end: String(target.end),
    reading: JSON.stringify(reading),
  };
}

function encodedBy(b: GraphBuilder, encoder: RecurrentEncoder, ids: Ref, lengths: Ref): Encoded {
  const { embedding, recurrent, directions, size, stateSize } = encoder;
  const x = writeLayer(b, embedding, "encoder.embedding", ids);
  const { output, state } =
    "bottom" in recurrent
      ? stacked(b, recurrent as unknown as Stack, x, lengths)
      : writeRecurrent(b, recurrent, "encoder.recurrent", x, { lengths });
  const lastState = (): Ref => {
    const [h] = state as [Ref];
    const slots = h.axes[0] as number;
    const last = writeRows(b, h, slots - directions, directions, ["batch", stateSize]);
    const rows = b.node("Transpose", [last], ["batch", directions, stateSize], { perm: [1, 0, 2] });
    return b.node("Reshape", [rows, b.ints([0, size])], ["batch", size]);
  };
  return { output, state, lastState };
}

interface Stack {
  readonly bottom: RecurrentLayer;
  readonly top: RecurrentLayer;
}

/** GNMT's encoder: of the lowest layer the direction that reads backwards is passed on. */
function stacked(b: GraphBuilder, { bottom, top }: Stack, x: Ref, lengths: Ref) {
  const below = writeRecurrent(b, bottom, "encoder.recurrent.bottom", x, { lengths });
  const above = writeRecurrent(b, top, "encoder.recurrent.top", below.output, { lengths });
  const { hiddenSize, numLayers } = top;
  const state = above.state.map((part, i) => {
    const backwards = writeRows(b, below.state[i]!, 1, 1, ["batch", hiddenSize]);
    const axes = [numLayers + 1, "batch", hiddenSize];
    return b.node("Concat", [backwards, part], axes, { axis: 0 });
  });
  return { output: above.output, state };
}

/** √size · vectors of tokens, with their positions. */
function scaled(
  b: GraphBuilder,
  { embedding, positions }: Pick<TransformerWriter, "embedding" | "positions">,
  path: string,
  ids: Ref,
  sines: boolean,
): Ref {
  const vectors = writeLayer(b, embedding, `${path}.embedding`, ids);
  const size = vectors.axes[2] as number;
  const x = b.node("Mul", [vectors, b.scalar(Math.sqrt(size))], vectors.axes);
  if (positions) return writeLayer(b, positions, `${path}.positions`, x);
  return sines ? sinusoidal(b, x, size) : x;
}

/** Sines and cosines of positions, added: one after the other for each speed. */
function sinusoidal(b: GraphBuilder, x: Ref, size: number): Ref {
  const half = size / 2;
  const time = x.axes[1]!;
  const speeds = Float32Array.from({ length: half }, (_, i) => exp(((-2 * i) / size) * log(10000)));
  const positions = b.node("Cast", [writePositionsOf(b, x)], [time], { to: 1 });
  const column = b.node("Unsqueeze", [positions, b.ints([1])], [time, 1]);
  const angles = b.node("Mul", [column, b.floats("speeds", speeds, [half])], [time, half]);
  const apart = ["Sin", "Cos"].map((each) =>
    b.node("Unsqueeze", [b.node(each, [angles], angles.axes), b.ints([2])], [time, half, 1]),
  );
  const pairs = b.node("Concat", apart, [time, half, 2], { axis: 2 });
  return b.node("Add", [x, b.node("Reshape", [pairs, b.ints([0, size])], [time, size])], x.axes);
}

/** Tokens so far, and the memory → logits of what follows each. */
function writeTokens(
  b: GraphBuilder,
  writer: TransformerWriter,
  size: number,
  sines: boolean,
): void {
  const ids = b.input("ids", "int64", ["batch", "time"]);
  const memory = b.input("memory", "float", ["batch", "source", size]);
  const steps = writeSteps(b, b.input("memory_lengths", "int32", ["batch"]), memory);
  const x = scaled(b, writer, "writer", ids, sines);
  const hidden = writeDecoder(b, writer.transformer, "writer.transformer", x, memory, steps);
  b.output("logits", writeLinear(b, writer.head, "writer.head", hidden));
}

function pictures(
  b: GraphBuilder,
  { reading: { width, height, mean, std } }: Captioner,
  encoder: ImageEncoder,
): Encoded {
  const { stem, blocks, rows, columns, size, whole, norm, stateSize } = encoder;
  const channels = mean.length;
  const pixels = b.input("pixels", "float", ["batch", channels, height, width]);
  const known = (name: string, values: readonly number[]): Ref =>
    b.floats(name, Float32Array.from(values), [channels, 1, 1]);
  const x = b.node(
    "Div",
    [b.node("Sub", [pixels, known("mean", mean)], pixels.axes), known("std", std)],
    pixels.axes,
  );
  const normed = (part: typeof stem, path: string, y: Ref): Ref =>
    writeLayer(b, part.norm, `${path}.norm`, writeLayer(b, part.conv, `${path}.conv`, y));
  const relu = (y: Ref): Ref => b.node("Relu", [y], y.axes);
  const halved = (y: Ref): Ref =>
    b.node("MaxPool", [y], y.axes, { kernel_shape: [2, 2], strides: [2, 2] });
  let image = halved(relu(normed(stem, "encoder.stem", x)));
  blocks.forEach(({ first, second, shortcut }, i) => {
    const path = `encoder.blocks.${i}`;
    const past = shortcut ? normed(shortcut, `${path}.shortcut`, image) : image;
    const made = normed(second, `${path}.second`, relu(normed(first, `${path}.first`, image)));
    image = halved(relu(b.node("Add", [made, past], made.axes)));
  });
  const grid = b.node("Transpose", [image], ["batch", rows, columns, size], { perm: [0, 2, 3, 1] });
  const placed = [encoder.rowPositions, encoder.columnPositions].reduce(
    (y, table, i) =>
      b.node(
        "Add",
        [y, b.parameter(`encoder.${i === 0 ? "row" : "column"}Positions`, table)],
        grid.axes,
      ),
    grid,
  );
  const places = rows * columns;
  const output = b.node("Reshape", [placed, b.ints([0, places, size])], ["batch", places, size]);
  const flat = b.node("Reshape", [output, b.ints([0, places * size])], ["batch", places * size]);
  const all = writeLayer(b, norm, "encoder.norm", writeLinear(b, whole, "encoder.whole", flat));
  const h = b.node("Unsqueeze", [all, b.ints([0])], [1, "batch", stateSize]);
  return { output, state: [h], lastState: () => all };
}
