// How data files become examples, and what a model is asked becomes words.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataOptions } from "../../src/cli/data/data-options.js";
import { readExamples } from "../../src/cli/data/dataset.js";
import { exampleFiles } from "../../src/cli/data/example-files.js";
import type { DataShape } from "../../src/cli/data/formats.js";
import { predictTags, TAGGER_COLUMNS } from "../../src/cli/tasks/predict-tags.js";
import { tagger } from "../../src/cli/tasks/tagger.js";
import { collect } from "../../src/data/source.js";
import type { Part } from "../../src/cli/task.js";
import type { SequenceTagger } from "../../src/models/index.js";

const TAGGER: DataShape = { columns: TAGGER_COLUMNS, format: "conll" };
const TEXTS: DataShape = {
  columns: [
    { name: "text", kind: "text" },
    { name: "label", kind: "text", label: true },
  ],
  format: "tsv",
};
const LABEL_SETS: DataShape = {
  columns: [
    { name: "text", kind: "text" },
    { name: "labels", kind: "text", label: true, several: true },
  ],
  format: "tsv",
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-reading-"));
});
afterAll(() => rm(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const write = (name: string, content: string) => writeFile(path(name), content);

/** What is read of files: names with commas between. */
async function read(names: string, shape: DataShape, options: DataOptions = {}) {
  const files = names.split(",").map(path).join(",");
  const read = await collect(readExamples(files, options, shape));
  return read.map(({ values }) => values);
}

/** What a reader throws, without the folder. */
async function fault(names: string, shape: DataShape, options: DataOptions = {}): Promise<string> {
  const error = await read(names, shape, options).then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error as Error,
  );
  return error.message.replaceAll(`${folder}/`, "");
}

describe("labels", () => {
  test("an empty label is refused by file and line, in every format", async () => {
    await write("a.tsv", "text\tlabel\nfoo\tx\nbar\t \n");
    expect(await fault("a.tsv", TEXTS)).toBe(
      "read: expected a name in label, got an empty text (a.tsv, line 3).",
    );
    await write("a.csv", 'text,label\n"a\nb",x\nbar,""\n');
    expect(await fault("a.csv", TEXTS)).toContain("(a.csv, line 4)");
    await write("t", "foo\nbar\n");
    await write("l", "x\n\n");
    expect(await fault("t,l", TEXTS)).toContain("an empty text (t,l, line 2)");
    await write("a.jsonl", '\n{"words":["a"],"tags":[""]}');
    expect(await fault("a.jsonl", TAGGER)).toContain(
      "a name in tags, got an empty text (a.jsonl, line 2)",
    );
  });

  test("blanks round a label are not part of it", async () => {
    await write("b.tsv", "text\tlabel\n foo \tx \nbar\t\u00a0x\n");
    expect(await read("b.tsv", TEXTS)).toEqual([
      { text: " foo ", label: "x" },
      { text: "bar", label: "x" },
    ]);
  });

  test("labels that are numbers are named by --label-names, else told how", async () => {
    const columns = "words=tokens,tags=ner_tags";
    await write(
      "hf.jsonl",
      '{"tokens":["Ada","ran"],"ner_tags":[1,0]}\n{"tokens":["a"],"ner_tags":[7]}',
    );
    expect(await fault("hf.jsonl", TAGGER, { columns })).toMatch(
      /"ner_tags" to be a list of strings, or a text, got \[1,0\] \(hf.jsonl, line 1\)\. .*--label-names O,B-PER/,
    );
    const labelNames = "O,B-PER";
    expect(await fault("hf.jsonl", TAGGER, { columns, labelNames })).toMatch(
      /a number from 0 to 1, as --label-names has them, got "7" \(hf.jsonl, line 2\)/,
    );
    const eight = [..."abcdefgh"].join();
    expect(await read("hf.jsonl", TAGGER, { columns, labelNames: eight })).toEqual([
      { words: ["Ada", "ran"], tags: ["b", "a"] },
      { words: ["a"], tags: ["h"] },
    ]);
    expect(await fault("hf.jsonl", TAGGER, { columns, labelNames: "O,O" })).toContain("each once");
    await write("n.csv", "text,label\nfine,1\n");
    expect(await read("n.csv", TEXTS, { labelNames: "bad, good" })).toEqual([
      { text: "fine", label: "good" },
    ]);
  });

  test("a text may have several", async () => {
    await write("s.tsv", "text\tlabels\nfoo\tb | a\nbar\t\nbaz\tc\n");
    expect(await read("s.tsv", LABEL_SETS, { labelSeparator: "|" })).toEqual([
      { text: "foo", labels: ["b", "a"] },
      { text: "bar", labels: [] },
      { text: "baz", labels: ["c"] },
    ]);
    await write("s.jsonl", '{"text":"foo","labels":["a","b"]}\n{"text":"bar","labels":[]}');
    expect(await read("s.jsonl", LABEL_SETS)).toEqual([
      { text: "foo", labels: ["a", "b"] },
      { text: "bar", labels: [] },
    ]);
    const [text, labels] = LABEL_SETS.columns;
    const named = { ...LABEL_SETS, columns: [text!, { ...labels!, name: "label" }] };
    expect(await read("s.jsonl", named)).toContainEqual({ text: "foo", label: ["a", "b"] });
    await write("one.csv", "text,label\nfoo,a\n");
    expect(await read("one.csv", LABEL_SETS)).toEqual([{ text: "foo", labels: "a" }]);
    await write("s2.tsv", "text\tlabels\nfoo\ta||b\n");
    expect(await fault("s2.tsv", LABEL_SETS, { labelSeparator: "|" })).toContain("s2.tsv, line 2");
  });
});

describe("formats", () => {
  const words = ["Ada", "ran"];
  const tags = ["B-PER", "O"];

  test(".json is an array of objects", async () => {
    await write("a.json", `[\n${JSON.stringify({ words, tags })},\n{"words":[1]}]`);
    expect(await fault("a.json", TAGGER)).toContain('"words" to be a list of strings');
    expect(await fault("a.json", TAGGER)).toContain("(a.json, item 2)");
    await write("b.json", JSON.stringify([{ words, tags }]));
    expect(await read("b.json", TAGGER)).toEqual([{ words, tags }]);
    await write("b.ndjson", JSON.stringify({ words, tags }));
    expect(await read("b.ndjson", TAGGER)).toEqual([{ words, tags }]);
  });

  test("--delimiter separates columns of csv and conll, and nothing else", async () => {
    await write("d.csv", 'text;label\n"a;b";x\n');
    expect(await read("d.csv", TEXTS, { delimiter: ";" })).toEqual([{ text: "a;b", label: "x" }]);
    await write("e.csv", "text;label\na;x\n");
    expect(await fault("e.csv", TEXTS)).toMatch(
      /"text" to be a text, .*, line 2\)\. .*--delimiter/,
    );
    await write("d.conll", "New York\tB-LOC\n\nis\tO\n");
    expect(await read("d.conll", TAGGER, { delimiter: "tab" })).toEqual([
      { words: ["New York"], tags: ["B-LOC"] },
      { words: ["is"], tags: ["O"] },
    ]);
    expect(await fault("d.tsv", TEXTS, { delimiter: ";" })).toContain(
      "--format csv or conll, got tsv",
    );
    expect(await fault("d.csv", TEXTS, { comments: "#" })).toContain(
      "--comments: expected --format",
    );
  });

  test("a table in tabs with quotes is told how it is read", async () => {
    await write("q.tsv", '"text"\t"label"\n"a ""b"""\t"x"\n');
    expect(await fault("q.tsv", TEXTS)).toContain("--format csv --delimiter tab");
    expect(await read("q.tsv", TEXTS, { format: "csv", delimiter: "tab" })).toEqual([
      { text: 'a "b"', label: "x" },
    ]);
  });

  test("--comments leaves lines out", async () => {
    await write("c.conll", "# sent_id = 1\nAda B-PER\n# x\nran O\n");
    expect(await read("c.conll", TAGGER, { comments: "#" })).toEqual([{ words, tags }]);
    expect(await fault("c.conll", TAGGER)).toContain('--comments "#"');
  });

  test("an order that the header has, too, takes it for a header", async () => {
    await write("h.csv", "Label,text,id\nx,foo,1\nlabel,text,2\n");
    expect(await read("h.csv", TEXTS, { columns: "label,text,_" })).toEqual([
      { label: "x", text: "foo" },
      { label: "label", text: "text" },
    ]);
  });
});

describe("data of a run", () => {
  const files = exampleFiles<object, never>({
    ...TAGGER,
    example: (values) => values,
    survey: () => ({ see() {}, describe: () => "" }),
  });
  const parts = (given: Record<string, unknown>) => files.parts(given);
  const sentence = (i: number) => `w${i} v${i}\n`;

  test("an empty sentence is left out, and noted with its line", async () => {
    await write("e.words", "a b\n\nc\n \n");
    await write("e.tags", "O O\n\nO\n\n");
    const { train } = await parts({ train: `${path("e.words")},${path("e.tags")}` });
    expect(train.source).toEqual([
      { words: ["a", "b"], tags: ["O", "O"] },
      { words: ["c"], tags: ["O"] },
    ]);
    expect(train.notes?.[0]).toBe(
      `2 empty sentences are left out, the first of them in ${train.name}, line 2.`,
    );
    // So few are all learnt, which is the other note.
    expect(train.notes).toHaveLength(2);
    expect(train.notes?.[1]).toContain("--held-out 0.2 keeps some");
    expect(await train.where!(1)).toBe(`${train.name}, line 3`);
    await write("e.jsonl", '{"words":[],"tags":[]}\n');
    await expect(parts({ train: path("e.jsonl") })).rejects.toThrow(
      "examples in --train, got none",
    );
  });

  test("a # that alone has its tag may be a comment, and that is noted", async () => {
    await write("hash.conll", "# note\na X\n\n# X\nb Y\n\nc X\n# Z\n");
    const { train } = await tagger.parts({ train: path("hash.conll") });
    expect(train.notes).toContain(
      'the tag "note" stands only at a # that begins a sentence. If those lines are comments, leave them out: --comments #.',
    );
  });

  test("each example has its line, among those held out, too, and in a stream", async () => {
    await write("many.conll", Array.from({ length: 120 }, (_, i) => `${sentence(i)}\n`).join(""));
    const { train, valid } = await parts({ train: path("many.conll") });
    for (const part of [train, valid!] as Part<readonly { words: string[] }[]>[])
      for (const [i, { words }] of part.source.entries())
        expect(await part.where!(i)).toBe(
          `${path("many.conll")}, sentence from line ${1 + 2 * Number(words[0]!.slice(1))}`,
        );
    const streamed = await parts({ train: path("many.conll"), bufferSize: 10 });
    expect(await streamed.train.where!(70)).toContain("sentence from line 141");
  });

  test("a validation file whose name tells nothing is read like the training file", async () => {
    await write("p.words", "a\n");
    await write("p.tags", "O\n");
    const train = `${path("p.words")},${path("p.tags")}`;
    await expect(parts({ train, valid: path("p.words") })).rejects.toThrow(
      /files with commas between, of words, tags, intent \(may be left out\), got 1/,
    );
  });
});

/** A tagger that remembers what it was asked. */
function listener(data: object) {
  const asked: (readonly string[])[] = [];
  const model = {
    notes: { data },
    options: { tokens: "words", wordRules: 2 },
    predictBatch: (sentences: (readonly string[])[]) =>
      sentences.map((words) => {
        if (words.length > 0) asked.push(words);
        return { words, tags: words.map(() => "O"), spans: [], intent: undefined };
      }),
  } as unknown as SequenceTagger;
  const ask = async (input: string, given: object) => {
    asked.length = 0;
    const lines = await collect(predictTags.lines(model, input, given as never));
    return { asked: [...asked], lines };
  };
  return { ask };
}

describe("what a file has for a word, predict has for one", () => {
  /** Anything that no format cuts: no blank, no line end; a mark of the byte order at the beginning is none. */
  const word = fc
    .string({ unit: "binary", minLength: 1, maxLength: 6 })
    .map((text) => text.replace(/[ \t\r\n\ufeff]/g, "x"))
    .filter((text) => !/\p{Surrogate}/u.test(text) && !text.startsWith("-DOCSTART-"));
  const sentences = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 4,
  });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const line = (words: readonly string[], by = " ") => words.join(by);
  const tags = (words: readonly string[]) => line(words.map(() => "O"));
  const conll = (by: string) => (all: string[][]) =>
    all.map((words) => words.map((word) => `x${by}${word}${by}O\n`).join("")).join("\n");
  const lines = (all: string[][]) => all.map((words) => `${line(words)}\n`).join("");

  test.each<
    [
      name: string,
      file: (all: string[][]) => string,
      input: (all: string[][]) => string,
      given: object,
      options: DataOptions,
    ]
  >([
    ["conll", conll("  "), conll("  "), { format: "conll" }, { columns: "_,words,tags" }],
    [
      "conll",
      conll("\t"),
      conll("\t"),
      { format: "conll" },
      { columns: "_,words,tags", delimiter: "tab" },
    ],
    [
      "csv",
      (all) =>
        `words,tags\n${all.map((words) => `${quoted(line(words, "\t"))},${tags(words)}\n`).join("")}`,
      lines,
      {},
      {},
    ],
    [
      "tsv",
      (all) => `words\ttags\n${all.map((words) => `${line(words)}\t${tags(words)}\n`).join("")}`,
      lines,
      {},
      {},
    ],
    ...(["jsonl", "json"] as const).map((format) => {
      const rows = (all: string[][]) => all.map((words) => ({ words, tags: words.map(() => "O") }));
      const jsonl = (all: string[][]) =>
        rows(all)
          .map((row) => `${JSON.stringify(row)}\n`)
          .join("");
      return [
        format,
        format === "jsonl" ? jsonl : (all: string[][]) => JSON.stringify(rows(all)),
        jsonl,
        { format: "jsonl" },
        {},
      ] as [string, typeof jsonl, typeof jsonl, object, DataOptions];
    }),
  ])("%s", async (format, file, input, given, options) => {
    await fc.assert(
      fc.asyncProperty(sentences, async (all) => {
        await write(`round.${format}`, file(all));
        const found = await read(`round.${format}`, TAGGER, options);
        expect(found.map(({ words }) => words)).toEqual(all);
        const { asked, lines } = await listener({ ...options, format }).ask(input(all), given);
        expect(asked).toEqual(all);
        if (format === "conll")
          expect(lines.filter((one) => one !== "").every((one) => /[ \t]O$/.test(one))).toBe(true);
        else expect(lines).toEqual(all.map(tags));
      }),
      { numRuns: 40 },
    );
  });

  test("parallel", async () => {
    await fc.assert(
      fc.asyncProperty(sentences, async (all) => {
        await write("round.words", lines(all));
        await write("round.tags", all.map((words) => `${tags(words)}\n`).join(""));
        const found = await read("round.words,round.tags", TAGGER);
        expect(found.map(({ words }) => words)).toEqual(all);
        expect((await listener({}).ask(lines(all), {})).asked).toEqual(all);
      }),
      { numRuns: 40 },
    );
  });

  test("comments of conll stay where they are", async () => {
    const { ask } = listener({ format: "conll", comments: "#" });
    const { asked, lines } = await ask("# one\ra\r# two\rb\r\rc", { format: "conll" });
    expect(asked).toEqual([["a", "b"], ["c"]]);
    expect(lines).toEqual(["# one", "a O", "# two", "b O", "", "c O"]);
  });

  test("options say otherwise than the model's file", async () => {
    const { ask } = listener({
      format: "conll",
      comments: "#",
      delimiter: "tab",
      columns: "_,words,tags",
    });
    const given = { format: "conll" };
    expect((await ask("# c\nx\ta b\tO", given)).asked).toEqual([["a b"]]);
    const other = { ...given, delimiter: "blanks", comments: "", columns: "words" };
    expect((await ask("# c\na b", other)).asked).toEqual([["#", "a"]]);
    expect((await ask("// c\nx\ta", { ...given, comments: "//" })).asked).toEqual([["a"]]);
    expect(() => predictTags.check!({ delimiter: "tab" })).toThrow(
      "--format conll with --delimiter",
    );
    expect(await fault("d.csv", TEXTS, { delimiter: "blanks" })).toContain(
      "--format conll, got csv",
    );
  });

  test("a field and a line without words are named", async () => {
    const { ask } = listener({ format: "jsonl", columns: "words=tokens,tags=t" });
    const given = { format: "jsonl" };
    expect((await ask('{"tokens":["a b"]}\n\n', given)).asked).toEqual([["a b"]]);
    await expect(ask('{"tokens":["a"]}\n{"words":["a"]}', given)).rejects.toThrow(
      '"tokens" to be a list of strings, or a text, got only words (standard input, line 2)',
    );
  });
});
