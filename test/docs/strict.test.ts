// Every block of JavaScript or TypeScript of the README and of the pages in docs/ is strict TypeScript as it stands.
import { expect, test } from "vitest";
import { pages } from "./blocks.js";
import { strictFaults } from "./strict.js";

const blocks = new Map(
  pages.flatMap(({ page, blocks }) =>
    blocks
      // What is a file stands with others of its own, some of which only a bundler or a platform knows.
      .filter(({ language, file }) => language !== "sh" && file === undefined)
      .map(({ code, title }, i) => [`${page}, "${title}" (${i})`, code]),
  ),
);

test("there are blocks to check", () => expect(blocks.size).toBeGreaterThan(20));

test("every block is strict TypeScript", { timeout: 120_000 }, () =>
  expect(strictFaults(blocks)).toEqual([]),
);
