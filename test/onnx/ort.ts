// ONNX Runtime's WebAssembly build, one thread: what outputs are compared with.
import * as ort from "onnxruntime-web/wasm";
import { expect } from "vitest";
import { noGrad, scope, tensor, type DType } from "../../src/index.js";
import type { OnnxModel, OnnxValue } from "../../src/onnx/index.js";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

export interface Given {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Numbers from -1 to 1 that are the same in each run. */
export function numbers(...shape: number[]): Given {
  const length = shape.reduce((all, n) => all * n, 1);
  let seed = 7;
  const data = Float32Array.from({ length }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed / 0x7fffffff) * 2 - 1;
  });
  return { shape, data };
}

/** Ids below `count`. */
export function ids(count: number, ...shape: number[]): Given {
  const data = Int32Array.from(numbers(...shape).data, (x) =>
    Math.floor(((x + 1) / 2) * 0.999 * count),
  );
  return { shape, data };
}

export const list = (...values: number[]): Given => ({
  shape: [values.length],
  data: Int32Array.from(values),
});

function ortTensor({ type }: OnnxValue, { shape, data }: Given): ort.Tensor {
  if (type === "float") return new ort.Tensor("float32", data as Float32Array, shape);
  if (type === "int64")
    return new ort.Tensor(
      "int64",
      BigInt64Array.from(data, (x) => BigInt(x)),
      shape,
    );
  if (type === "bool") return new ort.Tensor("bool", Uint8Array.from(data), shape);
  return new ort.Tensor("int32", data as Int32Array, shape);
}

/** What ONNX Runtime gives. */
export async function runOrt(
  bytes: Uint8Array,
  model: OnnxModel,
  given: Readonly<Record<string, Given>>,
): Promise<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  try {
    const feeds = model.inputs.map((each) => [each.name, ortTensor(each, given[each.name]!)]);
    const outputs = await session.run(Object.fromEntries(feeds) as Record<string, ort.Tensor>);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { dims, data }]) => [
        name,
        { shape: [...dims], data: Array.from(data as ArrayLike<number>, Number) },
      ]),
    );
  } finally {
    await session.release();
  }
}

/** What the model gives. */
export function runModel(
  model: OnnxModel,
  given: Readonly<Record<string, Given>>,
): Record<string, { shape: readonly number[]; data: ArrayLike<number> }> {
  return scope(() => {
    const inputs = Object.fromEntries(
      Object.entries(given).map(([name, { shape, data }]) => [
        name,
        tensor<DType>(data, { shape, dtype: data instanceof Int32Array ? "int32" : "float32" }),
      ]),
    );
    const outputs = noGrad(() => model.forward(inputs));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [
        name,
        { shape: value.shape, data: value.data() },
      ]),
    );
  });
}

/** Refuses outputs that differ by more than `tolerance`. */
export function expectSame(
  got: Readonly<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>>,
  right: Readonly<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>>,
  tolerance = 1e-5,
): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(right).sort());
  for (const [name, { shape, data }] of Object.entries(right)) {
    expect([name, ...got[name]!.shape]).toEqual([name, ...shape]);
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [got[name]!.data[i]!, data[i]!];
      if (Object.is(x, y) || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y))) continue;
      expect.fail(`${name}[${i}]: ${x}, expected ${y}`);
    }
  }
}
