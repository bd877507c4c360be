import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { readBytes, writeBytes } from "../../src/platform/node/files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hiddenstate-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("what is written is read, and nothing else is left in the folder", async () => {
  const path = join(folder, "model");
  await writeBytes(path, Uint8Array.of(1, 2, 3));
  await writeBytes(path, Uint8Array.of(4, 5));
  expect([...(await readBytes(path))]).toEqual([4, 5]);
  expect(await readdir(folder)).toEqual(["model"]);
});

test("a write that fails leaves the old file and no temporary one", async () => {
  const path = join(folder, "model");
  await mkdir(path);
  await writeFile(join(path, "kept"), "old");
  // A file cannot be renamed over a folder.
  await expect(writeBytes(path, Uint8Array.of(1))).rejects.toThrow(OptionError);
  expect(await readdir(folder)).toEqual(["model"]);
  expect(await readFile(join(path, "kept"), "utf8")).toBe("old");
});

test("a missing file or folder is named", async () => {
  const missing = join(folder, "none", "model");
  await expect(readBytes(missing)).rejects.toThrow(`got ${missing} (no such file or folder)`);
  await expect(writeBytes(missing, Uint8Array.of(1))).rejects.toThrow(
    `got ${missing} (no such file or folder)`,
  );
  await expect(readBytes(folder)).rejects.toThrow(`got ${folder} (a folder)`);
});
