// The blocks of code in the README and the pages of docs/.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Block {
  readonly title: string;
  readonly language: string;
  /** The file that it is, where it is one of test/. */
  readonly file: string | undefined;
  readonly code: string;
  /** What it prints, where that is shown; figures may differ. */
  readonly shown: string | undefined;
}

const BLOCK =
  /^##+ (.+)$|^```(js|ts|sh)(?: (\S+))?\n([\s\S]*?)^```$(?:\n\n^```text\n([\s\S]*?)^```$)?/gm;

/** The blocks of a page, each under the heading before it. */
function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let title = "";
  for (const [, heading, language, file, code, shown] of page.matchAll(BLOCK))
    if (language === undefined) title = heading!;
    else blocks.push({ title, language, file, code: code!, shown });
  return blocks;
}

export const pages: readonly { page: string; text: string; blocks: Block[] }[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((page) => {
  const text = readFileSync(join(root, page), "utf8");
  // What is added to the library stands among its own sources.
  const ofUsers = ({ language }: Block): boolean => language !== "ts" || !/adding/.test(page);
  return { page, text, blocks: blocksOf(text).filter(ofUsers) };
});
