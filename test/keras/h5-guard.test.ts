// HDF5 files that state sizes and places which would keep a reader busy for ever, or fill the memory.
import { expect, it } from "vitest";
import { FormatError } from "../../src/core/errors.js";
import { H5File } from "../../src/keras/h5.js";
import { writeH5 } from "../../src/keras/h5-writer.js";
import { h5pyFiles } from "./oracle.js";

const chunked = h5pyFiles["gru hardSigmoid false.chunked.h5"]!;
const latest = h5pyFiles["gru hardSigmoid false.latest.h5"]!;

/** Reads all that a file has: its arrays, and attributes of its root. */
function readAll(bytes: Uint8Array): void {
  const file = new H5File(bytes, "test", "the file");
  file.attribute("", "model_config");
  for (const path of file.arrays("")) file.array(path);
}

const find = (bytes: Uint8Array, ...what: number[]): number[] =>
  Array.from(bytes.keys()).filter((at) => what.every((byte, i) => bytes[at + i] === byte));
const view = ({ buffer }: Uint8Array): DataView => new DataView(buffer);
const copy = (bytes: Uint8Array, more = 0): Uint8Array<ArrayBuffer> => {
  const file = new Uint8Array(bytes.length + more);
  file.set(bytes);
  return file;
};
const refused = (bytes: Uint8Array): FormatError => {
  try {
    readAll(bytes);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("it was read");
};

it("what is read here is read whole", () => {
  for (const bytes of [chunked, latest]) readAll(bytes);
});

it("a tree whose nodes all lead to the same ones", () => {
  const LEVELS = 200;
  const NODE = 24 + 5 * 8 + 4 * 8;
  const empty = writeH5(new Map());
  const file = copy(empty, LEVELS * NODE);
  const data = view(file);
  const [root] = find(empty, 0x54, 0x52, 0x45, 0x45) as [number];
  const nodes = Array.from({ length: LEVELS }, (_, i) => empty.length + i * NODE);
  [root, ...nodes].forEach((at, i) => {
    file.set([0x54, 0x52, 0x45, 0x45, 0, LEVELS - i], at);
    data.setUint16(at + 6, 4, true);
    for (let child = 0; child < 4; child++)
      data.setBigUint64(at + 32 + 16 * child, BigInt(nodes[i] ?? 0), true);
  });
  expect(refused(file).message).toMatch(/refer to each other without an end/);
});

it("chunks of more numbers than there are", () => {
  // Layouts of version 3 with chunks of 2 axes and the bytes of a number, and where the tree is.
  const layouts = find(chunked, 3, 2, 3).filter(
    (at) => view(copy(chunked)).getUint32(at + 19, true) === 4,
  );
  expect(layouts.length).toBeGreaterThan(0);
  for (const at of layouts) {
    const file = copy(chunked);
    view(file).setUint32(at + 11, 0xffffffff, true);
    expect(refused(file).message).toMatch(/chunks of \[/);
  }
});
