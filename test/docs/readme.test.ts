// Every block of JavaScript or TypeScript of the README and of the pages in docs/, and every shell block of the latter, runs as it
// stands, against the built package: those of a page in order and in one folder.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import { pages, root, type Block } from "./blocks.js";

// Inside the repository, so that `hiddenstate` resolves to the package itself.
const folder = mkdtempSync(join(root, "build", "readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const withBlocks = pages
  .map(({ page, blocks }) => ({
    page,
    blocks: blocks.filter(({ language, file }) =>
      // The README's shell blocks install things, and name files of its reader; files have tests of their own.
      language === "sh" ? page !== "README.md" : file === undefined,
    ),
  }))
  .filter(({ blocks }) => blocks.length > 0);

test("the README has blocks to run", () => {
  expect(withBlocks[0]).toMatchObject({ page: "README.md" });
  expect(withBlocks[0]!.blocks.length).toBeGreaterThanOrEqual(4);
});

/** Runs a block and gives what it prints. */
function run({ language, code }: Block, cwd: string): string {
  if (language !== "sh") {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    writeFileSync(join(cwd, "block.mjs"), language === "ts" ? outputText : code);
    return execFileSync(process.execPath, ["block.mjs"], { cwd, encoding: "utf8" });
  }
  const command = `"${process.execPath}" "${join(root, "dist/cli/main.js")}"`;
  const script = code.replaceAll("npx hiddenstate", command);
  // Progress is shown as well.
  return execFileSync("sh", ["-ec", `exec 2>&1\n${script}`], { cwd, encoding: "utf8" });
}

/** A line as any numbers would leave it. */
const withoutFigures = (line: string): string =>
  line.replace(", the best so far", "").replace(/ *[\d.]+/g, " 0");

describe.each(withBlocks)("$page", ({ page, blocks }) => {
  const cwd = mkdtempSync(join(folder, "page-"));
  test.each(blocks.map((block, i) => ({ ...block, i })))("$title ($i)", (block) => {
    const { title, code, shown } = block;
    const output = run(block, cwd);
    if (page === "README.md" && title === "Train") {
      const losses = output
        .trim()
        .split("\n")
        .map((line) => Number(line.split(" ")[1]));
      expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4);
    }
    const printed = output.split("\n").map(withoutFigures);
    for (const line of shown?.trimEnd().split("\n") ?? [])
      expect(printed).toContain(withoutFigures(line));
    // What a comment behind console.log promises is what is printed.
    for (const [, promised] of code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm))
      expect(output).toContain(promised!.replaceAll('"', ""));
  });
});
