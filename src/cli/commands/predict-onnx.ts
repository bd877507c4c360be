import { Command, InvalidArgumentError } from "commander";
import { noGrad } from "../../autograd/mode.js";
import type { DType } from "../../core/dtype.js";
import { DTypeError, OptionError, ShapeError } from "../../core/errors.js";
import { loadNpy, saveNpy } from "../../io/npy.js";
import { loadNpz, saveNpz } from "../../io/npz.js";
import type { OnnxModel } from "../../onnx/index.js";
import { concat } from "../../ops/join.js";
import { slice } from "../../ops/slice.js";
import { checkWritable, readBytes, writeBytes } from "../../platform/node/files.js";
import { scope, scopeReturning } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { initSync } from "../../wasm/backend.js";
import { onnxModel } from "../data/onnx-file.js";
import { isOnnx, readModel } from "../read-model.js";
import { UsageError } from "../usage.js";
import { modelNamed } from "../data/model-named.js";

type Tensors = Record<string, Tensor<DType>>;

interface Given {
  readonly model: string;
  readonly input: readonly string[];
  readonly out?: string | undefined;
  readonly batchSize?: number | undefined;
}

/** Whether `--model` names a file of ONNX. */
export function namesOnnx(args: readonly string[]): boolean {
  return isOnnx(modelNamed(args) ?? "");
}

/** `hiddenstate predict --model model.onnx`: what the graph gives for arrays of NumPy. */
export function predictOnnxCommand(): Command {
  return new Command("predict")
    .description("Run a model of an ONNX file on arrays of NumPy's files.")
    .requiredOption("--model <file>", ".onnx, with files of its tensors beside it")
    .requiredOption(
      "--input <files...>",
      "x.npy, of a model of one input; name=x.npy for each input; or a .npz whose arrays have the inputs' names",
    )
    .option("--out <file>", "a .npz of all outputs, or the .npy of a single one (default: JSON)")
    .option("--batch-size <n>", "rows at a time: less memory (default: all)", rows)
    .addHelpText(
      "after",
      `
Without --out each output is a line of JSON: {"output": its name, "shape": […], "data": […]}. Integers are read as int32, and become
floats where the model reads floats.

Examples:
  hiddenstate predict --model model.onnx --input x.npy
  hiddenstate predict --model steps.onnx --input x=frame.npy h0=state.npy --out next.npz
  hiddenstate inspect model.onnx    (names and axes of the inputs)

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    )
    .action(async (given: Given) => {
      const { model: path, out } = given;
      initSync({ build: "plain" });
      const model = await readModel(path, (bytes) => onnxModel(path, bytes));
      checkOut(model, out);
      if (out !== undefined) await checkWritable(out);
      const inputs = await inputsOf(model, given.input);
      const outputs = inParts(model, inputs, given.batchSize);
      if (out === undefined) print(outputs);
      else if (out.endsWith(".npz")) await writeBytes(out, saveNpz(outputs));
      else await writeBytes(out, saveNpy(Object.values(outputs)[0]!));
    });
}

function rows(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Expected a whole number of at least 1.");
}

function checkOut({ outputs }: OnnxModel, out: string | undefined): void {
  const names = outputs.map(({ name }) => name).join(", ");
  if (out === undefined || out.endsWith(".npz")) return;
  if (!out.endsWith(".npy") || outputs.length > 1)
    throw new UsageError({
      op: "--out",
      expected: `a file whose name ends with .npz${outputs.length > 1 ? ` for the outputs ${names}` : " or .npy"}`,
      got: out,
    });
}

/** The arrays of the files, by the names of the inputs. */
async function inputsOf(model: OnnxModel, files: readonly string[]): Promise<Tensors> {
  const names = model.inputs.map(({ name }) => name);
  const found: Tensors = {};
  const put = (name: string, array: Tensor<DType>, file: string): void => {
    const input = model.inputs.find((each) => each.name === name);
    if (!input || name in found)
      throw new UsageError({
        op: "--input",
        expected: `each of the inputs ${names.join(", ")} once`,
        got: `${name} of ${file}`,
      });
    found[name] = input.dtype === "float32" ? array.to("float32") : array;
  };
  for (const given of files) {
    // A path may hold "=" too.
    const at = given.indexOf("=");
    const named = at > 0 && names.includes(given.slice(0, at));
    const file = named ? given.slice(at + 1) : given;
    const bytes = await readBytes(file);
    if (file.endsWith(".npz") && !named)
      for (const [name, array] of loadNpz(bytes, { name: file })) put(name, array, file);
    else if (!named && names.length > 1)
      throw new UsageError({
        op: "--input",
        expected: `an input's name before each file: ${names.map((name) => `${name}=FILE`).join(" ")}`,
        got: given,
      });
    else put(named ? given.slice(0, at) : names[0]!, loadNpy(bytes, { name: file }), file);
  }
  const missing = names.find((name) => !(name in found));
  if (missing !== undefined)
    throw new UsageError({
      op: "--input",
      expected: `a file for each of the inputs ${names.join(", ")}`,
      got: `none for ${missing}`,
      cure: `--input ${missing}=FILE.npy`,
    });
  return found;
}

/** What the model gives, so many rows at a time. */
function inParts(model: OnnxModel, inputs: Tensors, size: number | undefined): Tensors {
  const count = Math.max(...Object.values(inputs).map(({ shape }) => shape[0] ?? 1));
  if (size === undefined || size >= count) return part(model, inputs);
  checkRows(model, inputs, count);
  const parts: Tensors[] = [];
  for (let from = 0; from < count; from += size)
    parts.push(
      part(model, inputs, (each) => slice(each as Tensor, 0, from, Math.min(from + size, count))),
    );
  const whole = ({ name }: { readonly name: string }) => {
    const own = parts.map((each) => each[name]!);
    const all = concat(own);
    for (const each of own) each.dispose();
    return [name, all] as const;
  };
  return Object.fromEntries(model.outputs.map(whole));
}

function part(
  model: OnnxModel,
  inputs: Tensors,
  cut: (each: Tensor<DType>) => Tensor<DType> = (each) => each,
): Tensors {
  const run = (): Tensors =>
    model.forward(
      Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, cut(each)])),
    );
  try {
    return scopeReturning(
      () => noGrad(run),
      (made) => Object.values(made) as Tensor[],
    );
  } catch (cause) {
    // Which input is in the operation's name, for which the command's will stand.
    const input =
      cause instanceof ShapeError || cause instanceof DTypeError ? NAMED.exec(cause.op) : undefined;
    if (!input) throw cause;
    const { expected, got } = cause as ShapeError;
    throw new OptionError({ op: "predict", expected: `${input[1]} ${expected}`, got }, { cause });
  }
}

const NAMED = /^OnnxModel\.forward, (input .*)$/;

/** Refuses to cut what has no rows: the first axis of all inputs and outputs must have one name. */
function checkRows(model: OnnxModel, inputs: Tensors, count: number): void {
  const all = [...model.inputs, ...model.outputs];
  const [first] = all.map(({ axes }) => axes?.[0]);
  const odd = all.find(
    ({ name, axes }) =>
      typeof first !== "string" ||
      axes?.[0] !== first ||
      (inputs[name] && inputs[name].shape[0] !== count),
  );
  if (odd)
    throw new UsageError({
      op: "--batch-size",
      expected: "a model whose inputs and outputs all begin with the batch's axis",
      got: `${odd.name} [${odd.axes?.join(", ") ?? "?"}]`,
      cure: "Leave it out: all rows are run at once.",
    });
}

/** A line for each output. */
function print(outputs: Tensors): void {
  for (const [output, value] of Object.entries(outputs))
    console.log(JSON.stringify({ output, shape: value.shape, data: scope(() => value.toArray()) }));
}
