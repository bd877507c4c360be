// Every program of examples/ runs to its end, against the built package.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

/** An example is to end within seconds; a busy machine gets ten times that. */
const LIMIT = 100_000;

const folder = fileURLToPath(new URL("../../examples", import.meta.url));
const examples = readdirSync(folder).filter((file) => file.endsWith(".mjs"));
// What examples write goes where they are started.
const started = mkdtempSync(join(tmpdir(), "hiddenstate-examples-"));
afterAll(() => rmSync(started, { recursive: true }));

describe("examples", () => {
  test("stand in the table of their README, each once", () => {
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    const listed = [...readme.matchAll(/^\| \[(.+?)\]\(\1\)/gm)].map(([, file]) => file);
    expect(listed.toSorted()).toEqual(examples.toSorted());
  });

  test.each(examples)(
    "%s",
    (example) => {
      const { status, signal, stdout, stderr } = spawnSync(
        process.execPath,
        [join(folder, example)],
        { cwd: started, encoding: "utf8", timeout: LIMIT },
      );
      expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
      expect(stdout.trim()).not.toBe("");
    },
    LIMIT + 10_000,
  );
});
