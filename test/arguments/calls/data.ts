// Readers of files, batches, padding, windows; files and progress on Node, byte arrays in browsers.
import { IDBFactory } from "fake-indexeddb";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as data from "../../../src/data/index.js";
import { readCsv } from "../../../src/data/csv.js";
import { decodePNG, encodePNG } from "../../../src/io/png.js";
import { ByteStore } from "../../../src/platform/browser/index.js";
import * as node from "../../../src/platform/node/index.js";
import { Vocabulary } from "../../../src/text/index.js";
import { call, made, method, type Call, type Kind } from "../wrong-calls.js";

const DOT = { data: Uint8Array.of(7), width: 1, height: 1 };
const SOURCE: Readonly<Record<string, readonly Kind[]>> = { "0": ["array", "instance"] };
const BATCHES = { batchSize: 2, shuffle: true, seed: 1, bucketBy: () => 1, pool: 2 };
const windows = () =>
  new data.StreamWindows(Int32Array.of(0, 1, 2, 3, 4), { batch: 1, time: 2, dropLast: true });

const folder = mkdtempSync(join(tmpdir(), "hiddenstate-arguments-"));
writeFileSync(join(folder, "written"), "a");
/** In a folder of its own: a wrong name must not write anywhere else. */
const inFolder =
  (run: (path: string, ...rest: never[]) => Promise<unknown>) =>
  (path: string, ...rest: never[]): Promise<unknown> =>
    run(typeof path === "string" ? join(folder, path) : path, ...rest);

const store = () => ByteStore.open("models", { indexedDB: new IDBFactory() });

export const DATA_CALLS: Readonly<Record<string, Call>> = {
  batches: call(data.batches, () => [[1, 2, 3], { ...BATCHES, dropLast: true }]),
  streamBatches: call(data.streamBatches, () => [
    () => [1, 2, 3],
    { ...BATCHES, dropLast: true, bufferSize: 4 },
  ]),
  padCharacters: call(data.padCharacters, () => [
    ["ab"],
    new Vocabulary(["?", "a", "b"], { unknown: "?" }),
    { padding: 0, maxCharacters: 3 },
  ]),
  padSequences: call(data.padSequences, () => [[[1, 2], [3]], { padding: 0, time: 3 }]),
  permutation: call(data.permutation, () => [3, () => 0]),
  shuffle: call(data.shuffle, () => [[1, 2], () => 0]),
  splitHeldOut: call(data.splitHeldOut, () => [[1, 2, 3, 4], 0.5], { also: { "0": "string" } }),
  collect: call(data.collect, () => [[1, 2]], { also: { "0": ["string", "instance"] } }),
  "new StreamWindows": made(data.StreamWindows, () => [
    Int32Array.of(0, 1, 2, 3, 4),
    { batch: 1, time: 2, dropLast: true },
  ]),
  "StreamWindows.at": method(windows, "at", () => [0]),
  "StreamWindows.from": method(windows, "from", () => [0]),
  readConll: call(
    data.readConll,
    () => [
      "Ada B\n",
      { columns: { word: 0 }, separator: " ", comment: "#", docstart: true, name: "a.txt" },
    ],
    { also: SOURCE },
  ),
  readJsonLines: call(data.readJsonLines, () => ["1\n", { name: "a.jsonl" }], { also: SOURCE }),
  readTsv: call(data.readTsv, () => ["a\tb\n", { columns: ["x", "y"], name: "a.tsv" }], {
    also: SOURCE,
  }),
  decodePNG: call(decodePNG, () => [encodePNG(DOT), { name: "a.png" }]),
  encodePNG: call(encodePNG, () => [DOT], { named: [0] }),
  readCsv: call(readCsv, () => ["a;b\n", { delimiter: ";", columns: ["x", "y"], name: "a.csv" }], {
    also: SOURCE,
  }),
  readParallel: call(
    data.readParallel,
    () => [{ words: "a b\n" }, { aligned: ["words"], names: { words: "a.txt" } }],
    { named: [0] },
  ),
  readBytes: call(inFolder(node.readBytes), () => ["written"]),
  writeBytes: call(inFolder(node.writeBytes), () => ["written", Uint8Array.of(1)]),
  checkWritable: call(inFolder(node.checkWritable), () => ["written"]),
  readText: call(
    (path: string, ...rest: never[]) =>
      node.readText(typeof path === "string" ? join(folder, path) : path, ...rest),
    () => ["written", { encoding: "utf-8", lenient: true }],
  ),
  formatDuration: call(node.formatDuration, () => [5]),
  "new Pace": made(node.Pace, () => [10, 1, () => 7]),
  "Pace.perSecond": method(
    () => new node.Pace(10),
    "perSecond",
    () => [1],
  ),
  "Pace.secondsLeft": method(
    () => new node.Pace(10),
    "secondsLeft",
    () => [1],
  ),
  progressLines: call(node.progressLines, () => [
    { total: 10, first: 1, every: 2, write: () => {}, pace: new node.Pace(10) },
  ]),
  "ByteStore.open": call(ByteStore.open, () => ["models", { indexedDB: new IDBFactory() }]),
  "ByteStore.get": method(store, "get", () => ["a"]),
  "ByteStore.put": method(store, "put", () => ["a", Uint8Array.of(1)]),
  "ByteStore.delete": method(store, "delete", () => ["a"]),
  "ByteStore.keys": method(store, "keys", () => []),
};
