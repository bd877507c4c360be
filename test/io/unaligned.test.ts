// Bytes as programs get them: cut out of a larger Node Buffer, so that numbers lie at any address.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadCheckpoint, saveCheckpoint } from "../../src/io/checkpoint.js";
import { loadSafetensors, saveSafetensors } from "../../src/io/safetensors.js";
import { safetensorsDtypes } from "../../src/io/safetensors-dtypes.js";
import { LanguageModel } from "../../src/models/index.js";
import { LSTM } from "../../src/nn/lstm.js";
import { Adam } from "../../src/optim/adam.js";
import { builtModule } from "../../scripts/kernel-modules.mjs";
import { buildOf, instantiate } from "../../src/wasm/instantiate.js";
import { fileOf } from "./safetensors-file.js";

const OFFSETS = [0, 1, 2, 3, 4, 5, 7];

/** The same bytes within a Buffer, `offset` bytes from its beginning. */
function within(bytes: Uint8Array, offset: number): Buffer {
  return Buffer.concat([Buffer.alloc(offset, 0x55), bytes, Buffer.alloc(9, 0x55)]).subarray(
    offset,
    offset + bytes.length,
  );
}

const numbers = (state: ReadonlyMap<string, { data(): Iterable<number> }>) =>
  Object.fromEntries(Array.from(state, ([name, tensor]) => [name, [...tensor.data()]]));

describe.each(OFFSETS)("a Node Buffer %i bytes into its memory", (offset) => {
  it("gives the tensors that were saved", () => {
    const lstm = new LSTM(2, 3);
    const bytes = saveSafetensors(lstm.stateDict());
    expect(numbers(loadSafetensors(within(bytes, offset)))).toEqual(numbers(lstm.stateDict()));
  });

  it.each([...safetensorsDtypes.keys()])("gives every %s, padded header or not", (dtype) => {
    const { bytes } = safetensorsDtypes.get(dtype)!;
    const raw = new Uint8Array(3 * bytes);
    raw.set([1, 0, 1]);
    for (const padding of ["", " ", "   "]) {
      const file = fileOf(dtype, [3], raw, padding);
      const aligned = loadSafetensors(new Uint8Array(file)).get("x")!;
      expect(loadSafetensors(within(file, offset)).get("x")!.data()).toEqual(aligned.data());
    }
  });

  it("gives a checkpoint's model, moments and position", () => {
    const model = new LSTM(2, 3);
    const optimizer = new Adam(model.parameters());
    model
      .forward(loadSafetensors(input).get("x") as never)
      .output.sum()
      .backward();
    optimizer.step();
    const saved = saveCheckpoint({ model, optimizer }, { step: 1 });
    const other = new LSTM(2, 3);
    const own = new Adam(other.parameters());
    const position = loadCheckpoint({ model: other, optimizer: own }, within(saved, offset));
    expect(position).toEqual({ step: 1 });
    expect(numbers(other.stateDict())).toEqual(numbers(model.stateDict()));
    expect(numbers(own.stateDict().tensors)).toEqual(numbers(optimizer.stateDict().tensors));
  });

  it("gives a model that is saved to the same bytes", () => {
    const model = LanguageModel.build("to be or not to be", { hiddenSize: 4, embeddingSize: 4 });
    const bytes = model.save();
    expect(LanguageModel.load(within(bytes, offset)).save()).toEqual(bytes);
  });

  it("gives kernels to run", () => {
    const bytes = within(readFileSync(builtModule("main", "plain")), offset);
    const memory = new WebAssembly.Memory({ initial: 16 });
    expect(buildOf(instantiate("main", bytes as Buffer<ArrayBuffer>, memory))).toBe("plain");
  });

  it("gives the state of a stream", () => {
    const lstm = new LSTM(2, 3);
    const stream = lstm.stream();
    stream.push(new Float32Array(2).fill(0.5), new Float32Array(3));
    const bytes = stream.toBytes();
    const other = lstm.stream();
    other.fromBytes(within(bytes, offset));
    expect(other.toBytes()).toEqual(bytes);
  });
});

const input = fileOf("F32", [1, 2, 2], Float32Array.of(0.5, -1, 2, 0.25));
