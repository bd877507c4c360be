// The public entries, read from package.json: `./text` is dist/text/index.js, made of src/text/index.ts.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const manifest = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

/** Every JavaScript entry: the name people import, its file in dist/, its source. */
export const entries = Object.entries(manifest.exports)
  .filter(([, target]) => target.default !== undefined)
  .map(([subpath, target]) => entry(subpath.replace(".", manifest.name), target.default));

/** Those of the inference build: made of the same sources, bundled apart. */
export const inferEntries = entries.filter(({ output }) => output.startsWith("infer/"));

/**
 * For pages without a bundler: what the entries that run there export, in one file. Parsers of CSV and PNG and files of other libraries are
 * not everyone's, nor are workers, which have files of their own.
 */
export const oneFile = {
  output: manifest.jsdelivr.replace("dist/", ""),
  entries: entries.filter(
    ({ name }) =>
      !/\/(node|csv|png|onnx|pytorch|keras|parallel|parallel\/worker|infer.*)$/.test(name),
  ),
};

/** The commands of the package. */
export const commands = Object.entries(manifest.bin ?? {}).map(([name, file]) => entry(name, file));

function entry(name, file) {
  const output = file.replace(/^(\.\/)?dist\//, "");
  return { name, output, source: `src/${output.replace(/\.js$/, ".ts")}` };
}
