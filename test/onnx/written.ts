// What is written, in ONNX Runtime and read back, beside what the module gives.
import { noGrad, scope, tensor, type DType, type Module, type Tensor } from "../../src/index.js";
import { readOnnx, toOnnx, type ToOnnxOptions } from "../../src/onnx/index.js";
import { expectSame, runModel, runOrt, type Given } from "./ort.js";

export type Outputs = Record<string, { shape: readonly number[]; data: ArrayLike<number> }>;

/**
 * Compares ONNX Runtime, and the file read back, with what `own` gives.
 *
 * @param counts of outputs whose steps past a length are whatever they are: whether a step of a row counts
 * @returns what the file read back gives
 */
export async function expectWritten<M extends Module>(
  model: M,
  options: ToOnnxOptions,
  given: Readonly<Record<string, Given>>,
  own: (inputs: Record<string, Tensor>) => Record<string, Tensor | undefined>,
  counts: Readonly<Record<string, (row: number, step: number) => boolean>> = {},
): Promise<Outputs> {
  model.eval();
  const bytes = toOnnx(model, options);
  const read = readOnnx(bytes);
  const right = scope(() => {
    const inputs = Object.entries(given).map(([name, { shape, data }]) => [
      name,
      tensor<DType>(data, { shape, dtype: data instanceof Int32Array ? "int32" : "float32" }),
    ]);
    const outputs = noGrad(() => own(Object.fromEntries(inputs) as Record<string, Tensor>));
    return Object.fromEntries(
      Object.entries(outputs).flatMap(([name, each]) =>
        each ? [[name, { shape: each.shape, data: each.data() }]] : [],
      ),
    );
  });
  const made = runModel(read, given);
  expectSame(masked(await runOrt(bytes, read, given), counts), masked(right, counts));
  expectSame(masked(made, counts), masked(right, counts));
  read.dispose();
  return made;
}

/** Zeros where steps do not count. */
function masked(outputs: Outputs, counts: Parameters<typeof expectWritten>[4]): Outputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, data }]) => {
      const own = counts?.[name];
      if (!own) return [name, { shape, data }];
      const [, time, size] = shape as [number, number, number];
      const kept = Array.from(data, (x, i) =>
        own(Math.floor(i / size / time), Math.floor(i / size) % time) ? x : 0,
      );
      return [name, { shape, data: kept }];
    }),
  );
}
