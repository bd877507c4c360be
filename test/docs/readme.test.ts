// Every JavaScript block of the README runs as it stands, against the built package.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Inside the repository, so that `hiddenstate` resolves to the package itself.
const folder = mkdtempSync(join(root, "build", "readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^## (.+)$|^```js\n([\s\S]*?)^```$/gm)].reduce<
  { title: string; code: string }[]
>((found, [, title, code], i, all) => {
  const heading = all.slice(0, i + 1).findLast(([, text]) => text !== undefined)?.[1] ?? "";
  return code === undefined || title !== undefined ? found : [...found, { title: heading, code }];
}, []);

describe("README", () => {
  test("has blocks to run", () => expect(blocks.length).toBeGreaterThanOrEqual(4));

  test.each(blocks)("$title", ({ title, code }) => {
    const file = join(folder, `${title.replace(/\W+/g, "-")}.mjs`);
    writeFileSync(file, code);
    const output = execFileSync(process.execPath, [file], { encoding: "utf8" });
    if (title === "Train") {
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
