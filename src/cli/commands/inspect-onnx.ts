// What `hiddenstate inspect` shows of an ONNX file.
import type { OnnxDescription, OnnxValue } from "../../onnx/index.js";

/** As JSON. */
export function onnxAsJSON(description: OnnxDescription, bytes: number): object {
  const { operators, metadata, ...rest } = description;
  return {
    bytes,
    ...rest,
    operators: Object.fromEntries(operators),
    metadata: Object.fromEntries(metadata),
  };
}

/** For people, a line each. */
export function onnxLines(description: OnnxDescription, bytes: number): string[] {
  const { opset, producer, inputs, outputs, operators, initializers, problems } = description;
  const rows = initializers.map(({ name, type, shape }) => [name, type, `[${shape.join(", ")}]`]);
  const widths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
  const numbers = initializers.reduce(
    (sum, { shape }) => sum + shape.reduce((all, n) => all * n, 1),
    0,
  );
  return [
    `operators of version ${opset}${producer && `, written by ${producer}`}`,
    ...inputs.map((each) => `input   ${valueLine(each)}`),
    ...outputs.map((each) => `output  ${valueLine(each)}`),
    `nodes: ${operators.map(([name, count]) => `${count} ${name}`).join(", ")}`,
    ...rows.map(
      ([name, type, shape]) => `${name!.padEnd(widths[0]!)}  ${type!.padEnd(widths[1]!)}  ${shape}`,
    ),
    `${initializers.length} tensors, ${numbers} numbers, ${bytes} bytes`,
    ...(problems.length === 0
      ? ["runs here: readOnnx() of hiddenstate/onnx"]
      : problems.map((each) => `cannot run: ${each}`)),
  ];
}

function valueLine({ name, type, axes }: OnnxValue): string {
  return `${name}  ${type} ${axes ? `[${axes.join(", ")}]` : "of unknown axes"}`;
}
