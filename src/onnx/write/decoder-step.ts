// A recurrent decoder: what it begins with, and one of its steps.
import type { Attention } from "../../nn/attention.js";
import type { RecurrentDecoder } from "../../nn/decoder/recurrent-decoder.js";
import type { RecurrentWriter } from "../../models/seq2seq/recurrent-writer.js";
import type { Axis, GraphBuilder, Ref } from "./builder.js";
import { writeBridge } from "./bridge.js";
import { writeLayer, writeLinear } from "./layers.js";
import { writeGates, writeRows, type Gates } from "./recurrent.js";
import { writeSteps, type Steps } from "./sequences.js";

/** What is fed back into the next step; 0 where nothing is. */
function fedSize({ placement, memorySize, attentionSize }: RecurrentDecoder): number {
  return { output: 0, inputFeeding: attentionSize, gnmt: memorySize }[placement];
}

/** What an encoder made of sources. */
export interface Encoded {
  /** `[batch, source, size]` */
  readonly output: Ref;
  readonly state: readonly Ref[];
  /** All of a source in one vector. */
  lastState(): Ref;
}

/** The outputs of an encoder's graph: what the decoder's has as inputs. */
export function writeBegin(
  b: GraphBuilder,
  { recurrent, bridge }: RecurrentWriter,
  { output, state, lastState }: Encoded,
): void {
  const { attention } = recurrent;
  if (attention) {
    b.output("memory", output);
    if (attention.keyProjection)
      b.output(
        "keys",
        writeLinear(b, attention.keyProjection, "writer.recurrent.attention.keyProjection", output),
      );
  }
  if (recurrent.encodingSize > 0) b.output("encoding", lastState());
  const first = writeBridge(b, bridge, "writer.bridge", state);
  partsOf(recurrent).forEach((part, i) => b.output(`${part}0`, first[i]!));
  const fed = fedSize(recurrent);
  if (fed === 0) return;
  const batch = output.axes[0]!;
  const row = b.node(
    "ReduceSum",
    [b.node("Mul", [first[0]!, b.scalar(0)], first[0]!.axes), b.ints([0, 2])],
    [batch],
    {
      keepdims: 0,
    },
  );
  const column = b.node("Unsqueeze", [row, b.ints([1])], [batch, 1]);
  b.output("feed", b.node("Expand", [column, b.ints([1, fed])], [batch, fed]));
}

const partsOf = ({ cell }: RecurrentDecoder): string[] => (cell === "lstm" ? ["h", "c"] : ["h"]);

/**
 * One token of each row: `ids` int64 `[batch]`, the state, and what the encoder's graph gave → `logits`, the next state, and with
 * attention `weights` `[batch, source]`.
 *
 * @param source whether sources have lengths: `memory_lengths`
 */
export function writeStep(b: GraphBuilder, writer: RecurrentWriter, hasLengths: boolean): void {
  const { recurrent, embedding, projection, head } = writer;
  const { hiddenSize, numLayers, memorySize, encodingSize, attention, combine } = recurrent;
  const ids = b.input("ids", "int64", ["batch"]);
  const axes = [numLayers, "batch", hiddenSize];
  const states = partsOf(recurrent).map((part) => b.input(`${part}0`, "float", axes));
  const fed = fedSize(recurrent);
  let feed = fed > 0 ? b.input("feed", "float", ["batch", fed]) : undefined;
  const looks = attention && attentionOf(b, attention, memorySize, hasLengths);
  const encoding =
    encodingSize > 0 ? b.input("encoding", "float", ["batch", encodingSize]) : undefined;
  const beside = (...parts: (Ref | undefined)[]): Ref => {
    const given = parts.filter((each) => each !== undefined);
    if (given.length === 1) return given[0]!;
    const size = given.reduce((sum, each) => sum + (each.axes[1] as number), 0);
    return b.node("Concat", given, ["batch", size], { axis: 1 });
  };
  const gnmt = recurrent.placement === "gnmt" && attention !== undefined;
  const gates = gatesOf(recurrent);
  const finals = states.map((): Ref[] => []);
  let weights: Ref | undefined;
  let below = writeLayer(b, embedding, "writer.embedding", ids);
  for (let l = 0; l < numLayers; l++) {
    const read = beside(encoding, below, l === 0 || gnmt ? feed : undefined);
    const x = b.node("Unsqueeze", [read, b.ints([0])], [1, ...read.axes]);
    const initial = states.map((part) =>
      numLayers === 1 ? part : writeRows(b, part, l, 1, ["batch", hiddenSize]),
    );
    const [, ...last] = writeGates(b, gates, "writer.recurrent", l, x, undefined, initial);
    last.forEach((part, i) => finals[i]!.push(part));
    const output = b.node("Squeeze", [last[0]!, b.ints([0])], ["batch", hiddenSize]);
    below =
      recurrent.skip === "residual" && l > 0 ? b.node("Add", [output, below], output.axes) : output;
    if (l === 0 && gnmt) [feed, weights] = looks!(below);
  }
  let output = below;
  if (combine) {
    let context: Ref;
    [context, weights] = looks!(below);
    const made = writeLinear(b, combine, "writer.recurrent.combine", beside(context, below));
    output = b.node("Tanh", [made], made.axes);
    if (feed) feed = output;
  } else if (gnmt) output = beside(below, feed);
  const read = beside(output, encoding);
  const projected = projection ? writeLinear(b, projection, "writer.projection", read) : read;
  b.output("logits", writeLinear(b, head, "writer.head", projected));
  partsOf(recurrent).forEach((part, i) => {
    const own = finals[i]!;
    b.output(`${part}n`, own.length === 1 ? own[0]! : b.node("Concat", own, axes, { axis: 0 }));
  });
  if (feed) b.output("feed_next", feed);
  if (weights) b.output("weights", weights);
}

function gatesOf(recurrent: RecurrentDecoder): Gates {
  const kind = ({ lstm: "LSTM", gru: "GRU", rnn: "RNN" } as const)[recurrent.cell];
  return {
    ...{ kind, hiddenSize: recurrent.hiddenSize, directions: 1, bias: recurrent.bias },
    attributes: kind === "GRU" ? { linear_before_reset: 1 } : {},
    weight: (name) => recurrent[name as `weight_${string}`]!,
  };
}

type Look = (query: Ref) => [context: Ref, weights: Ref];

/** What a query `[batch, hidden]` gets of the memory, and how much of each of its steps. */
function attentionOf(
  b: GraphBuilder,
  attention: Attention,
  memorySize: number,
  hasLengths: boolean,
): Look {
  const values = b.input("memory", "float", ["batch", "source", memorySize]);
  const { keyProjection, queryProjection, scoreProjection, score, querySize } = attention;
  const keys = keyProjection
    ? b.input("keys", "float", ["batch", "source", keyProjection.weight.shape[0]!])
    : values;
  const steps: Steps | undefined = hasLengths
    ? writeSteps(b, b.input("memory_lengths", "int32", ["batch"]), values)
    : undefined;
  const path = "writer.recurrent.attention";
  const turned = (x: Ref, axes: Axis[]): Ref => b.node("Transpose", [x], axes, { perm: [0, 2, 1] });
  const row = ["batch", 1, "source"];
  const mask = steps && turned(steps.mask, row);
  return (query) => {
    const asked = queryProjection
      ? writeLinear(b, queryProjection, `${path}.queryProjection`, query)
      : query;
    const one = b.node("Unsqueeze", [asked, b.ints([1])], ["batch", 1, asked.axes[1]!]);
    let scores: Ref;
    if (scoreProjection) {
      const sum = b.node("Add", [keys, one], keys.axes);
      const met = writeLinear(
        b,
        scoreProjection,
        `${path}.scoreProjection`,
        b.node("Tanh", [sum], sum.axes),
      );
      scores = turned(met, row);
    } else {
      const columns = turned(keys, ["batch", keys.axes[2]!, "source"]);
      scores = b.node("MatMul", [one, columns], row);
      if (score === "scaledDot")
        scores = b.node("Mul", [scores, b.scalar(1 / Math.sqrt(querySize))], row);
    }
    if (mask) scores = b.node("Where", [mask, scores, b.scalar(-3.4028234663852886e38)], row);
    const weights = b.node("Softmax", [scores], row, { axis: -1 });
    const mixed = b.node("MatMul", [weights, values], ["batch", 1, memorySize]);
    return [
      b.node("Squeeze", [mixed, b.ints([1])], ["batch", memorySize]),
      b.node("Squeeze", [weights, b.ints([1])], ["batch", "source"]),
    ];
  };
}
