import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { manualSeed } from "hiddenstate";
import { SequenceClassifier } from "hiddenstate/models";
import { Assembly } from "../lib/assemble.mjs";
import { chunk } from "../lib/chunk.mjs";
import { digestOf, FolderStore } from "../lib/store.mjs";

let folder;
let store;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fleet-score-"));
  store = new FolderStore(folder);
});
after(() => rm(folder, { recursive: true }));

/** A part in the store, as a worker leaves it. */
async function part(name, text, refused = []) {
  await store.put(name, Buffer.from(text));
  return { key: name, bytes: Buffer.byteLength(text), lines: text.split("\n").length - 1, refused };
}

describe("Assembly", () => {
  it("goes on where it was noted, whatever was written behind that", async () => {
    const out = join(folder, "out.jsonl");
    const one = await part("one", "1\n2\n", [[1, "expected JSON, got 2"]]);
    const two = await part("two", "3\n", [[0, "expected JSON, got 3"]]);
    let assembly = await Assembly.open({ out, run: "a", store });
    await assembly.add(one, "lines.txt");
    await assembly.save();
    await assembly.add(two, "lines.txt");
    // Cut off here: the second part is in the files, and in no note.
    await assembly.close();
    await appendFile(out, "half a li");

    assembly = await Assembly.open({ out, run: "a", store });
    assert.equal(assembly.parts, 1);
    assert.equal(await readFile(out, "utf8"), "1\n2\n");
    await assembly.add(two, "lines.txt");
    await assembly.finish();
    assert.equal(await readFile(out, "utf8"), "1\n2\n3\n");
    assert.equal(
      await readFile(`${out}.refused`, "utf8"),
      "lines.txt:2: expected JSON, got 2\nlines.txt:3: expected JSON, got 3\n",
    );
    assert.deepEqual(
      (await readdir(folder)).filter((name) => /note|lock/.test(name)),
      [],
    );
  });

  it("begins anew for another run, and is one program's", async () => {
    const out = join(folder, "other.jsonl");
    const one = await part("one", "1\n");
    const assembly = await Assembly.open({ out, run: "a", store });
    await assembly.add(one, "x");
    await assembly.save();
    await assembly.close();
    const anew = await Assembly.open({ out, run: "b", store });
    assert.equal(anew.parts, 0);
    await anew.close();
    assert.equal(await readFile(out, "utf8"), "");
  });

  it("refuses a part that is not what its worker wrote", async () => {
    const assembly = await Assembly.open({ out: join(folder, "third.jsonl"), run: "a", store });
    const one = await part("one", "1\n");
    await assert.rejects(assembly.add({ ...one, bytes: 7 }, "x"), /expected 7 bytes in one, got 2/);
    await assembly.close();
  });
});

describe("chunk", () => {
  it("answers each line, names refused ones, and is the same when it is done twice", async () => {
    manualSeed(1);
    const examples = ["good", "bad"].map((input) => ({ input, label: input }));
    const model = SequenceClassifier.build(examples, { hiddenSize: 4 });
    await store.put("model.safetensors", Buffer.from(model.save()));
    const lines = '"good"\n{\n"bad"\n7\n';
    await store.put("lines.jsonl", Buffer.from(lines));
    const { version } = await store.stat("model.safetensors");
    const data = {
      ...{ folder: "scores", part: 0, bytes: 1000, format: "jsonl" },
      file: { key: "lines.jsonl", size: lines.length },
      model: {
        key: "model.safetensors",
        version,
        digest: await digestOf(store, "model.safetensors"),
      },
    };
    assert.deepEqual(await chunk(data, { store }), { part: 0, lines: 4 });
    const result = JSON.parse(await readFile(join(folder, "scores/part-00000000.json"), "utf8"));
    assert.deepEqual(
      result.refused.map(([line]) => line),
      [1, 3],
    );
    const answers = (await readFile(join(folder, result.key), "utf8")).trimEnd().split("\n");
    assert.deepEqual(
      answers.map((line) => Object.keys(JSON.parse(line))[0]),
      [...["label", "refused", "label", "refused"]],
    );
    const before = await readdir(join(folder, "scores"));
    await rm(join(folder, "scores/part-00000000.json"));
    await chunk(data, { store });
    assert.deepEqual(await readdir(join(folder, "scores")), before);
  });

  it("refuses a model that was changed meanwhile", async () => {
    const data = {
      ...{ folder: "others", part: 0, bytes: 1000, format: "text" },
      file: { key: "lines.jsonl", size: 3 },
      model: { key: "model.safetensors", version: "other", digest: "other" },
    };
    await assert.rejects(chunk(data, { store }), /as it was when the scoring began/);
  });
});

describe("FolderStore", () => {
  it("keeps keys below its folder", () => {
    assert.throws(() => store.path("../secret"), /expected a key below/);
    assert.throws(() => store.path("/etc/passwd"), /expected a key below/);
  });
});
