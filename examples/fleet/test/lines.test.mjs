import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { linesOf, partsOf } from "../lib/lines.mjs";
import { recordReader } from "../lib/records.mjs";
import { FolderStore } from "../lib/store.mjs";

let folder;
let store;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fleet-lines-"));
  store = new FolderStore(folder);
});
after(() => rm(folder, { recursive: true }));

async function cut(text, bytes, longest = 100) {
  await writeFile(join(folder, "lines.txt"), text);
  const size = Buffer.byteLength(text);
  const parts = [];
  for (let part = 0; part < partsOf(size, bytes); part++) {
    const lines = [];
    for await (const line of linesOf(store, "lines.txt", { part, bytes, size, longest }))
      lines.push(line === null ? null : line.toString());
    parts.push(lines);
  }
  return parts;
}

describe("linesOf", () => {
  it("gives each line once, in the part that it begins in", async () => {
    assert.deepEqual(await cut("ab\ncd\nef\n", 4), [["ab", "cd"], ["ef"], []]);
    assert.deepEqual(await cut("ab\ncd\nef\n", 3), [["ab"], ["cd"], ["ef"]]);
  });

  it("gives the same lines for any size of parts", async () => {
    const text = "one\n\nthree, ü\n" + "x".repeat(40) + "\n\n\nlast without an end";
    const whole = text.split("\n");
    for (let bytes = 1; bytes < 80; bytes++)
      assert.deepEqual((await cut(text, bytes)).flat(), whole, `parts of ${bytes}`);
  });

  it("knows no line behind the last end, and none in an empty file", async () => {
    assert.deepEqual((await cut("a\n", 1)).flat(), ["a"]);
    assert.deepEqual(await cut("", 8), []);
  });

  it("holds no line that is too long", async () => {
    assert.deepEqual((await cut(`a\n${"x".repeat(200)}\nb\n`, 16)).flat(), ["a", null, "b"]);
  });
});

describe("recordReader", () => {
  const read = (line, options, first = false) =>
    recordReader({ format: "jsonl", ...options })(line === null ? null : Buffer.from(line), first);

  it("reads texts, also of Windows and behind a byte order mark", () => {
    assert.deepEqual(read("a b\r", { format: "text" }), { input: "a b" });
    assert.deepEqual(read("\ufeffa", { format: "text" }, true), { input: "a" });
  });

  it("reads JSON, and a field of it", () => {
    assert.deepEqual(read("[1,2]", {}), { input: [1, 2] });
    assert.deepEqual(read('{"text":"a"}', { field: "text" }), { input: "a" });
  });

  it("says why it refuses", () => {
    assert.match(read("{", {}).reason, /^expected JSON, got {$/);
    assert.match(read("", {}).reason, /an empty line/);
    assert.match(read('{"other":1}', { field: "text" }).reason, /an object with "text"/);
    assert.match(read([0xff, 0xfe], { format: "text" }).reason, /expected UTF-8/);
    assert.match(read(null, {}).reason, /at most 1 MiB/);
  });
});
