// Every JavaScript block of the README and of the pages in docs/ runs as it stands, against the built package.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Inside the repository, so that `hiddenstate` resolves to the package itself.
const folder = mkdtempSync(join(root, "build", "readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Block {
  readonly title: string;
  readonly code: string;
}

/** The blocks of a page, each under the heading before it. */
function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let title = "";
  for (const [, heading, code] of page.matchAll(/^##+ (.+)$|^```js\n([\s\S]*?)^```$/gm))
    if (code === undefined) title = heading!;
    else blocks.push({ title, code });
  return blocks;
}

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)];
const withBlocks = pages
  .filter((page) => page.endsWith(".md"))
  .map((page) => ({ page, blocks: blocksOf(readFileSync(join(root, page), "utf8")) }))
  .filter(({ blocks }) => blocks.length > 0);

test("the README has blocks to run", () => {
  expect(withBlocks[0]).toMatchObject({ page: "README.md" });
  expect(withBlocks[0]!.blocks.length).toBeGreaterThanOrEqual(4);
});

describe.each(withBlocks)("$page", ({ page, blocks }) => {
  test.each(blocks.map((block, i) => ({ ...block, i })))("$title ($i)", ({ title, code, i }) => {
    const file = join(folder, `${page}-${i}.mjs`.replaceAll("/", "-"));
    writeFileSync(file, code);
    const output = execFileSync(process.execPath, [file], { encoding: "utf8" });
    if (page === "README.md" && title === "Train") {
      const losses = output
        .trim()
        .split("\n")
        .map((line) => Number(line.split(" ")[1]));
      expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4);
    }
    // What a comment behind console.log promises is what is printed.
    for (const [, promised] of code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm))
      expect(output).toContain(promised!.replaceAll('"', ""));
  });
});
