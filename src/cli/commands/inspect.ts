import { Command } from "commander";
import { parseSafetensors } from "../../io/safetensors-header.js";
import { describeOnnx } from "../../onnx/index.js";
import { readBytes } from "../../platform/node/files.js";
import { otherTensors } from "../data/other-files.js";
import { isOnnx, readModel } from "../read-model.js";
import { onnxAsJSON, onnxLines } from "./inspect-onnx.js";

/** `hiddenstate inspect`: what a file holds; of safetensors without reading its numbers. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .description(
      "Show what a model or checkpoint holds, or a file of PyTorch, Keras, TensorFlow.js or NumPy; of an ONNX file its graph, and what of it cannot run.",
    )
    .argument(
      "<file>",
      "a safetensors file, .onnx, .pt, .pth, .bin, .keras, .h5, model.json, .npz or .npy",
    )
    .option("--json", "as JSON", false)
    .action(async (path: string, { json }: { json: boolean }) => {
      if (isOnnx(path)) return inspectOnnx(path, json);
      const { bytes, metadata, tensors } = await contents(path);
      if (json) {
        const notes = Object.fromEntries(metadata);
        console.log(JSON.stringify({ bytes, metadata: notes, tensors }, null, 2));
        return;
      }
      printNotes(metadata);
      const rows = tensors.map(({ name, dtype, shape }) => [name, dtype, `[${shape.join(", ")}]`]);
      const widths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
      for (const [name, dtype, shape] of rows)
        console.log(`${name!.padEnd(widths[0]!)}  ${dtype!.padEnd(widths[1]!)}  ${shape}`);
      const numbers = tensors.reduce((sum, { size }) => sum + size, 0);
      console.log(`${tensors.length} tensors, ${numbers} numbers, ${bytes} bytes`);
    });
}

async function inspectOnnx(path: string, json: boolean): Promise<void> {
  const [bytes, found] = await readModel(path, (read) => [read.length, describeOnnx(read)]);
  if (json) {
    console.log(JSON.stringify(onnxAsJSON(found, bytes), null, 2));
    return;
  }
  printNotes(found.metadata);
  for (const line of onnxLines(found, bytes)) console.log(line);
}

interface Contents {
  readonly bytes: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: { name: string; dtype: string; shape: readonly number[]; size: number }[];
}

async function contents(path: string): Promise<Contents> {
  const file = await readBytes(path);
  const other = await otherTensors(path, file, { unknown: "skip" });
  if (other) {
    const tensors = Array.from(other, ([name, { dtype, shape, size }]) => ({
      name,
      dtype,
      shape,
      size,
    }));
    return { bytes: file.length, metadata: new Map(), tensors };
  }
  const { entries, metadata } = await readModel(path, parseSafetensors, file);
  const tensors = entries.map(({ name, dtype, shape, size }) => ({ name, dtype, shape, size }));
  return { bytes: file.length, metadata, tensors };
}

/** What a file says about itself, without notes that hold nothing. */
function printNotes(metadata: ReadonlyMap<string, string>): void {
  for (const [key, value] of metadata) {
    const note = readable(value);
    if (note !== "") console.log(`${key}: ${note}`);
  }
}

/** A note for people: objects by their names, and of long lists, such as vocabularies, the beginning. */
function readable(note: string): string {
  const value = parsed(note);
  return value === undefined ? note : shown(value, "");
}

function parsed(note: string): unknown {
  try {
    return JSON.parse(note);
  } catch {
    return undefined;
  }
}

/** More of a list would fill the screen. */
const SHOWN = 20;

function shown(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return shownList(value, name);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, one]) => {
      const nested = typeof one === "object" && one !== null && !Array.isArray(one);
      return nested
        ? `${key} (${shown(one, key)})`
        : `${Array.isArray(one) ? "" : `${key} `}${shown(one, key)}`;
    })
    .join(", ");
}

/** `4 tokens: O B-PER I-PER B-LOC` */
function shownList(list: readonly unknown[], name: string): string {
  const first = list.slice(0, SHOWN).map((one) => shown(one, ""));
  const more = list.length - first.length;
  return `${list.length} ${name}: ${first.join(" ")}${more > 0 ? ` … (${more} more, with --json)` : ""}`;
}
