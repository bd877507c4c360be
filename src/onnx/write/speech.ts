// Networks of recordings.
import type { SpeechRecognizer } from "../../models/speech/speech-recognizer.js";
import type { Conv2d } from "../../nn/conv.js";
import type { GraphBuilder, Ref } from "./builder.js";
import { writeLayer, writeLinear } from "./layers.js";
import type { Notes } from "./models.js";
import { writeRecurrent } from "./recurrent.js";
import { writeSteps } from "./sequences.js";

/** Frames of features, and how many of each recording count → logits of each step, and how many of these count. */
export function writeSpeech(b: GraphBuilder, { network, input }: SpeechRecognizer): Notes {
  const { convolutions, projection, norm, recurrent, head } = network;
  const x = b.input("x", "float", ["batch", "frames", input.size]);
  let lengths = b.input("lengths", "int32", ["batch"]);
  let images = b.node("Unsqueeze", [x, b.ints([1])], ["batch", 1, "frames", input.size]);
  convolutions.forEach((convolution, i) => {
    const made = writeLayer(b, convolution, `network.convolutions.${i}`, images);
    const read = b.node("Relu", [made], made.axes);
    lengths = strided(b, lengths, convolution);
    // What stands behind a recording must not reach into it.
    const steps = { name: read.name, axes: ["batch", "channels", `steps${i}`, "rows"] };
    const { mask } = writeSteps(b, lengths, steps, 2);
    const apart = b.node("Unsqueeze", [mask, b.ints([1])], ["batch", 1, `steps${i}`, 1]);
    images = b.node("Where", [apart, read, b.scalar(0)], read.axes);
  });
  const width = projection.weight.shape[1]!;
  const turned = b.node("Transpose", [images], ["batch", "steps", "channels", "rows"], {
    perm: [0, 2, 1, 3],
  });
  const read = b.node("Reshape", [turned, b.ints([0, 0, width])], ["batch", "steps", width]);
  const projected = writeLinear(b, projection, "network.projection", read);
  const frames = writeLayer(b, norm, "network.norm", projected);
  const { output } = writeRecurrent(b, recurrent, "network.recurrent", frames, { lengths });
  b.output("logits", writeLinear(b, head, "network.head", output));
  b.output("output_lengths", lengths, "int32");
  return {};
}

/** ⌈lengths / stride⌉ */
function strided(b: GraphBuilder, lengths: Ref, convolution: Conv2d): Ref {
  const [stride] = (convolution["moves"] as { readonly stride: readonly [number, number] }).stride;
  if (stride === 1) return lengths;
  const more = b.node("Add", [lengths, b.ints32([stride - 1], [])], lengths.axes);
  return b.node("Div", [more, b.ints32([stride], [])], lengths.axes);
}
