import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endAt, runCli, type CliResult } from "./cli.js";

/** A small generator of its own: the data must not change with the library's. */
function draws(seed: number): <T>(items: readonly T[]) => T {
  let state = seed;
  return (items) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return items[Math.floor((state / 2 ** 32) * items.length)]!;
  };
}

const NAMES = ["Ada", "Alan", "Grace", "Edsger", "Barbara"];
const PLACES = ["Paris", "Rome", "New York", "Oslo", "Lima"];

interface Sentence {
  words: string[];
  tags: string[];
  intent: string;
}

/** `Ada flies to New York .`, and questions: who and where is told by the words before, too. */
function sentences(count: number, seed: number): Sentence[] {
  const pick = draws(seed);
  return Array.from({ length: count }, () => {
    const asks = pick([true, false]);
    const parts: [string, string][] = [];
    const add = (text: string, type?: string) =>
      text
        .split(" ")
        .forEach((word, i) =>
          parts.push([word, type === undefined ? "O" : `${i === 0 ? "B" : "I"}-${type}`]),
        );
    if (asks) add(pick(["does", "did", "will"]));
    add(pick(NAMES), "PER");
    add(pick(["flies to", "lives in", "comes from"]));
    add(pick(PLACES), "LOC");
    add(asks ? "?" : ".");
    return {
      words: parts.map(([word]) => word),
      tags: parts.map(([, tag]) => tag),
      intent: asks ? "question" : "statement",
    };
  });
}

const conll = (all: readonly Sentence[]) =>
  all
    .map(({ words, tags }) => words.map((word, i) => `${word} x ${tags[i]}\n`).join(""))
    .join("\n");
const lines = (all: readonly Sentence[], key: "words" | "tags") =>
  all.map((one) => `${one[key].join(" ")}\n`).join("");
const table = (all: readonly Sentence[]) =>
  `id\tsentence\tclass\n${all.map(({ words, intent }, i) => `${i}\t${words.join(" ")}\t${intent}\n`).join("")}`;

const SMALL = [
  "--hidden-size",
  "12",
  "--embedding-size",
  "12",
  "--epochs",
  "6",
  "--batch-size",
  "8",
];
const TAGGER = [
  ...["train", "--task", "tagger", "--train", "train.conll", "--valid", "valid.conll"],
  ...["--character-size", "8", "--training-scheme", "BIOES", "--learning-rate", "0.02", ...SMALL],
];
const CLASSIFIER = [
  ...["train", "--task", "classifier", "--train", "train.tsv.gz", "--test", "test.tsv"],
  ...["--columns", "text=sentence,label=class", "--learning-rate", "0.02", ...SMALL],
];
const MODEL = "tagger.safetensors";

let folder: string;
let trained: CliResult;
const train = sentences(120, 1);
const valid = sentences(30, 2);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-tasks-"));
  const files: Record<string, string | Uint8Array> = {
    "train.conll": conll(train),
    "valid.conll": `-DOCSTART- x O\n\n${conll(valid)}`,
    "train.tsv.gz": gzipSync(table(train)),
    "test.tsv": table(valid),
    "valid.words": lines(valid, "words"),
    "valid.tags": lines(valid, "tags"),
    "valid.jsonl": valid
      .map(({ words, tags }) => `${JSON.stringify({ words, ner: tags })}\n`)
      .join(""),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  trained = await runCli(TAGGER, { cwd: folder });
  expect(trained.errors).toBe("");
});
afterAll(() => rm(folder, { recursive: true }));

function lastLine({ stdout }: CliResult): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;
}

describe("a tagger", () => {
  test("is trained, scored and kept", async () => {
    expect(trained.code).toBe(0);
    expect(trained.output).toContain("120 sentences with ");
    expect(trained.output).toMatch(/^Epoch 6: loss [\d.]+; f1 [\d.]+ %, /m);
    expect(trained.stdout).toMatch(/^ +PER: precision: +[\d.]+%; recall: +[\d.]+%; FB1: /m);
    expect(trained.stdout).toMatch(/^Each word's most frequent tag: f1 /m);
    expect(trained.output).not.toContain("\u001b");
    const report = lastLine(trained);
    expect(Object.keys(report)).toEqual(["modelFile", "steps", "validation", "baseline", "cost"]);
    expect(report).toMatchObject({ modelFile: MODEL, steps: 90 });
    expect((report.validation as { f1: number }).f1).toBeGreaterThan(0.95);
    expect((await readdir(folder)).filter((name) => name.startsWith("tagger"))).toEqual([MODEL]);
  });

  test.each([
    ["valid.conll"],
    ["valid.conll", "--columns", "words,_,tags"],
    ["valid.words,valid.tags"],
    ["valid.jsonl", "--columns", "words=words,tags=ner"],
  ])("has the same scores on %s %s %s", async (...data) => {
    const args = ["evaluate", "--model", MODEL, "--json", "--data", ...data];
    const { stdout, stderr } = await runCli(args, { cwd: folder });
    expect(stderr).toBe("");
    const { byType, strict, unknownWords, ...scores } = JSON.parse(stdout) as Record<
      string,
      unknown
    >;
    const { f1, precision, recall } = scores;
    expect(strict).toEqual({ f1, precision, recall });
    expect(scores).toEqual(lastLine(trained).validation);
    expect(byType).toHaveProperty("PER.recall");
    expect(unknownWords).toBe(0);
  });

  test("is scored for people, too", async () => {
    const args = ["evaluate", "--model", MODEL, "--data", "valid.conll"];
    const { stdout } = await runCli(args, { cwd: folder });
    expect(stdout).toMatch(/^processed \d+ tokens with \d+ phrases; found/);
    expect(trained.stdout).toContain(stdout);
  });

  test.skipIf(process.platform === "win32")("is scored on what a pipe brings", async () => {
    const args = ["evaluate", "--model", MODEL, "--data"];
    const input = await readFile(join(folder, "valid.conll"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const written = writeFile(join(folder, "pipe"), input);
    const piped = await runCli([...args, "pipe"], { cwd: folder });
    await written;
    expect(piped).toEqual(await runCli([...args, "valid.conll"], { cwd: folder }));
  });

  const predict = (input: string, ...more: string[]) =>
    runCli(["predict", "--model", MODEL, ...more], { cwd: folder, input });

  test("labels lines in their order", async () => {
    const { stdout } = await predict("Ada flies to New York .\n\nLima");
    expect(stdout.split("\n")[0]).toBe("B-PER O O B-LOC I-LOC O");
    expect(stdout.split("\n")[1]).toBe("");
    expect(stdout.split("\n").length).toBe(4);
    const json = await predict("Ada flies to Rome.\n", "--split", "words", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      words: ["Ada", "flies", "to", "Rome", "."],
      spans: [{ type: "PER", start: 0, end: 1 }, { type: "LOC" }],
    });
  });

  test("adds a column to columns, and changes nothing else", async () => {
    const input = `-DOCSTART- x\n\n${conll(valid)}`;
    const all = await predict(lines(valid, "words"));
    const columns = await predict(input, "--format", "conll");
    const own = columns.stdout.trimEnd().split("\n");
    expect(own[0]).toBe("-DOCSTART- x O");
    expect(own.map((line) => line.replace(/ \S+$/, ""))).toEqual(input.trimEnd().split("\n"));
    const tags = own.slice(2).map((line) => line.split(" ")[3] ?? "\n");
    expect(tags.join(" ").split(" \n ").join("\n")).toBe(all.stdout.trimEnd());
  });

  test("can be looked into", async () => {
    const { stdout } = await runCli(["inspect", MODEL], { cwd: folder });
    expect(stdout).toContain("hiddenstate.model: sequence-tagger");
    expect(stdout).toMatch(/hiddenstate.labels: 4 tokens: O B-/);
    expect(stdout).toMatch(/hiddenstate.options: .*scheme IOB2, trainingScheme BIOES/);
  });

  test("on Ctrl-C is saved, and goes on to the same bits", async () => {
    const out = ["--out", "again.safetensors"];
    const stopped = await runCli([...TAGGER, ...out], {
      cwd: folder,
      watch: endAt("Epoch 2: ", "SIGINT"),
    });
    expect(stopped.code).toBe(130);
    const goOn = /Go on with: {2}hiddenstate (.*)/.exec(stopped.stderr)![1]!.split(" ");
    expect(goOn).toEqual(["train", "--resume", "again.safetensors.checkpoint"]);
    const other = await runCli([...goOn, "--hidden-size", "13"], { cwd: folder });
    expect(other.stderr).toContain("expected --hidden-size 12, as the checkpoint has it, got 13");
    expect(other.code).toBe(2);
    const task = await runCli([...goOn, "--task", "classifier"], { cwd: folder });
    expect(task.stderr).toContain("expected --task tagger, as the checkpoint has it");
    const predict = await runCli(["predict", "--model", goOn.at(-1)!], { cwd: folder });
    expect(predict.stderr).toMatch(
      /expected a model, got the checkpoint of a run that has not ended .* train --resume again/,
    );
    const result = await runCli(goOn, { cwd: folder });
    expect([result.code, result.errors]).toEqual([0, ""]);
    expect(result.output).not.toContain("Epoch 1: ");
    expect(result.output).toMatch(/^Resumed behind step \d+ of 90, in epoch [23]\.$/m);
    const bits = await readFile(join(folder, "again.safetensors"));
    expect(bits.equals(await readFile(join(folder, MODEL)))).toBe(true);
  });
});

describe("a tagger with intents", () => {
  test("learns, scores and says them", async () => {
    await writeFile(
      join(folder, "intents.jsonl"),
      train.map((sentence) => `${JSON.stringify(sentence)}\n`).join(""),
    );
    const out = ["--out", "intents.safetensors", "--learning-rate", "0.02"];
    const args = ["train", "--task", "tagger", "--train", "intents.jsonl", ...SMALL, ...out];
    const result = await runCli(args, { cwd: folder });
    expect([result.code, result.errors]).toEqual([0, ""]);
    expect(result.output).toContain("4 tags, 2 intents");
    const model = ["--model", "intents.safetensors"];
    const { stdout } = await runCli(["predict", ...model], {
      cwd: folder,
      input: "will Ada fly to Rome ?\n",
    });
    expect(stdout).toMatch(/^O B-PER .*\tquestion\n$/);
    // Data without intents are scored on their tags alone.
    const without = await runCli(["evaluate", ...model, "--data", "valid.conll"], { cwd: folder });
    expect(without.stdout).toMatch(/^f1 .*, sentenceAccuracy [\d.]+ %; /m);
    const metric = ["--valid", "valid.conll", "--metric", "intent"];
    const refused = await runCli([...args, ...metric], { cwd: folder });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("--valid data with intents, for --metric intent, got none"),
    ]);
    const odd = JSON.stringify({ words: ["Ada"], tags: ["B-PER"], intent: "song" });
    await writeFile(join(folder, "odd.jsonl"), odd);
    const unseen = await runCli(["evaluate", ...model, "--data", "odd.jsonl"], { cwd: folder });
    expect(unseen.stderr).toMatch(
      /a sentence of odd.jsonl \(first: odd.jsonl, line 1\) has an intent .*: song\.$/m,
    );
  });
});

describe("a run that is ended goes on to the same bits", () => {
  const runs = [
    { task: "tagger", args: TAGGER, steps: 90 },
    // Of the 120 texts 12 are held out.
    { task: "classifier", args: CLASSIFIER, steps: 84 },
  ];
  test.each(runs)("a $task, killed and interrupted", async ({ task, args, steps }) => {
    const whole = ["--out", `${task}-whole.safetensors`];
    await runCli([...args, ...whole], { cwd: folder });
    // A name that a shell would cut.
    const out = `my ${task}.safetensors`;
    const often = ["--checkpoint-every", "7"];
    const killed = await runCli([...args, ...often, "--out", out], {
      cwd: folder,
      watch: endAt("step 20/", "SIGKILL"),
    });
    expect(killed.signal).toBe("SIGKILL");
    expect(await readdir(folder)).not.toContain(out);
    const resume = ["train", "--resume", `${out}.checkpoint`, ...often];
    const stopped = await runCli(resume, { cwd: folder, watch: endAt("Epoch 4: ", "SIGINT") });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(`hiddenstate train --resume "${out}.checkpoint"\n`);
    const result = await runCli(resume, { cwd: folder });
    expect([result.code, result.errors]).toEqual([0, ""]);
    expect(lastLine(result)).toMatchObject({ modelFile: out, steps });
    // Both went on from where the one before was: from the start, the first line is of step 4.
    const firstStep = ({ output }: CliResult) => Number(/^step (\d+)\//m.exec(output)![1]);
    expect(firstStep(stopped)).toBeGreaterThan(14);
    expect(firstStep(result)).toBeGreaterThan(4 * (steps / 6));
    const bits = await readFile(join(folder, out));
    expect(bits.equals(await readFile(join(folder, whole[1]!)))).toBe(true);
    expect((await readdir(folder)).filter((name) => name.startsWith("my "))).toEqual([out]);
    await rm(join(folder, out));
  });
});

describe("a classifier", () => {
  test("learns from a table, and labels lines", async () => {
    const result = await runCli(CLASSIFIER, { cwd: folder });
    expect([result.code, result.errors]).toEqual([0, ""]);
    expect(result.output).toContain(
      "108 texts to learn from; 2 labels; a part of train.tsv.gz (12 by chance) is for validation.",
    );
    expect(lastLine(result).validation).toMatchObject({ accuracy: expect.any(Number) as number });
    expect(result.stdout).toMatch(/^question +\d+ +\d+ +[\d.]+%$/m);
    expect(result.stdout).toMatch(/^Naive Bayes over words/m);
    expect((lastLine(result).test as { accuracy: number }).accuracy).toBeGreaterThan(0.95);
    const args = ["predict", "--model", "classifier.safetensors"];
    const input = "will Ada go to Rome ?\nAlan lives in Oslo .\n";
    const { stdout } = await runCli(args, { cwd: folder, input });
    expect(stdout).toBe("question\nstatement\n");
    const json = await runCli([...args, "--json"], { cwd: folder, input });
    const said = json.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatchObject({
      label: "question",
      probabilities: { statement: expect.any(Number) as number },
    });
  });
});

describe("what is wrong with a file is named, with its place", () => {
  const cases: [string, string, string[], RegExp, number?][] = [
    [
      "a line with fewer columns",
      "a x O\nb O\n",
      [],
      /FormatError: train: .*bad, line 2, column 4/,
    ],
    [
      "a column that is not there",
      "a O\n",
      ["--columns", "words,_,tags"],
      /"tags", got 2 columns \(bad, line 1\)/,
    ],
    [
      "no JSON",
      '{"words": ["a"]\n',
      ["--format", "jsonl"],
      /got the end of the line \(bad, line 1, column 16\)/,
    ],
    [
      "another field",
      '{"text": "a"}\n',
      ["--format", "jsonl"],
      /"words" to be a list .* got only text \(bad, line 1\).*--columns/,
    ],
    [
      "too few tags",
      "words\ttags\na b\tO\n",
      ["--format", "tsv"],
      /as many tags as words, 2, got 1 \(bad, line 2\)/,
    ],
    [
      "a row that is short",
      "words\ttags\na\n",
      ["--format", "tsv"],
      /2 values: words, tags, got 1 \(bad, line 2\)/,
    ],
    [
      "an open quote",
      'words,tags\n"a,O\n',
      ["--format", "csv"],
      /FormatError: train: .*quotes.*bad, line 2, column 1/,
    ],
    [
      "one odd tag",
      "Ada B-PER\nran O\n\nBob B_PER\n",
      [],
      /tags of IOB2, as the others are: .*, got "B_PER" \(bad, sentence from line 4\)/,
    ],
    [
      "a comment that is taken for a word",
      "# comment\nAda B-PER\nran O\n",
      [],
      /got "comment" \(bad, sentence from line 1\)\. If those .*--comments #/,
    ],
    ["no example", "\n\n", [], /examples in --train, got none in bad/],
    [
      "columns that are unknown",
      "a O\n",
      ["--columns", "word,tag"],
      /--columns: expected words, tags/,
      2,
    ],
    ["other bytes", "caf\xe9 O\n", [], /a text in utf-8, got other bytes \(bad, line 1\)/],
  ];
  test.each(cases)("%s", async (_, content, more, message, code = 1) => {
    await writeFile(join(folder, "bad"), Buffer.from(content, "latin1"));
    const args = ["train", "--task", "tagger", "--train", "bad", "--out", "none.safetensors"];
    const result = await runCli([...args, ...more], { cwd: folder });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n {4}at /);
    expect(result.code).toBe(code);
  });

  test("a label that was never learnt is counted as a mistake, and told", async () => {
    await writeFile(join(folder, "new.tsv"), `${table(valid)}31\tOslo !\tcry\n`);
    const out = ["--out", "new.safetensors"];
    const result = await runCli([...CLASSIFIER, ...out, "--test", "new.tsv"], { cwd: folder });
    expect(result.stderr).toMatch(
      /^Note: a text of new.tsv \(first: new.tsv, line 32\) has a label .* mistake: cry\.$/m,
    );
    expect(result.code).toBe(0);
    expect((lastLine(result).test as { accuracy: number }).accuracy).toBeCloseTo(30 / 31, 6);
    expect(result.stdout).toMatch(/^cry +[01] +[01] +0 +0.0%$/m);
  });

  test("a tag that was never learnt is counted, and told", async () => {
    await writeFile(join(folder, "new.conll"), `${conll(valid)}\nMoby x B-WHALE\n`);
    const args = ["evaluate", "--model", MODEL, "--data", "new.conll", "--json"];
    const { code, stdout, stderr } = await runCli(args, { cwd: folder });
    expect(stderr).toMatch(
      /^Note: a word of new.conll \(first: .*, sentence from line 203\) has a tag .*: B-WHALE\.$/m,
    );
    expect(JSON.parse(stdout)).toHaveProperty(["byType", "WHALE"]);
    expect(code).toBe(0);
  });

  test("labels that do not repeat are told", async () => {
    const args = ["train", "--task", "classifier", "--train", "train.tsv.gz", "--encoder", "mean"];
    const more = ["--columns", "label,text,_", "--epochs", "1", "--out", "odd.safetensors"];
    const { stderr } = await runCli([...args, ...more], { cwd: folder });
    expect(stderr).toMatch(/^Note: nearly every text of train.tsv.gz has a label of its own/);
  });

  test("an input in another encoding", async () => {
    const input = Buffer.from("Ada\ncaf\xe9\n", "latin1");
    const args = ["predict", "--model", MODEL];
    const { code, stderr } = await runCli(args, { cwd: folder, input });
    expect(stderr).toMatch(/a text in utf-8, got other bytes \(standard input, line 2\)/);
    expect(code).toBe(1);
    const other = await runCli([...args, "--encoding", "latin1"], { cwd: folder, input });
    expect([other.code, other.errors]).toEqual([0, ""]);
  });

  test("parallel files of other lengths", async () => {
    await writeFile(join(folder, "short.tags"), "O\n");
    const args = ["evaluate", "--model", MODEL, "--data", "valid.words,short.tags"];
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect(stderr).toMatch(/FormatError: evaluate: expected \d pieces .* \(short.tags, line 1\)/);
    expect(code).toBe(1);
  });
});

describe("usage", () => {
  test.each([
    ["an option of another task", [...TAGGER, "--pooling", "max"], 2, /unknown option '--pooling'/],
    ["an unknown task", ["train", "--task", "parser"], 2, /language-model, tagger, classifier/],
    [
      "a classifier on columns",
      ["train", "--task", "classifier", "--train", "train.conll", "--format", "conll"],
      2,
      /--format: expected parallel, tsv/,
    ],
    [
      "writing with a tagger",
      ["generate", "--model", MODEL],
      2,
      /generate: expected a model that writes: language-model, music, got a tagger. It labels: predict/,
    ],
    ["no data", ["train", "--task", "tagger"], 2, /expected --train FILE, got none/],
    [
      "a score of no data",
      [
        ...["train", "--task", "tagger", "--train", "train.conll"],
        "--held-out",
        "0",
        "--metric",
        "f1",
      ],
      2,
      /expected validation data for --metric/,
    ],
    [
      "a size of nothing",
      [...TAGGER, "--characters", "none"],
      2,
      /expected --characters cnn or lstm with --character-size, got --characters none/,
    ],
    [
      "two kinds of validation data",
      [...TAGGER, "--held-out", "0.2"],
      2,
      /expected --valid FILE or --held-out, got both/,
    ],
    ["two tasks", [...TAGGER, "--task", "classifier"], 2, /--task.*choices are tagger/i],
    [
      "a model over what it learns from",
      [...TAGGER, "--out", "./train.conll"],
      2,
      /expected --out to be a file of its own, got \.\/train.conll, which is read from/,
    ],
    [
      "an option that would change nothing",
      ["predict", "--model", MODEL, "--format", "conll", "--json"],
      2,
      /predict: expected --format text or jsonl with --json, got --format conll/,
    ],
    [
      "a text as a model",
      ["predict", "--model", "train.conll"],
      1,
      /predict: expected a safetensors file, got a text \(train.conll\)\. Is it the right file/,
    ],
    [
      "a text as a checkpoint",
      ["train", "--task", "tagger", "--resume", "train.conll"],
      1,
      /train: .* \(train.conll\)/,
    ],
  ] as const)("%s", async (_, args, code, message) => {
    const result = await runCli(args, { cwd: folder });
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });

  test.each(["tagger", "classifier"])("--help of the %s teaches", async (task) => {
    const { code, stdout } = await runCli(["train", "--task", task, "--help"], { cwd: folder });
    expect(code).toBe(0);
    for (const part of ["Examples:", "--columns", "conll", "Exit codes"])
      expect(stdout).toContain(part);
  });
});

describe("a model's file remembers how its data are read", () => {
  const swapped = (all: readonly Sentence[]) =>
    all
      .map(({ words, tags }) => words.map((word, i) => `x ${word} ${tags[i]} y\n`).join(""))
      .join("\n");

  test("its columns, for evaluate and predict", async () => {
    await writeFile(join(folder, "swapped.conll"), swapped(train));
    await writeFile(join(folder, "swapped-valid.conll"), swapped(valid));
    const result = await runCli(
      [
        ...["train", "--task", "tagger", "--train", "swapped.conll", "--out", "swapped.model"],
        ...["--columns", "_,words,tags,_", "--learning-rate", "0.02", ...SMALL],
      ],
      { cwd: folder },
    );
    expect([result.code, result.errors]).toEqual([0, ""]);
    const model = ["--model", "swapped.model"];
    const scored = await runCli(["evaluate", ...model, "--data", "swapped-valid.conll", "--json"], {
      cwd: folder,
    });
    expect((JSON.parse(scored.stdout) as { f1: number }).f1).toBeGreaterThan(0.9);
    const input = "x Ada x\nx flies x\nx to x\nx Lima x\n";
    const args = ["predict", ...model, "--format", "conll"];
    const predicted = await runCli(args, { cwd: folder, input });
    expect(predicted.stdout).toBe("x Ada x B-PER\nx flies x O\nx to x O\nx Lima x B-LOC\n");
    const other = await runCli([...args, "--columns", "words"], { cwd: folder, input: "Ada\n" });
    expect(other.stdout).toBe("Ada B-PER\n");
    const short = await runCli(args, { cwd: folder, input: "Ada\n" });
    expect(short.stderr).toMatch(/the word in column 1, got 1 columns \(standard input, line 1\)/);
  });

  test("another format is read by its own rules", async () => {
    const args = ["evaluate", "--model", "swapped.model", "--data", "valid.words,valid.tags"];
    const { code, stdout } = await runCli(args, { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^f1 (?:9|100)/m);
  });
});

describe("what a run does not lose", () => {
  const args = [...TAGGER, "--out", "kept.safetensors", "--checkpoint-every", "3"];

  test("the checkpoint of another run", async () => {
    const first = await runCli(args, { cwd: folder, watch: endAt("step 32/", "SIGINT") });
    expect(first.code).toBe(130);
    const before = await readFile(join(folder, "kept.safetensors.checkpoint"));
    const second = await runCli([...args, "--seed", "2"], {
      cwd: folder,
      watch: endAt("step 8/", "SIGHUP"),
    });
    expect(second.code).toBe(130);
    expect(second.output).toContain("is kept as kept.safetensors.checkpoint.1");
    const kept = await readFile(join(folder, "kept.safetensors.checkpoint.1"));
    expect(kept.equals(before)).toBe(true);
    const resumed = await runCli(["train", "--resume", "kept.safetensors.checkpoint.1"], {
      cwd: folder,
    });
    expect(resumed.code).toBe(0);
    const bits = await readFile(join(folder, "kept.safetensors"));
    expect(bits.equals(await readFile(join(folder, MODEL)))).toBe(true);
  });

  test("by a pause at a step: it goes on to the same bits, and logs each evaluation once", async () => {
    const out = [
      "--out",
      "paused.safetensors",
      "--log-file",
      "paused.jsonl",
      "--checkpoint-every",
      "7",
    ];
    const first = await runCli([...TAGGER, ...out, "--pause-at", "20"], { cwd: folder });
    expect(first.code).toBe(0);
    const checkpoint = "paused.safetensors.checkpoint";
    const report = { checkpoint, steps: 20 };
    expect(JSON.parse(first.stdout.trimEnd().split("\n").at(-1)!)).toEqual(report);
    expect(first.stderr).toContain(`Go on with:  hiddenstate train --resume ${checkpoint}`);
    const on = ["train", "--resume", checkpoint, "--log-file", "paused.jsonl", "--pause-at"];
    // It stands there already; and behind the end nothing pauses.
    const again = await runCli([...on, "20"], { cwd: folder });
    expect(JSON.parse(again.stdout.trimEnd().split("\n").at(-1)!)).toEqual(report);
    const last = await runCli([...on, "100000"], { cwd: folder });
    expect(last.code).toBe(0);
    const bits = await readFile(join(folder, "paused.safetensors"));
    expect(bits.equals(await readFile(join(folder, MODEL)))).toBe(true);
    const log = (await readFile(join(folder, "paused.jsonl"), "utf8")).trimEnd().split("\n");
    const entries = log.map((line) => JSON.parse(line) as Record<string, unknown>);
    const steps = entries.map(({ step }) => step as number);
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(entries[0]).toMatchObject({ metric: "f1", better: "higher", epoch: 0 });
    expect(entries[0]!.validation).toHaveProperty("f1");
  });

  test("which of its files has changed", async () => {
    await writeFile(join(folder, "other.conll"), conll(valid));
    const run = [...args.map((arg) => (arg === "valid.conll" ? "other.conll" : arg))];
    const out = run.map((arg) => (arg === "kept.safetensors" ? "changed.safetensors" : arg));
    await runCli(out, { cwd: folder, watch: endAt("step 12/", "SIGINT") });
    await writeFile(join(folder, "other.conll"), conll(valid.slice(1)));
    const resumed = await runCli(["train", "--resume", "changed.safetensors.checkpoint"], {
      cwd: folder,
    });
    expect(resumed.stderr).toMatch(
      /the --valid data that the run began with .*other.conll of other/,
    );
    expect(resumed.code).toBe(1);
  });
});

test("a malformed tag in the test part is told before the training", async () => {
  await writeFile(join(folder, "odd.conll"), `${conll(valid)}\nAda x B_PER\n`);
  const args = [...TAGGER, "--out", "odd.model", "--test", "odd.conll"];
  const { code, stderr, stdout } = await runCli(args, { cwd: folder });
  expect(stderr).toMatch(
    /FormatError: train: .*"B_PER" at position 0 \(odd.conll, sentence from line 203\)/,
  );
  expect([code, stdout]).toEqual([1, ""]);
});

test("--minutes fixes the number of steps, which repeats the run", async () => {
  const run = (out: string, ...more: string[]) =>
    runCli([...TAGGER, "--epochs", "1000", "--out", out, ...more], { cwd: folder });
  const bounded = await run("bounded.safetensors", "--minutes", "0.02");
  expect([bounded.code, bounded.errors]).toEqual([0, ""]);
  const steps = /^In 0.02 min: --steps (\d+), /m.exec(bounded.output)![1]!;
  expect(Number(steps)).toBeLessThan(15_000);
  expect(lastLine(bounded).steps).toBeLessThanOrEqual(Number(steps));
  const args = TAGGER.filter((arg, i) => arg !== "--epochs" && TAGGER[i - 1] !== "--epochs");
  const again = [...args, "--steps", steps, "--out", "again.model"];
  expect((await runCli(again, { cwd: folder })).code).toBe(0);
  const bits = await readFile(join(folder, "bounded.safetensors"));
  expect(bits.equals(await readFile(join(folder, "again.model")))).toBe(true);
});

test("a model that does not beat its baseline says so", async () => {
  const args = [...TAGGER, "--out", "weak.safetensors", "--steps", "1", "--learning-rate", "1e-5"];
  const steps = args.filter((arg, i) => arg !== "--epochs" && args[i - 1] !== "--epochs");
  const { stdout } = await runCli(steps, { cwd: folder });
  expect(stdout).toContain("The model is worse than this baseline by f1");
  expect(trained.stdout).not.toContain("than this baseline");
});

describe("texts with several labels", () => {
  const MULTI = ["--task", "multi-label-classifier", "--label-separator", "|"];
  const topics = (all: readonly Sentence[]) =>
    all.map(({ words, intent }) => ({
      text: words.join(" "),
      labels: [intent, ...(words.includes("Rome") ? ["Rome"] : [])],
    }));

  test("are learnt from a table or JSON lines, scored, and labelled", async () => {
    const rows = topics(train).map(({ text, labels }) => `${text}\t${labels.join("|")}\n`);
    await writeFile(join(folder, "topics.tsv"), `text\tlabel\n${rows.join("")}`);
    const lines = topics(valid).map((one) => `${JSON.stringify(one)}\n`);
    await writeFile(join(folder, "topics.jsonl"), lines.join(""));
    const data = ["--train", "topics.tsv", "--valid", "topics.jsonl", "--out", "topics.model"];
    const more = ["--learning-rate", "0.02", "--metric", "f1:Rome", ...SMALL];
    const result = await runCli(["train", ...MULTI, ...data, ...more], { cwd: folder });
    expect([result.code, result.errors]).toEqual([0, ""]);
    expect(result.output).toMatch(/^120 texts to learn from; 3 labels, 1\.\d\d a text\.$/m);
    expect(result.stdout).toMatch(/^Rome: f1 [\d.]+ %, precision .* of \d+$/m);
    expect(result.stdout).toMatch(
      /^microF1 .*, f1:Rome [\d.]+ %; labels from a probability of 0\.\d/m,
    );
    expect(result.stdout).toMatch(/^Naive Bayes for each label: microF1 .*, f1:Rome /m);
    expect(lastLine(result).validation).toHaveProperty("f1:Rome");
    const model = ["--model", "topics.model"];
    const input = "will Ada go to Rome ?\nAlan lives in Oslo .\n";
    const { stdout } = await runCli(["predict", ...model], { cwd: folder, input });
    expect(stdout.split("\n").map((line) => line.split("|").sort())).toEqual([
      ["Rome", "question"],
      ["statement"],
      [""],
    ]);
    await writeFile(join(folder, "topics-new.tsv"), "text\tlabel\nAda sings .\tstatement|song\n");
    const odd = await runCli(["evaluate", ...model, "--data", "topics-new.tsv", "--json"], {
      cwd: folder,
    });
    expect(odd.stderr).toMatch(/^Note: a text of topics-new.tsv .* lack; .* mistake: song\.$/m);
    expect(JSON.parse(odd.stdout)).toMatchObject({ sampleAccuracy: 0, byLabel: { song: {} } });
  });
});

describe("a finished model is trained further", () => {
  test("on other data, as it reads them; its checkpoint goes on to the same bits", async () => {
    const from = ["train", "--from", MODEL, "--train", "valid.conll", "--epochs", "4"];
    const more = ["--learning-rate", "0.01", "--checkpoint-every", "1"];
    const whole = await runCli([...from, ...more, "--out", "further.model"], { cwd: folder });
    expect([whole.code, whole.errors]).toEqual([0, ""]);
    expect(whole.output).toContain(` parameters, as in ${MODEL}; plain kernels.`);
    const run = [...from, ...more, "--out", "again.further"];
    const cut = await runCli(run, { cwd: folder, watch: endAt("step 2/", "SIGKILL") });
    expect(cut.signal).toBe("SIGKILL");
    const again = await runCli(["train", "--resume", "again.further.checkpoint"], { cwd: folder });
    expect([again.code, again.errors]).toEqual([0, ""]);
    const bits = await readFile(join(folder, "again.further"));
    expect(bits.equals(await readFile(join(folder, "further.model")))).toBe(true);
    expect(bits.equals(await readFile(join(folder, MODEL)))).toBe(false);
  });

  test("new words are told, new tags refused with their place, and so are other sizes", async () => {
    await writeFile(join(folder, "new-words.conll"), `${conll(valid)}\nOttokar x B-PER\n`);
    await writeFile(join(folder, "new-tags.conll"), `${conll(valid)}\nMoby x B-WHALE\n`);
    const go = (data: string, ...more: string[]) =>
      runCli(
        ["train", "--from", MODEL, "--train", data, "--out", "f.model", "--epochs", "1", ...more],
        {
          cwd: folder,
        },
      );
    const words = await go("new-words.conll");
    expect(words.stderr).toMatch(
      /^Note: 0\.6 % of the words of new-words.conll are not in the voc/m,
    );
    const tags = await go("new-tags.conll");
    expect(tags.stderr).toMatch(
      /^FormatError: train: .*"B-WHALE".* \(new-tags.conll, sentence from line/m,
    );
    expect(tags.code).toBe(1);
    const sizes = await go("valid.conll", "--hidden-size", "3");
    expect(sizes.stderr).toContain("expected no --hidden-size beside --from, got 3");
    expect(sizes.code).toBe(2);
    const over = await runCli(["train", "--from", MODEL, "--train", "valid.conll"], {
      cwd: folder,
    });
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining("a file of its own")]);
  });
});

describe("what the command tells", () => {
  test("fault 42: progress on standard error, results alone on standard output", () => {
    expect(trained.stdout).toMatch(/^\nOn valid.conll:\nprocessed /);
    expect(trained.stdout).not.toMatch(/^(step|Epoch|Trained|At most|Chosen|A tagger) /m);
    expect(trained.stderr).toMatch(/^At most 90 steps of 8 sentences; .* mean of the last 50\.$/m);
  });

  test("fault 41: words a second and memory, and the baseline in the report", () => {
    expect(trained.stderr).toMatch(
      /^Trained in .*, \d+ words a second, \d+ MB of memory at most; /m,
    );
    const { cost, baseline } = lastLine(trained);
    expect(cost).toEqual({
      tokensPerSecond: expect.any(Number) as number,
      peakMemoryBytes: expect.any(Number) as number,
    });
    expect(baseline).toMatchObject({ f1: 1, accuracy: 1 });
  });

  test("fault 41: the F1 of one type decides where --metric names it, and is in the baseline", async () => {
    const args = [...TAGGER, "--metric", "f1:LOC", "--out", "loc.model"];
    const result = await runCli(args, { cwd: folder });
    expect([result.code, result.errors]).toEqual([0, ""]);
    expect(result.output).toMatch(/^Epoch 1: .*, f1:LOC [\d.]+ %/m);
    expect(result.stdout).toMatch(/^Each word's most frequent tag: .*, f1:LOC 100.00 %\.$/m);
    const other = await runCli([...args, "--metric", "f1:SHIP"], { cwd: folder });
    expect(other.stderr).toMatch(/--metric to be one of f1, .*f1:LOC, f1:PER, got "f1:SHIP"/);
    expect(other.code).toBe(2);
  });

  test("rare labels, and few examples", async () => {
    const rows = train.map(({ words }, i) => `${words.join(" ")}\t${i < 3 ? "rare" : "often"}\n`);
    await writeFile(join(folder, "rare.tsv"), `text\tlabel\n${rows.join("")}`);
    const args = ["train", "--task", "classifier", "--train", "rare.tsv", "--epochs", "1"];
    const out = ["--out", "rare.model", "--class-weights", "rare=20"];
    const { stderr, code } = await runCli([...args, ...out], { cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^Note: labels with few of the 108 texts: rare [123]\. .*--sampling balanced/m,
    );
    expect(stderr).toMatch(/^Note: 12 texts for validation: few, .* 29 %/m);
    const wrong = await runCli([...args, "--class-weights", "odd=2"], { cwd: folder });
    expect(wrong.stderr).toMatch(/expected --class-weights of labels among often, rare, got "odd"/);
    expect(wrong.code).toBe(2);
  });
});

describe("a run that fails", () => {
  test("fault 18: diverging, it says at which step and rate, and keeps its last good checkpoint", async () => {
    const args = [...TAGGER, "--out", "wild.model", "--checkpoint-every", "1"];
    const rate = ["--learning-rate", "1e18", "--max-norm", "1e30"];
    const { code, stderr } = await runCli([...args, ...rate], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).not.toContain("NaN %");
    expect(stderr).toMatch(
      /^NumericError: train: .* step \d+.*learning rate 1e?\+?\d*\. The training diverged: a smaller --learning-rate, .*--max-norm helps\./m,
    );
    expect(stderr).toMatch(/ helps\. wild\.model\.checkpoint has the run as it was before\.$/m);
    const files = await readdir(folder);
    expect(files).toContain("wild.model.checkpoint");
    expect(files).not.toContain("wild.model");
  });

  test.each<[string, string[], RegExp]>([
    [
      "no --train",
      ["train", "--task", "tagger"],
      /OptionError: train: expected --train FILE, got none/,
    ],
    [
      "an option of another task's models",
      ["predict", "--model", "classifier.safetensors", "--format", "conll"],
      /predict with a classifier: expected options among .*got "--format"/,
    ],
    ["an encoding that there is not", [...TAGGER, "--encoding", "klingon"], /--encoding.*klingon/],
  ])("fault 40: wrong usage is exit code 2: %s", async (_, args, message) => {
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test("a scoring that fails after the training loses nothing else of the report", async () => {
    await writeFile(join(folder, "gone.conll"), conll(valid));
    const args = [...TAGGER, "--out", "gone.model", "--test", "gone.conll", "--buffer-size", "10"];
    const result = await runCli(args, {
      cwd: folder,
      watch: (output) => {
        if (output.includes("Epoch 5: ")) void rm(join(folder, "gone.conll"), { force: true });
      },
    });
    expect(result.stderr).toMatch(/a file that can be read, got gone.conll/);
    expect(result.code).toBe(1);
    expect(lastLine(result)).toMatchObject({ modelFile: "gone.model", steps: 90 });
    expect(await readdir(folder)).toContain("gone.model");
  });
});
