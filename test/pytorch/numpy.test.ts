// NumPy's files: read as NumPy wrote them, written as it reads them, and what is damaged or none of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { Linear } from "../../src/nn/linear.js";
import { loadNpy, loadNpz, saveNpy, saveNpz } from "../../src/pytorch/index.js";
import { ones, tensor, zeros } from "../../src/tensor/create.js";
import { pythonWith, runPython } from "../helpers/python.js";

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const script = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), "npz-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The bytes of a .npy file with a header of one's own. */
function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length, 0, 0, 0];
  const begin = [...Buffer.from("\x93NUMPY", "latin1"), version, 0, ...length];
  return Uint8Array.from([...begin, ...Buffer.from(header, "latin1"), ...data]);
}

const FOUR = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
const HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";

function checkAll(bytes: Uint8Array): void {
  const arrays = loadNpz(bytes);
  expect(arrays.size).toBe(12 * 4 + 3);
  for (const [name, array] of arrays) {
    if (!name.includes("-")) continue;
    const least = "fi".includes(name[0]!) ? 3 : 0;
    const expected = Array.from({ length: 24 }, (_, i) =>
      name.startsWith("b") ? Number(i % 7 > 0) : (i % 7) - least,
    );
    expect(array.shape, name).toEqual([2, 3, 4]);
    expect(array.dtype, name).toBe(name.startsWith("f") ? "float32" : "int32");
    expect([...array.data()], name).toEqual(expected);
  }
  expect(arrays.get("scalar")!.shape).toEqual([]);
  expect(arrays.get("scalar")!.item()).toBe(1.5);
  expect(arrays.get("none")!.shape).toEqual([0, 3]);
  expect(arrays.get("one")!.toArray()).toEqual([7]);
}

describe("NumPy's files are read", () => {
  it("all dtypes, both orders of bytes and of axes, deflated", () => {
    checkAll(fixture("numpy.npz"));
  });

  const python = pythonWith("numpy");
  it.skipIf(!python)("by the NumPy of this machine, stored", () => {
    const file = join(folder, "stored.npz");
    runPython(python!, script("make-npz.py"), file);
    checkAll(readFileSync(file));
  });

  it.skipIf(!python)("and NumPy reads what is written here", () => {
    const file = join(folder, "written.npz");
    const check =
      "import sys, numpy as np; z = np.load(sys.argv[1]); " +
      "print(z['a'].tolist(), z['a'].dtype, z['b/ö'].tolist(), z['b/ö'].dtype, z['s'].shape)";
    for (const compressed of [false, true]) {
      const arrays = { a: tensor([[1.5, -2]]), "b/ö": tensor(Int32Array.of(3, 4)), s: zeros([]) };
      writeFileSync(file, saveNpz(arrays, { compressed }));
      expect(runPython(python!, "-c", check, file).trim()).toBe(
        "[[1.5, -2.0]] float32 [3, 4] int32 ()",
      );
    }
  });

  it("versions 2 and 3 of the format, and headers in whatever order", () => {
    const header = '{"shape": (2L, 2L), "fortran_order": True, "descr": "<f4"}\n';
    for (const version of [2, 3])
      expect(loadNpy(npy(header, FOUR, version)).toArray()).toEqual([
        [1, 3],
        [2, 4],
      ]);
  });
});

describe("NumPy's files are written", () => {
  it("as arrays of one axis, none and several come back", () => {
    for (const array of [tensor([1, 2, 3]), zeros([]), ones([2, 0, 3]), tensor([[1], [2]])]) {
      const bytes = saveNpy(array);
      const back = loadNpy(bytes);
      expect(back.shape).toEqual(array.shape);
      expect([...back.data()]).toEqual([...array.data()]);
      expect((bytes.length - 4 * array.size) % 64).toBe(0);
    }
  });

  it("the same state as the same bytes, which a module loads", () => {
    const [from, to] = [new Linear(3, 2), new Linear(3, 2)];
    for (const compressed of [false, true]) {
      const bytes = saveNpz(from.stateDict(), { compressed });
      expect(saveNpz(from.stateDict(), { compressed })).toEqual(bytes);
      to.loadStateDict(loadNpz(bytes));
      expect(to.weight.toArray()).toEqual(from.weight.toArray());
    }
  });

  it("but nothing else than tensors", () => {
    expect(() => saveNpz({ a: [1, 2] as never })).toThrow(OptionError);
    expect(() => saveNpz({ "": ones([1]) })).toThrow(/a name of an array/);
  });
});

describe("what is not read is named", () => {
  const with_ = (descr: string) => npy(HEADER.replace("<f4", descr), FOUR);
  it.each([
    ["objects", with_("|O"), /Python objects.*np\.save/],
    ["texts", with_("<U4"), /got texts at byte/],
    ["complex numbers", with_("<c8"), /complex numbers.*x\.real/],
    ["times", with_("<M8[ns]"), /times/],
    ["records", npy(HEADER.replace("'<f4'", "[('a', '<f4')]"), FOUR), /Save each field/],
    ["too few bytes", npy(HEADER, FOUR.subarray(1)), /expected 16 bytes of data for \[2, 2\]/],
    ["too many bytes", npy(HEADER, new Uint8Array(17)), /got 17/],
    ["another version", npy(HEADER, FOUR, 9), /version 1, 2 or 3/],
    ["a header beyond the file", npy(HEADER, FOUR).subarray(0, 40), /header within the file/],
    ["an HTML page", Buffer.from("<html>"), /expected a \.npy file, got an HTML/],
    ["nothing", new Uint8Array(), /got an empty file/],
  ])("%s", (_, bytes, message) => {
    expect(() => loadNpy(bytes)).toThrow(FormatError);
    expect(() => loadNpy(bytes)).toThrow(message);
  });

  it("an integer beyond int32, by its place", () => {
    const data = new Uint8Array(new BigInt64Array([1n, 2n ** 40n]).buffer);
    const header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }";
    expect(() => loadNpy(npy(header, data), { name: "ids.npy" })).toThrow(
      /loadNpy: expected values of I64 tensor "ids.npy" within int32, got 1099511627776 at index 1/,
    );
  });

  it("archives of other things, and damaged ones", () => {
    const bytes = fixture("numpy.npz");
    expect(() => loadNpz(bytes.subarray(0, 900))).toThrow(/the archive's directory.*truncated/);
    const flipped = Uint8Array.from(bytes);
    flipped[120]! ^= 1;
    expect(() => loadNpz(flipped)).toThrow(FormatError);
    expect(() => loadNpz(saveNpy(ones([2])))).toThrow(
      /a \.npz file, got NumPy's \.npy at byte 0 of the file. loadNpy\(\)/,
    );
  });
});
