// From what an encoder ends with to what a recurrent decoder begins with.
import type { Bridge } from "../../nn/decoder/bridge.js";
import type { Axis, GraphBuilder, Ref } from "./builder.js";
import { partOf, writeLinear } from "./layers.js";
import { writeRows } from "./recurrent.js";

/** @param state the encoder's, each part `[layers · directions, batch, size]` */
export function writeBridge(
  b: GraphBuilder,
  bridge: Bridge,
  path: string,
  state: readonly Ref[],
): Ref[] {
  const [h, c] = state as [Ref, Ref?];
  const first = part(b, bridge, "h", path, h);
  if (bridge.cell !== "lstm") return [first];
  return [first, part(b, bridge, "c", path, bridge.encoderCell === "lstm" ? c! : h)];
}

function part(b: GraphBuilder, bridge: Bridge, name: "h" | "c", path: string, from: Ref): Ref {
  const { kind, numLayers, hiddenSize, directions, encoderSize } = bridge;
  const [slots, batch] = from.axes as [number, Axis];
  const axes = [numLayers, batch, hiddenSize];
  const needed = directions * (kind === "copy" ? numLayers : 1);
  const top =
    slots === needed ? from : writeRows(b, from, slots - needed, needed, [batch, encoderSize]);
  const layers = needed / directions;
  const apart = b.node(
    "Reshape",
    [top, b.ints([layers, directions, -1, encoderSize])],
    [layers, directions, batch, encoderSize],
  );
  const turned = b.node("Transpose", [apart], [layers, batch, directions, encoderSize], {
    perm: [0, 2, 1, 3],
  });
  const size = directions * encoderSize;
  if (kind === "copy" && size !== hiddenSize)
    return b.node("ReduceSum", [turned, b.ints([2])], axes, { keepdims: 0 });
  const joined = b.node("Reshape", [turned, b.ints([0, 0, size])], [layers, batch, size]);
  if (kind === "copy") return joined;
  if (kind === "zeros") {
    // As many rows as the encoder had.
    const none = b.node(
      "Mul",
      [writeRows(b, joined, 0, 1, [batch, size]), b.scalar(0)],
      [1, batch, size],
    );
    const sum = b.node("ReduceSum", [none, b.ints([2])], [1, batch, 1], { keepdims: 1 });
    return b.node("Expand", [sum, b.ints([numLayers, 1, hiddenSize])], axes);
  }
  const row = b.node("Squeeze", [joined, b.ints([0])], [batch, size]);
  const linear = writeLinear(b, bridge[name]!, partOf(path, name), row);
  const mapped = b.node("Tanh", [linear], linear.axes);
  const parts = b.node(
    "Reshape",
    [mapped, b.ints([0, numLayers, hiddenSize])],
    [batch, numLayers, hiddenSize],
  );
  return b.node("Transpose", [parts], axes, { perm: [1, 0, 2] });
}
