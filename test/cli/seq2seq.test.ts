import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shownTokens } from "../../src/cli/tasks/shown-tokens.js";
import { reversedWords } from "../helpers/pairs.js";
import { endAt, runCli, type CliResult } from "./cli.js";

const PAIRS = reversedWords(300, { letters: "abc", most: 4 });
const VALID = reversedWords(40, { seed: 2, letters: "abc", most: 4 });
const MODEL = ["--model", "seq2seq.safetensors"];
const SIZES = [
  ...["--hidden-size", "32", "--embedding-size", "16", "--dropout", "0", "--epochs", "12"],
  ...["--batch-size", "16", "--learning-rate", "0.015", "--schedule", "linear"],
];
const TRAIN = [
  ...["train", "--task", "seq2seq", "--train", "train.tsv", "--columns", "source=word,target=back"],
  ...["--valid", "valid.tsv", ...SIZES],
];

let folder: string;
let trained: CliResult;
const run = (args: readonly string[], input = "") => runCli(args, { cwd: folder, input });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-seq2seq-"));
  const table = (pairs: typeof PAIRS) =>
    `word\tback\n${pairs.map(({ source, target }) => `${source}\t${target}\n`).join("")}`;
  const lines = (side: "source" | "target") => VALID.map((pair) => `${pair[side]}\n`).join("");
  const files = {
    ...{ "train.tsv": table(PAIRS), "valid.tsv": table(VALID) },
    ...{ "valid.src": lines("source"), "valid.tgt": lines("target") },
    "valid.jsonl": VALID.map((pair) => `${JSON.stringify(pair)}\n`).join(""),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  trained = await run(TRAIN);
  expect(trained.errors).toBe("");
});
afterAll(() => rm(folder, { recursive: true }));

const lastLine = ({ stdout }: CliResult) =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;

test("a model of pairs is trained, shows what it writes, and is scored beside copying", () => {
  expect(trained.code).toBe(0);
  expect(trained.output).toContain("300 pairs to learn from.");
  expect(trained.output).toMatch(/Chosen for these data: --source characters, --target characters/);
  const { source, target } = VALID[0]!;
  expect(trained.stderr).toContain(`  source     ${source}\n  reference  ${target}\n  output     `);
  expect(trained.stdout).toMatch(/^bleu [\d.]+, chrf [\d.]+, exactMatch [\d.]+ %, perplexity /m);
  expect(trained.stdout).toMatch(/^BLEU nrefs:1\|case:mixed\|eff:no\|tok:13a\|smooth:exp/m);
  expect(trained.stdout).toMatch(/^The source as it is: bleu /m);
  // JSON and what stands above it are of the same search.
  const { validation, baseline } = lastLine(trained) as Record<
    string,
    { exactMatch: number; bleu: number }
  >;
  expect(trained.stdout).toContain(`bleu ${validation!.bleu.toFixed(4)}, chrf`);
  expect(validation!.exactMatch).toBeGreaterThan(0.9);
  expect(validation!.exactMatch).toBeGreaterThan(baseline!.exactMatch);
});

test("evaluate ends with its scores in JSON, whatever the format of the data", async () => {
  const table = await run(["evaluate", ...MODEL, "--data", "valid.tsv"]);
  expect(table.stdout).toMatch(/^BLEU nrefs:1/m);
  const scores = lastLine(table);
  expect(Object.keys(scores)).toEqual(
    expect.arrayContaining(["bleu", "chrf", "exactMatch", "perplexity", "bleuSignature"]),
  );
  const parallel = await run(["evaluate", ...MODEL, "--data", "valid.src,valid.tgt", "--json"]);
  expect(lastLine(parallel)).toEqual(scores);
  const greedy = await run(["evaluate", ...MODEL, "--data", "valid.jsonl", "--beams", "1"]);
  expect(lastLine(greedy)).toMatchObject({ perplexity: scores.perplexity });
});

test("evaluate, and train at its end, search with five beams where --beams does not say", async () => {
  // Of little training, so that the search has something to decide.
  const young = await run([
    ...[...TRAIN, "--epochs", "5", "--out", "young.safetensors"],
    ...["--test", "valid.tsv"],
  ]);
  const at = async (...beams: string[]) =>
    lastLine(
      await run(["evaluate", "--model", "young.safetensors", "--data", "valid.tsv", ...beams]),
    );
  const five = await at("--beams", "5");
  expect(await at("--beams", "1")).not.toEqual(five);
  expect(await at()).toEqual(five);
  expect(five).toMatchObject(lastLine(young).test as object);
  expect(five).toMatchObject(lastLine(young).validation as object);
});

test("predict writes a line for a line, alternatives, JSON, and a page of attention", async () => {
  const input = "cab\n\nab\n";
  const plain = await run(["predict", ...MODEL], input);
  expect(plain.stdout.split("\n")).toHaveLength(4);
  expect(plain.stdout.split("\n")[0]).toBe("bac");
  const several = await run(["predict", ...MODEL, "--alternatives", "3"], input);
  expect(several.stdout.split("\n")[0]!.split("\t")).toHaveLength(3);
  const json = await run(["predict", ...MODEL, "--json", "--beams", "2"], "cab\n");
  expect(JSON.parse(json.stdout)).toMatchObject({ text: "bac", tokens: ["b", "a", "c"] });
  await run(["predict", ...MODEL, "--attention", "page.html"], input);
  const page = await readFile(join(folder, "page.html"), "utf8");
  expect(page).toContain("<h2>cab</h2>");
  expect(page).toMatch(/<title>b · b: [01]\.\d{3}<\/title>/);
  expect(page).toMatch(/<title>&#60;end&#62; · &#60;end&#62;: [01]\.\d{3}<\/title>/);
});

test("chat answers each line, and those before it where it is asked to", async () => {
  const alone = await run(["chat", ...MODEL], "cab\n\nab\n");
  expect(alone.stdout).toBe("bac\nba\n");
  const turns = ["chat", ...MODEL, "--turns", "3", "--separator", "b", "--max-length", "9"];
  const { stdout } = await run(turns, "a\na\n/reset\na\n");
  const [first, second, third] = stdout.split("\n");
  expect(first).toBe(third);
  expect(second!.length).toBeGreaterThan(first!.length);
  // What the separator is made of was learnt: the turns before are read unasked.
  const unasked = ["chat", ...MODEL, "--separator", "b", "--max-length", "9"];
  expect((await run(unasked, "a\na\n/reset\na\n")).stdout).toBe(stdout);
  // Who types a separator begins no turn.
  expect((await run(unasked, "b a\nab\n/reset\na\n")).stdout).toBe(stdout);
  const unknown = await run(["chat", ...MODEL, "--turns", "3"], "a\n");
  expect(unknown.code).toBe(2);
  expect(unknown.errors).toContain(
    "expected a --separator that the model has learnt with --turns 3, got <sep>",
  );
});

test("chat draws its answers where a temperature is given", async () => {
  const chat = ["chat", ...MODEL, "--max-length", "6", "--temperature"];
  const said = "cab\n".repeat(6);
  const hot = await run([...chat, "30"], said);
  const lines = hot.stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(6);
  expect(new Set(lines).size).toBeGreaterThan(1);
  expect((await run([...chat, "30"], said)).stdout).toBe(hot.stdout);
  expect((await run([...chat, "30", "--seed", "9"], said)).stdout).not.toBe(hot.stdout);
  expect((await run([...chat, "0.01"], said)).stdout).toBe("bac\n".repeat(6));
  const both = await run([...chat, "1", "--beams", "2"], said);
  expect([both.code, both.errors]).toEqual([
    2,
    expect.stringContaining("--beams of beam search, or --temperature"),
  ]);
});

test("a Transformer is trained and asked as any other", async () => {
  const file = ["--out", "attends.safetensors"];
  const sizes = ["--hidden-size", "16", "--num-heads", "2", "--num-layers", "1"];
  const { code, stderr } = await run([
    ...[...TRAIN.slice(0, -SIZES.length), "--architecture", "transformer", ...sizes],
    ...["--positions", "learned", "--context-length", "12"],
    ...["--epochs", "2", "--batch-size", "50", ...file],
  ]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/Chosen for these data: .*--learning-rate 0.0015, --beta2 0.98/);
  const model = ["--model", "attends.safetensors"];
  const asked = await run(["predict", ...model, "--attention", "looks.html"], "cab\n");
  expect(asked.code).toBe(0);
  expect(await readFile(join(folder, "looks.html"), "utf8")).toContain("<h2>cab</h2>");
  const said = await run(["chat", ...model, "--temperature", "2"], "cab\n");
  expect([said.code, said.stdout.split("\n").length]).toEqual([0, 2]);
  // Turns that learned positions have no place for are forgotten, the first ones first.
  const turns = ["chat", ...model, "--turns", "3", "--separator", "b"];
  const long = await run(turns, "cacaca\n".repeat(3));
  expect([long.code, long.stdout.split("\n").length]).toEqual([0, 4]);
});

test("what contradicts itself is refused before anything is read", async () => {
  const refused = async (args: readonly string[], message: string, code = 2) => {
    const result = await run(args);
    expect([result.code, result.errors]).toEqual([code, expect.stringContaining(message)]);
  };
  const train = ["train", "--task", "seq2seq", "--train", "none.tsv"];
  await refused(
    [...train, "--source", "characters", "--target", "characters", "--min-count", "2"],
    "words beside --min-count",
  );
  await refused([...train, "--attention", "none", "--placement", "output"], "no --placement");
  await refused([...train, "--residual"], "--num-layers above 1 with --residual");
  await refused(
    [...train, "--placement", "gnmt"],
    '--num-layers of at least 2 for --placement "gnmt"',
  );
  await refused([...train, "--hidden-size", "33"], "an even --hidden-size");
  const attends = [...train, "--architecture", "transformer"];
  await refused(
    [...attends, "--cell", "gru"],
    "train with --architecture transformer: expected options among --architecture, --hidden-size",
  );
  await refused([...train, "--num-heads", "2"], "train with --architecture recurrent: expected");
  await refused([...attends, "--num-heads", "5"], "--num-heads that divide --hidden-size, 192");
  await refused([...attends, "--context-length", "9"], '--positions "learned" only, got 9');
  const tied = [...train, "--tie-embeddings", "all"];
  await refused([...tied, "--vocabulary", "separate"], "one vocabulary for both sides");
  await refused([...tied, "--target", "characters"], "one vocabulary for both sides");
  await refused(
    [...train, "--batch-tokens", "99", "--batch-size", "8"],
    "--batch-size or --batch-tokens",
  );
  await refused(["evaluate", ...MODEL, "--data", "train.tsv", "--beams", "0"], "--beams");
  await refused(["predict", ...MODEL, "--beams", "5000"], "--beams at most 1000, got 5000");
  await refused(
    ["predict", ...MODEL, "--alternatives", "9"],
    "--alternatives at most the number of --beams, 5, got 9",
  );
  expect((await run(["predict", "--help"])).stdout).toContain("--attention <file>");
  await refused(["generate", ...MODEL], "got a seq2seq. It answers texts: predict, or chat.");
});

test("what the scores at the end could not do is refused before the first step", async () => {
  const refused = async (options: readonly string[], message: string) => {
    const { code, errors, output } = await run([...TRAIN, "--out", "no.safetensors", ...options]);
    expect([code, errors]).toEqual([2, expect.stringContaining(message)]);
    expect(output).not.toContain("Epoch 1");
  };
  await refused(
    ["--attention", "none", "--replace-unknown"],
    "a model with attention for --replace-unknown, got one without",
  );
  await refused(["--min-length", "9", "--max-length", "3"], "--min-length at most --max-length, 3");
});

test("pairs with an empty side are left out, with a note; batches go by tokens", async () => {
  const lines = [
    "word\tback",
    "a\t",
    ...PAIRS.map(({ source, target }) => `${source}\t${target}`),
    "\tb",
  ];
  await writeFile(join(folder, "holes.tsv"), `${lines.join("\n")}\n`);
  const short = ["--hidden-size", "4", "--embedding-size", "4", "--epochs", "1"];
  const { code, stderr } = await run([
    ...[
      "train",
      "--task",
      "seq2seq",
      "--train",
      "holes.tsv",
      "--columns",
      "source=word,target=back",
    ],
    ...["--valid", "valid.tsv", ...short, "--batch-tokens", "40", "--out", "holes.safetensors"],
  ]);
  expect(code).toBe(0);
  expect(stderr).toContain("300 pairs to learn from.");
  expect(stderr).toContain(
    "Note: 2 pairs with an empty side are left out, the first of them in holes.tsv, line 2.",
  );
  expect(stderr).not.toContain("--batch-size");
});

test("bytes are shown as the characters that they spell", () => {
  const bytes = ["<0xF0>", "<0x9F>", "<0x99>", "<0x82>"];
  expect(shownTokens(["a", ...bytes, "b"])).toEqual(["a", "…", "…", "…", "🙂", "b"]);
  // A character that is cut off begins none behind it.
  expect(shownTokens(["<0xF0>", "b", "<0x41>"])).toEqual(["…", "b", "A"]);
});

test("a copy of a checkpoint is left as it is", async () => {
  const out = ["--out", "first.safetensors"];
  const watch = endAt("Epoch 3", "SIGINT");
  await runCli([...TRAIN, ...out], { cwd: folder, watch });
  await rename(join(folder, "first.safetensors.checkpoint"), join(folder, "kept"));
  const before = await readFile(join(folder, "kept"));
  const rest = await run(["train", "--resume", "kept", "--out", "second.safetensors"]);
  expect([rest.code, rest.errors]).toEqual([0, ""]);
  expect((await readFile(join(folder, "kept"))).equals(before)).toBe(true);
  expect(existsSync(join(folder, "second.safetensors.checkpoint"))).toBe(false);
  const [one, other] = await Promise.all(
    ["second.safetensors", "seq2seq.safetensors"].map((name) => readFile(join(folder, name))),
  );
  expect(one!.equals(other!)).toBe(true);
});

test("a run that is cut off goes on to the same bits", async () => {
  const out = ["--out", "cut.safetensors"];
  const cut = await runCli([...TRAIN, ...out], {
    cwd: folder,
    watch: endAt("Epoch 3", "SIGINT"),
  });
  expect(cut.code).toBe(130);
  const rest = await run(["train", "--resume", "cut.safetensors.checkpoint"]);
  expect([rest.code, existsSync(join(folder, "cut.safetensors.checkpoint"))]).toEqual([0, false]);
  const [one, other] = await Promise.all(
    ["cut.safetensors", "seq2seq.safetensors"].map((name) => readFile(join(folder, name))),
  );
  expect(one!.equals(other!)).toBe(true);
});
