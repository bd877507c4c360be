// Links lead somewhere: for who reads the installed package, the README on npm's page, or the pages of the reference.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { pages, root } from "./blocks.js";

/** npm's page has no folder beside the README: its links are of the published files. */
const PUBLISHED = "https://unpkg.com/hiddenstate/";
const OUTSIDE = /^https?:/;

const { files: published } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  files: string[];
};
const isPublished = (path: string): boolean =>
  ["README.md", "LICENSE", "package.json"].includes(path) ||
  published.some((pattern) =>
    pattern.includes("*")
      ? dirname(path) === dirname(pattern) && path.endsWith(pattern.split("*")[1]!)
      : path === pattern || path.startsWith(`${pattern}/`),
  );

const examples = { page: "examples/README.md", text: read("examples/README.md") };
const links = [...pages, examples].flatMap(({ page, text }) =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => ({ page, link: link! })),
);

test("there are links to check", () => expect(links.length).toBeGreaterThan(40));

test.each(links.filter(({ link }) => link.startsWith(PUBLISHED) || !OUTSIDE.test(link)))(
  "$page: $link",
  ({ page, link }) => {
    // Elsewhere than in the README links are relative: they work in a checkout, in the package and in the reference.
    expect(link.startsWith(PUBLISHED)).toBe(page === "README.md");
    const [path, anchor] = link.replace(PUBLISHED, "").split("#") as [string, string?];
    const from = page === "README.md" ? "" : dirname(page);
    const target = path === "" ? page : relative(root, join(root, from, path));
    expect(existsSync(join(root, target))).toBe(true);
    expect(isPublished(target)).toBe(true);
    if (anchor && statSync(join(root, target)).isFile())
      expect(anchorsOf(read(target))).toContain(anchor);
  },
);

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

/** The headings, as GitHub, npm and TypeDoc make anchors of them. */
function anchorsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
}
