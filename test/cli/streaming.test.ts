// Files beyond the buffer, and one that is larger than the heap of the process that reads it.
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testRandom } from "../helpers/random.js";
import { endAt, runCli } from "./cli.js";

const MEGABYTE = 2 ** 20;

const random = testRandom(3);
const NAMES = ["Ada", "Alan", "Grace", "Edsger", "Barbara"];
const name = () => NAMES[random.integer(0, 4)]!;

/** Names are persons where they stand first. */
const sentences = Array.from({ length: 90 }, () => `${name()} B-PER\nmet O\n${name()} O\n`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-streaming-"));
  await writeFile(join(folder, "train.conll"), sentences.slice(0, 60).join("\n"));
  await writeFile(join(folder, "valid.conll"), sentences.slice(60).join("\n"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a file beyond the buffer", () => {
  const train = (out: string, ...more: string[]) => [
    ...["train", "--task", "tagger", "--train", "train.conll", "--valid", "valid.conll"],
    ...["--hidden-size", "8", "--embedding-size", "8", "--character-size", "4", "--epochs", "4"],
    ...[
      "--batch-size",
      "8",
      "--learning-rate",
      "0.02",
      "--buffer-size",
      "20",
      "--out",
      out,
      ...more,
    ],
  ];
  const bytes = (file: string) => readFile(join(folder, file));

  test("is learned from in pieces, and gone on with to the same bits", async () => {
    const whole = await runCli(train("whole.safetensors"), { cwd: folder });
    expect([whole.code, whole.errors]).toEqual([0, ""]);
    expect(whole.output).toContain("60 sentences with 180 words to learn from; 2 tags.");
    expect(whole.output).toContain("read from the file as they are needed");
    expect(whole.stdout).toMatch(/f1 100.00 %/);

    const stopped = await runCli(train("again.safetensors", "--checkpoint-every", "1"), {
      cwd: folder,
      watch: endAt("Epoch 2: ", "SIGINT"),
    });
    expect(stopped.code).toBe(130);
    const goOn = ["train", "--resume", "again.safetensors.checkpoint"];
    const rest = await runCli(goOn, { cwd: folder });
    expect([rest.code, rest.errors]).toEqual([0, ""]);
    expect(await bytes("again.safetensors")).toEqual(await bytes("whole.safetensors"));

    const other = train("other.safetensors", "--buffer-size", "60");
    const held = await runCli(other, { cwd: folder });
    expect(held.output).toContain("60 sentences with 180 words to learn from; 2 tags.");
    expect(held.output).not.toContain("as they are needed");
    expect(await bytes("other.safetensors")).not.toEqual(await bytes("whole.safetensors"));
  });
});

describe("a file larger than the heap", () => {
  // The command itself takes some 20 with what it allocates while it reads.
  const HEAP = 40;
  // A small young generation leaves room to the old one, which else is collected all the time.
  const LIMIT = { node: [`--max-old-space-size=${HEAP}`, "--max-semi-space-size=1"] };
  const ROWS = 28_000;
  /** Long words, of which a few make a row of two kilobytes. */
  const words = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(190));

  beforeAll(async () => {
    function* rows(): Generator<string> {
      yield "text\tlabel\n";
      for (let row = 0; row < ROWS; row++) {
        const label = random.integer(0, 1);
        const text = Array.from({ length: 10 }, () => words[2 * random.integer(0, 9) + label]!);
        // Words to be kept, from everywhere in the file: they must not keep what stands around them.
        const rare = row % 40 === 0 ? ` ${text[0]!.slice(0, 20)}${row}` : "";
        yield `${text.join(" ")}${rare}\t${label}\n`;
      }
    }
    await pipeline(Readable.from(rows()), createWriteStream(join(folder, "large.tsv")));
    expect((await stat(join(folder, "large.tsv"))).size).toBeGreaterThan(1.25 * HEAP * MEGABYTE);
  });

  test("is learned from and scored", async () => {
    const model = [
      "--encoder",
      "mean",
      "--hidden-size",
      "0",
      "--embedding-size",
      "2",
      "--split",
      "whitespace",
    ];
    const args = [
      "--epochs",
      "1",
      "--batch-size",
      "100",
      "--buffer-size",
      "500",
      "--learning-rate",
      "0.1",
    ];
    const trained = await runCli(
      ["train", "--task", "classifier", "--train", "large.tsv", ...model, ...args],
      { cwd: folder, ...LIMIT },
    );
    expect([trained.code, trained.errors]).toEqual([0, ""]);
    expect(trained.output).toContain(`${ROWS} texts to learn from; 2 labels.`);
    expect(trained.stdout).toContain(`"steps":${ROWS / 100}`);
    const scored = await runCli(
      ["evaluate", "--model", "classifier.safetensors", "--data", "large.tsv", "--json"],
      { cwd: folder, ...LIMIT },
    );
    expect([scored.code, scored.errors]).toEqual([0, ""]);
    expect(JSON.parse(scored.stdout)).toMatchObject({ accuracy: 1 });
  });
});
