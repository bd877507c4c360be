import { expect, test } from "vitest";
import { FormatError, getRngState, Linear, manualSeed, StateDictError } from "../../src/index.js";
import { readSafetensors, saveSafetensors } from "../../src/io/index.js";
import { readModelInfo, type ModelNotes } from "../../src/models/index.js";
import { loadModel, saveModel, type ModelKind } from "../../src/models/kit/model-file.js";

const KIND: ModelKind = { name: "Thing", kind: "thing", version: 3 };

class Thing extends Linear {
  notes: ModelNotes = {};
}

function load(bytes: Uint8Array): Thing {
  return loadModel(bytes, KIND, ["sizes"], ({ sizes }) => {
    const [inputs, outputs] = sizes as [number, number];
    return new Thing(inputs, outputs);
  });
}

function saved(): Uint8Array<ArrayBuffer> {
  manualSeed(1);
  return saveModel(new Linear(2, 3), KIND, { sizes: [2, 3] });
}

test("a model comes back in evaluation mode, and the random stream goes on", () => {
  const bytes = saved();
  manualSeed(6);
  const model = load(bytes);
  expect(getRngState()).toEqual({ seed: 6, counter: 0 });
  expect(model.training).toBe(false);
  expect(saveModel(model, KIND, { sizes: [2, 3] })).toEqual(bytes);
});

test("a file says what it is, and what was noted", () => {
  const notes = { data: { format: "tsv" }, training: { steps: 3 } };
  const noted = saveModel(new Linear(2, 3), KIND, { sizes: [2, 3] }, notes);
  expect(readModelInfo(noted)).toEqual({ kind: "thing", version: 3, ...notes });
  expect(load(noted).notes).toEqual(notes);
  const { tensors, metadata } = readSafetensors(noted);
  metadata.set("hiddenstate.data", "{");
  const broken = saveSafetensors(tensors, { metadata });
  expect(() => load(broken)).toThrow(FormatError);
  expect(() => readModelInfo(broken)).toThrow(FormatError);
  expect(readModelInfo(saved())).toEqual({ kind: "thing", version: 3 });
  expect(() => readModelInfo(saveSafetensors({}))).toThrow("does not say what model");
  expect(() => readModelInfo(saved().subarray(0, 40))).toThrow(FormatError);
});

test("another file is refused, with what it is, and leaves the random stream alone", () => {
  const { tensors, metadata } = readSafetensors(saved());
  const changed = (entries: Record<string, string>) => () =>
    load(saveSafetensors(tensors, { metadata: { ...Object.fromEntries(metadata), ...entries } }));
  manualSeed(6);
  expect(changed({ "hiddenstate.model": "other" })).toThrow("got other, version 3");
  expect(changed({ "hiddenstate.version": "4" })).toThrow("got thing, version 4");
  expect(changed({ "hiddenstate.sizes": "[2," })).toThrow(FormatError);
  expect(changed({ "hiddenstate.sizes": "null" })).toThrow(FormatError);
  expect(changed({ "hiddenstate.sizes": "[2, -3]" })).toThrow(FormatError);
  expect(changed({ "hiddenstate.sizes": "[2, 4]" })).toThrow(StateDictError);
  metadata.delete("hiddenstate.sizes");
  expect(changed({})).toThrow('an entry as "hiddenstate.sizes" in the file\'s metadata, got none');
  expect(() => load(saveSafetensors(tensors))).toThrow("says nothing of it");
  expect(() => load(saved().subarray(0, -1))).toThrow(FormatError);
  manualSeed(6);
  expect(changed({})).toThrow();
  expect(getRngState()).toEqual({ seed: 6, counter: 0 });
});
