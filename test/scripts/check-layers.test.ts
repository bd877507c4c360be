import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkLayers } from "../../scripts/check-layers.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const documented = join(repository, "docs/architecture.md");

describe("the layers", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "layers-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function check(files: Record<string, string>): string[] {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return checkLayers(root, documented);
  }

  it("hold in this repository", () => {
    expect(checkLayers(repository)).toEqual([]);
  });

  it("let a folder import from below and from itself", () => {
    const faults = check({
      "src/core/a.ts": "export const a = 1;",
      "src/nn/b.ts": 'import { a } from "../core/a.js"; import { c } from "./c.js";',
      "src/nn/c.ts": "export const c = 1;",
    });
    expect(faults).toEqual([]);
  });

  it.each([
    ["from above", 'import { b } from "../nn/b.js";'],
    ["types from above", '\n\nimport type { B } from "../nn/b.js";', 3],
    ["dynamically", 'const b = await import("../nn/b.js");'],
    ["by re-export", 'export * from "../nn/b.js";'],
    ["in a type", 'let b: import("../nn/b.js").B;'],
  ])("report an import %s", (_, text, line = 1) => {
    const faults = check({ "src/tensor/a.ts": text, "src/nn/b.ts": "export const b = 1;" });
    expect(faults).toEqual([`src/tensor/a.ts:${line}: imports nn/b.ts: nn/ is not below tensor/`]);
  });

  it("report an import from a folder on the same row", () => {
    const faults = check({
      "assembly/rnn/lstm.ts": 'import { x } from "../loss/x";',
      "assembly/loss/x.ts": "",
    });
    expect(faults).toEqual(["assembly/rnn/lstm.ts:1: imports loss/x.ts: loss/ is not below rnn/"]);
  });

  it("report a network under text, an unknown folder and a way out of the tree", () => {
    const faults = check({
      "src/text/a.ts": 'import "../nn/b.js";',
      "src/nn/b.ts": "",
      "src/utils/c.ts": "",
      "src/core/d.ts": 'import "../../scripts/x.js";',
    });
    expect(faults.sort()).toEqual([
      "src/core/d.ts:1: imports ../scripts/x.ts: leaves its tree",
      "src/text/a.ts:1: imports nn/b.ts: text/ must not need nn/",
      "src/utils/c.ts:1: utils/ is in no layer",
    ]);
  });

  it("come from the tables: another order, other faults", () => {
    mkdirSync(join(root, "docs"));
    const table = ["| `src/` | holds |", "| --- | --- |", "| `core/` | |", "| `nn/` | |", ""];
    writeFileSync(join(root, "docs/architecture.md"), ["## Layers", "", ...table].join("\n"));
    mkdirSync(join(root, "src/core"), { recursive: true });
    mkdirSync(join(root, "src/nn"));
    writeFileSync(join(root, "src/core/a.ts"), 'import "../nn/b.js";');
    writeFileSync(join(root, "src/nn/b.ts"), 'import "../core/c.js";');
    writeFileSync(join(root, "src/core/c.ts"), "");
    expect(checkLayers(root)).toEqual(["src/nn/b.ts:1: imports core/c.ts: core/ is not below nn/"]);
    writeFileSync(join(root, "docs/architecture.md"), "## Layers\n");
    expect(() => checkLayers(root)).toThrow("no table of layers");
  });

  it("report a circle once, and none where only types close it", () => {
    const circle = check({
      "src/core/a.ts": 'import "./b.js";',
      "src/core/b.ts": 'import { c } from "./c.js";',
      "src/core/c.ts": 'import { a, type A } from "./a.js";',
    });
    expect(circle).toEqual([
      "src/core/c.ts:1: imports in a circle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts",
    ]);
    expect(check({ "src/core/c.ts": 'import { type A } from "./a.js";' })).toEqual([]);
  });
});
