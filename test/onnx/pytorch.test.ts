// What PyTorch's exporter writes, where PyTorch is found: of one LSTM's file in a page of the guide as well as of a speech network.
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scope, tensor } from "../../src/index.js";
import { readOnnx } from "../../src/onnx/index.js";
import { expectSame, runModel, type Given } from "./ort.js";
import { printed, pythonWith } from "./python.js";

interface Exported {
  readonly name: string;
  readonly model: string;
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly outputs: Readonly<Record<string, Packed>>;
}

interface Packed {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const given = (all: Readonly<Record<string, Packed>>): Record<string, Given> =>
  Object.fromEntries(
    Object.entries(all).map(([name, { type, shape, data }]) => [
      name,
      { shape, data: /int|bool/.test(type) ? Int32Array.from(data) : Float32Array.from(data) },
    ]),
  );

const python = pythonWith("torch");

describe.runIf(python !== undefined)("models that PyTorch exported", () => {
  it("give what PyTorch gives; steps of a stream too", { timeout: 300_000 }, () => {
    const script = fileURLToPath(new URL("pytorch.py", import.meta.url));
    const exported = printed(python!, [script])
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Exported);
    const faults: string[] = [];
    for (const { name, model, inputs, outputs } of exported)
      try {
        const read = readOnnx(new Uint8Array(Buffer.from(model, "base64")));
        expectSame(runModel(read, given(inputs)), given(outputs));
        const operators = read.nodes_.map(({ opType }) => opType);
        if (/attention|Transformer/.test(name)) {
          expect(operators).toContain("Attention");
          expect(operators).not.toContain("Softmax");
        }
        if (/LSTM|GRU/.test(name)) expect(operators).not.toContain("Transpose");
        if (name.startsWith("steps")) expectSteps(read, inputs["x"]!);
        read.dispose();
      } catch (error) {
        faults.push(`${name}: ${(error as Error).message.slice(0, 300)}`);
      }
    expect(faults).toEqual([]);
    expect(exported.length).toBe(54);
  });
});

/** A stream's steps give what the whole sequence gives from zeros. */
function expectSteps(model: ReturnType<typeof readOnnx>, { shape, data }: Packed): void {
  const [batch, time, size] = shape as [number, number, number];
  const h0 = { shape: [2, batch, 6], data: new Float32Array(12 * batch) };
  const whole = runModel(model, { x: { shape, data: Float32Array.from(data) }, h0 })["y"]!;
  const stream = model.stream({ batch });
  for (let t = 0; t < time; t++)
    scope(() => {
      const rows = Array.from({ length: batch }, (_, row) =>
        data.slice((row * time + t) * size, (row * time + t + 1) * size),
      );
      const x = tensor(Float32Array.from(rows.flat()), { shape: [batch, 1, size] });
      const y = stream.step({ x })["y"]!;
      for (let row = 0; row < batch; row++)
        for (let i = 0; i < 3; i++)
          expect(y[row * 3 + i]).toBeCloseTo(whole.data[(row * time + t) * 3 + i]!, 5);
    });
  stream.dispose();
}
