import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { readConll } from "../../src/data/conll.js";
import { readCsv } from "../../src/data/csv.js";
import { jsonItems, readJsonLines } from "../../src/data/json-lines.js";
import { jsonFaultIn } from "../../src/data/json-fault.js";
import { readParallel } from "../../src/data/parallel.js";
import { collect, linesOf, type TextSource } from "../../src/data/source.js";
import { readTsv } from "../../src/data/tsv.js";

/** What a reader of some text throws. */
async function faultOf(items: AsyncIterable<unknown>): Promise<string> {
  const error = await collect(items).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(FormatError);
  return (error as FormatError).message;
}

/** A text cut at random places. */
const cut = (text: string) =>
  fc
    .array(fc.nat({ max: text.length }))
    .map((places) => [0, ...places.sort((a, b) => a - b), text.length])
    .map((places) => places.slice(1).map((end, i) => text.slice(places[i], end)));

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

/** The same, whatever the chunks a text comes in. */
async function expectWhole<T>(
  text: string,
  read: (source: TextSource) => AsyncIterable<T>,
  expected: readonly T[],
): Promise<void> {
  expect(await collect(read(text))).toEqual(expected);
  await fc.assert(
    fc.asyncProperty(cut(text), fc.boolean(), async (chunks, asynchronous) => {
      expect(await collect(read(asynchronous ? later(chunks) : chunks))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
}

describe("linesOf", () => {
  it("knows the line ends of every system, wherever the chunks are cut", async () => {
    await expectWhole("\ufeffa\r\nb\n\nc\rd\n", linesOf, ["a", "b", "", "c", "d"]);
    await expectWhole("a\n\ufeffb\r\r", linesOf, ["a", "\ufeffb", ""]);
    await expectWhole("", linesOf, []);
  });
});

const CONLL = `-DOCSTART- -X- O

EU NNP B-ORG
rejects\tVBZ  O

# no comment
Peter NNP B-PER
`;

describe("readConll", () => {
  it("gives the columns that are asked for, sentence by sentence", async () => {
    const columns = { word: 0, tag: -1 };
    await expectWhole(
      CONLL.replace("# no comment\n", "\n\n"),
      (text) => readConll(text, { columns }),
      [
        { word: ["EU", "rejects"], tag: ["B-ORG", "O"] },
        { word: ["Peter"], tag: ["B-PER"] },
      ],
    );
    const all = await collect(readConll(CONLL, { columns, docstart: true, comment: "#" }));
    expect(all.map(({ word }) => word[0])).toEqual(["-DOCSTART-", "EU", "Peter"]);
    const spaced = readConll("New York\tB\n", { columns: { word: 0, tag: 1 }, separator: "\t" });
    expect(await collect(spaced)).toEqual([{ word: ["New York"], tag: ["B"] }]);
    expect(await collect(readConll("\n\n", { columns }))).toEqual([]);
  });

  it("names the line that differs", async () => {
    const options = { columns: { word: 0, tag: 2 }, name: "train.txt" };
    // Every word after the comment would be lost if it were taken for a word of three columns.
    expect(await faultOf(readConll("a b c\n\n\nd e\n", options))).toBe(
      "readConll: expected 3 columns, as in the first line, got 2 (train.txt, line 4, column 4). " +
        "Columns need one separator throughout; an empty line ends a sentence.",
    );
    expect(await faultOf(readConll("\na b\n", options))).toContain(
      'expected a column 2, for "tag", got 2 columns (train.txt, line 2)',
    );
    await expect(collect(readConll("a", { columns: {} }))).rejects.toThrow(OptionError);
    for (const empty of [{ separator: "" }, { comment: "" }])
      await expect(collect(readConll("a b c", { ...options, ...empty }))).rejects.toThrow(
        /a (separator|comment) that is a text, got ""/,
      );
    await expect(collect(readConll("a", { columns: { word: 0.5 } }))).rejects.toThrow(OptionError);
  });
});

describe("readConll, where a line is not what it seems", () => {
  const columns = { word: 0, tag: -1 };

  it("takes no white space but blanks and tabs for the end of a word", async () => {
    for (const odd of [
      "\u00a0",
      "\u2009",
      "\u00ad",
      "\u200b",
      "\u3000",
      "\u2028",
      "\u0085",
      "\f",
    ]) {
      const word = `10${odd}000`;
      const read = await collect(readConll(` ${word}\tB \n${odd} O\n`, { columns }));
      expect(read).toEqual([{ word: [word, odd], tag: ["B", "O"] }]);
    }
  });

  it("refuses a word or tag that is empty", async () => {
    const options = { columns: { word: 0, tag: 1 }, separator: "\t", name: "x.tsv" };
    expect(await faultOf(readConll("a\tO\n\tO\n", options))).toBe(
      'readConll: expected a value in column 0, for "word", got none (x.tsv, line 2).',
    );
    expect(await faultOf(readConll("a\t\n", options))).toContain('for "tag", got none');
  });

  it("asks whether # begins a comment where the columns say so", async () => {
    for (const text of ["# sent_id = 1\na O\n", "a O\n\n# x\ny z\n".replace("y z", "# a b")])
      expect(await faultOf(readConll(text, { columns }))).toMatch(
        /say so: comment: "#", or --comm/,
      );
  });
});

describe("readParallel", () => {
  const words = "show flights\nfrom boston please\n";

  it("reads in step", async () => {
    const tags = "O O\nO B-city O\n";
    const intent = "list flights\nlist";
    await expectWhole(
      words,
      (text) => readParallel({ text, tags, intent }, { aligned: ["text", "tags"] }),
      [
        { text: ["show", "flights"], tags: ["O", "O"], intent: "list flights" },
        { text: ["from", "boston", "please"], tags: ["O", "B-city", "O"], intent: "list" },
      ],
    );
  });

  it("cuts words at blanks and tabs alone", async () => {
    const read = readParallel(
      { words: "\u00a0a\u2009b  c\t\ud83d\ude00\u200d \n" },
      { aligned: ["words"] },
    );
    expect(await collect(read)).toEqual([{ words: ["\u00a0a\u2009b", "c", "\ud83d\ude00\u200d"] }]);
  });

  it("names the text and the line where they part", async () => {
    const names = { tags: "test.tags" };
    expect(await faultOf(readParallel({ words, tags: "O O\n" }, { names }))).toBe(
      "readParallel: expected as many lines as test.tags has, 1, got one more (words, line 2).",
    );
    expect(await faultOf(readParallel({ words: "a", tags: "O\nO" }, { names }))).toContain(
      "as many lines as words has, 1, got one more (test.tags, line 2)",
    );
    const aligned = { names, aligned: ["words", "tags"] as const };
    expect(await faultOf(readParallel({ words, tags: "O O\nO B-city\n" }, aligned))).toContain(
      "expected 3 pieces between blanks, as in words, got 2 (test.tags, line 2)",
    );
    await expect(collect(readParallel({}))).rejects.toThrow(OptionError);
    await expect(
      collect(readParallel({ words }, { aligned: ["tags" as "words"] })),
    ).rejects.toThrow(/aligned texts among words, got tags/);
  });

  it("closes its texts when the caller has enough", async () => {
    let closed = false;
    const source = async function* () {
      try {
        for (;;) yield "a line\n";
      } finally {
        closed = true;
      }
    };
    for await (const { words } of readParallel({ words: source() })) {
      expect(words).toBe("a line");
      break;
    }
    expect(closed).toBe(true);
  });
});

describe("readJsonLines", () => {
  it("gives a value a line", async () => {
    await expectWhole('{"a":[1,"\u{1f600}"]}\r\n\n 2 \n"x"', readJsonLines, [
      { a: [1, "\u{1f600}"] },
      2,
      "x",
    ]);
  });

  it("names line and column", async () => {
    expect(await faultOf(readJsonLines('1\n{"a":1,}\n', { name: "x.jsonl" }))).toBe(
      'readJsonLines: expected a JSON value in one line, got "}" (x.jsonl, line 2, column 8).',
    );
    expect(await faultOf(readJsonLines('{"a": [1,\n2]}'))).toContain(
      "got the end of the line (the text, line 1, column 10)",
    );
  });

  it.each([
    ['{"a" 1}', 5],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["{a:1}", 1],
    ["01", 0],
    ["1.5.2", 0],
    ["truely", 0],
    ['"a', 0],
    ['["a\\q"]', 1],
    ["[[[", 3],
    ["{} {}", 3],
    ["[}", 1],
    ['{"a":}', 5],
    ["  ", 2],
  ])("finds where %j goes wrong", (text, place) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(jsonFaultIn(text)).toBe(place);
  });

  it("finds no fault before the end of what JSON.stringify wrote", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonFaultIn(text)).toBe(text.length);
      }),
    );
  });
});

describe("readTsv", () => {
  it("takes quotes as they are", async () => {
    await expectWhole('sentence\tlabel\n" odd\t1\n\n\t0\n', readTsv, [
      { sentence: '" odd', label: "1" },
      { sentence: "", label: "0" },
    ]);
    const named = readTsv("a\tb\n", { columns: ["x", "y"] });
    expect(await collect(named)).toEqual([{ x: "a", y: "b" }]);
  });

  it("says what helps where a table has quotes", async () => {
    expect(await faultOf(readTsv('a\tb\n"x\ty"\t1\n'))).toMatch(
      /expected 2 values: a, b, got 3 .*readCsv with delimiter "\\t", or --format csv --delimiter tab/,
    );
  });

  it("names the line with other columns", async () => {
    expect(await faultOf(readTsv("a\tb\n1\t2\n3\n", { name: "t.tsv" }))).toBe(
      "readTsv: expected 2 values: a, b, got 1 (t.tsv, line 3).",
    );
    expect(await faultOf(readTsv("a\ta\n"))).toContain('got "a" (the text, line 1)');
    await expect(collect(readTsv("", { columns: ["a", "a"] }))).rejects.toThrow(OptionError);
  });
});

describe("readCsv", () => {
  it("reads quotes, also over lines and chunks", async () => {
    await expectWhole(
      'text,label\r\n"a, ""b""\nc",1\n\n,"" \n"last","2"',
      (text) => readCsv(text),
      [
        { text: 'a, "b"\nc', label: "1" },
        { text: "", label: "" },
        { text: "last", label: "2" },
      ],
    );
    const semicolons = readCsv("a,b;1\n", { columns: ["text", "label"], delimiter: ";" });
    expect(await collect(semicolons)).toEqual([{ text: "a,b", label: "1" }]);
  });

  it("gives back any values that are written by the rules", async () => {
    const value = fc.stringMatching(/^[ab",\n ]{0,5}$/);
    const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 7 }), async (rows, size) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = rows.map((row) => `${row.map(quote).join(",")}\n`).join("");
        const chunks = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
        const read = await collect(readCsv(chunks, { columns: ["a", "b"] }));
        expect(read.map(({ a, b }) => [a, b])).toEqual(rows);
      }),
    );
  });

  it("names line and column", async () => {
    const name = "table.csv";
    // The value in quotes takes two lines.
    expect(await faultOf(readCsv('a,b\n"x\ny",1\n2\n', { name }))).toContain(
      "expected 2 values: a, b, got 1 (table.csv, line 4)",
    );
    expect(await faultOf(readCsv('a,b\n1,2\n3,"x" y\n', { name }))).toContain(
      "got more behind it (table.csv, line 3, column 3)",
    );
    expect(await faultOf(readCsv(['a,b\n1,2\n3,"x', " y\n4,5\n"], { name }))).toContain(
      "got none (table.csv, line 3, column 3)",
    );
    expect(() => readCsv("", { delimiter: "||" })).toThrow(OptionError);
  });
});

describe("jsonItems", () => {
  const values = async (text: string) =>
    (await collect(jsonItems(text, { name: "x.json" }))).map(({ value, at, unit }) => [
      value,
      `${unit} ${at}`,
    ]);

  it("reads an array, and JSON lines", async () => {
    expect(await values('\n[{"a": 1},\n 2]\n')).toEqual([
      [{ a: 1 }, "item 1"],
      [2, "item 2"],
    ]);
    expect(await values('{"a": 1}\n\n2\n')).toEqual([
      [{ a: 1 }, "line 1"],
      [2, "line 3"],
    ]);
    expect(await values("")).toEqual([]);
  });

  it("names line and column", async () => {
    const fault = (text: string) => faultOf(jsonItems(text, { name: "x.json" }));
    expect(await fault('[{"a": 1},\n{"b": }]')).toBe(
      'readJsonLines: expected a JSON array, got "}" (x.json, line 2, column 7).',
    );
    expect(await fault('{\n  "data": []\n}')).toMatch(/an array of objects, or an object a line/);
  });
});

describe("any reader", () => {
  it("knows lines that end with CR alone", async () => {
    const cr = (text: string) => text.replaceAll("\n", "\r");
    await expectWhole(
      cr("a O\nb B\n\nc O\n"),
      (text) => readConll(text, { columns: { word: 0, tag: 1 } }),
      [
        { word: ["a", "b"], tag: ["O", "B"] },
        { word: ["c"], tag: ["O"] },
      ],
    );
    const rows = [
      { text: "x", label: "1" },
      { text: "y", label: "2" },
    ];
    await expectWhole(cr("text\tlabel\nx\t1\ny\t2\n"), readTsv, rows);
    await expectWhole(cr('text,label\n"x",1\ny,2'), (text) => readCsv(text), rows);
    await expectWhole(cr('{"a":1}\n\n2'), readJsonLines, [{ a: 1 }, 2]);
    await expectWhole(cr("a b\nc\n"), (words) => readParallel({ words, tags: "O\r\nO" }), [
      { words: "a b", tags: "O" },
      { words: "c", tags: "O" },
    ]);
    expect(await faultOf(readTsv("a\rb\tc\r"))).toContain("line 2");
  });

  it("holds a few lines at a time, however long the text", async () => {
    let given = 0;
    const endless = function* () {
      for (;;) {
        given++;
        yield "word\tO\nword\tO\n\n";
      }
    };
    let read = 0;
    for await (const _ of readConll(endless(), { columns: { word: 0 } })) {
      read++;
      expect(given).toBeLessThanOrEqual(read + 1);
      if (read === 1000) break;
    }
    expect(read).toBe(1000);
  });
});
