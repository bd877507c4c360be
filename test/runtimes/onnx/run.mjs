// An ONNX file in the inference build: a sequence at once, and step by step.
import { backend, init, tensor, zeros } from "hiddenstate/infer";
import { readOnnx } from "hiddenstate/infer/onnx";

export const IDS = [3, 1, 4, 1, 5, 2, 6, 5, 3, 5, 0, 7];

/** Its logits by `forward`, and by `stream`. */
export async function run(file) {
  await init({ build: "plain" });
  const model = readOnnx(new Uint8Array(file));
  const ids = (values) => tensor([values], { dtype: "int32" });
  const states = ["h0", "c0"].map((name) => {
    const { axes } = model.inputs.find((input) => input.name === name);
    return [name, zeros(axes.map((size) => (typeof size === "number" ? size : 1)))];
  });
  const { logits } = model.forward({ ids: ids(IDS), ...Object.fromEntries(states) });
  const stream = model.stream();
  const streamed = IDS.flatMap((id) => [...stream.step({ ids: ids([id]) }).logits]);
  return { ...backend(), logits: [...logits.data()], streamed };
}
