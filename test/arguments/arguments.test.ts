// Every function, constructor and method that the package exports refuses wrong calls.
import { describe, expect, it } from "vitest";
import { entries } from "../../scripts/package-entries.mjs";
import { CALLS } from "./calls/index.js";
import { faultsOf } from "./wrong-calls.js";

/** Entries whose calls are checked by tests of their own. */
const ELSEWHERE = ["infer/models", "parallel/worker"].map((name) => `hiddenstate/${name}`);

/** Exports without a right call of their own, and why. */
const UNCALLED: Readonly<Record<string, string>> = {
  "new NgramModel": "is private",
  "new ByteStore": "is private",
  "new HuggingFaceTokenizer": "is private",
  "new TSNE": "is private",
  "new References": "is made by a network",
  "new OnnxModel": "is made by readOnnx",
  "new Word2Vec": "is private",
  serve: "is for workers",
  csvRecords: "is for the command",
  "new KerasModel": "is read from a file",
  "new TorchTensor": "is read from a file",
  "new PythonGlobal": "is read from a file",
  "new PythonObject": "is read from a file",
};

/** Names of the functions and classes that an entry exports; those in records, such as `initializers`, too. */
async function namesOf(source: string): Promise<string[]> {
  const exported = (await import(new URL(`../../${source}`, import.meta.url).href)) as object;
  return Object.entries(exported).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "object" && value !== null)
      return Object.keys(value).map((inner) => `${name}.${inner}`);
    if (typeof value !== "function") return [];
    const text = Function.prototype.toString.call(value);
    const isClass = text.startsWith("class");
    const isError = value.prototype instanceof Error;
    const { name: own = name } = value as { name?: string };
    const isAbstract = ["Module", "Optimizer", "LRSchedule", "Tensor", "Buffer"].includes(own);
    if (!isClass) return [name];
    // A class without a constructor of its own that takes anything needs none.
    return isError || isAbstract || !/constructor\([^)]/.test(text) ? [] : [`new ${name}`];
  });
}

describe("every export has a right call to derive wrong ones from", async () => {
  const listed = entries.filter(({ name }) => !ELSEWHERE.includes(name));
  const names = await Promise.all(listed.map(({ source }) => namesOf(source)));
  it.each([...new Set(names.flat())].sort())("%s", (name) => {
    expect(name in CALLS || name in UNCALLED).toBe(true);
  });
});

describe("wrong calls are refused by errors that teach", () => {
  it.each(Object.entries(CALLS))("%s", async (_, call) => {
    expect(await faultsOf(call)).toEqual([]);
  });
});
