import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { collect } from "../../src/data/source.js";
import { decodeText, readText } from "../../src/platform/node/text.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-text-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

// Over several chunks, with characters of four bytes across their edges.
const LONG = "x\u{1f600}\n".repeat(60_000);

test.each([
  ["plain", "text.txt", (text: string) => Buffer.from(text)],
  ["gzip", "text.txt.gz", (text: string) => gzipSync(text)],
])("a %s file comes in chunks", async (_, name, pack) => {
  const chunks = await collect(readText(await file(name, pack(LONG))));
  expect(chunks.length).toBeGreaterThan(3);
  expect(chunks.join("") === LONG).toBe(true);
});

test("encodings of every kind", async () => {
  const path = await file("latin.txt", Uint8Array.of(0x61, 0x0a, 0x93, 0xe9, 0x0a));
  expect((await collect(readText(path, { encoding: "windows-1252" }))).join("")).toBe("a\n“é\n");
  expect((await collect(readText(path, { lenient: true }))).join("")).toBe("a\n\ufffd\ufffd\n");
  await expect(collect(readText(path))).rejects.toThrow(
    new RegExp(`a text in utf-8, got other bytes \\(.*latin.txt, line 2\\)`),
  );
  await expect(collect(readText(path))).rejects.toThrow(FormatError);
  await expect(collect(readText(path, { encoding: "klingon" }))).rejects.toThrow(OptionError);
});

test("lines are counted by every line end, also one that is cut in two", async () => {
  const bytes = (text: string) => Buffer.from(text, "latin1");
  const fault = async (...chunks: string[]) => {
    async function* source() {
      for (const chunk of chunks) yield await Promise.resolve(bytes(chunk));
    }
    const error: unknown = await collect(decodeText(source(), "x")).catch(
      (error: unknown) => error,
    );
    return (error as Error).message;
  };
  expect(await fault("a\rb\rc\r", "\xff")).toContain("(x, line 4)");
  expect(await fault("a\r\nb\r", "\nc\n\xff")).toContain("(x, line 4)");
  expect(await fault("a\r", "b\r\r\xff")).toContain("(x, line 4)");
});

test("a bad byte late in a file is found", async () => {
  const path = await file("late.txt", Buffer.concat([Buffer.from(LONG), Buffer.of(0xff)]));
  await expect(collect(readText(path))).rejects.toThrow(/late.txt, line 60001\)/);
  const cut = await file("cut.txt", Buffer.from("é").subarray(0, 1));
  await expect(collect(readText(cut))).rejects.toThrow(/cut.txt, line 1\)/);
});

test("what cannot be read is named", async () => {
  const missing = join(folder, "none.gz");
  await expect(collect(readText(missing))).rejects.toThrow(`${missing} (no such file or folder)`);
  const broken = await file("broken.gz", gzipSync(LONG).subarray(0, 100));
  await expect(collect(readText(broken))).rejects.toThrow(/a whole gzip file, got .*broken.gz/);
});
