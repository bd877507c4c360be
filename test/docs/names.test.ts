// What docs/from-pytorch.md says of names holds: each is exported where it says.
import { expect, test } from "vitest";
import { pages } from "./blocks.js";

const { text } = pages.find(({ page }) => page === "docs/from-pytorch.md")!;
const section = /^## Names$([\s\S]*?)^## /m.exec(text)![1]!;
const rows = [...section.matchAll(/^\| (.+?) +\| (.+?) +\| `(hiddenstate[\w/]*)` +\|$/gm)].map(
  ([, pytorch, here, entry]) => ({ pytorch: pytorch!, here: here!, entry: entry! }),
);

test("there are rows to check", () => expect(rows.length).toBeGreaterThan(15));

test.each(rows)("$pytorch is $here of $entry", async ({ here, entry }) => {
  const exported: object = await import(entry);
  for (const [, name] of here.matchAll(/`(\w+)`/g)) expect(exported).toHaveProperty(name!);
});
