// Every block of JavaScript or TypeScript of the README and of the pages in docs/ is strict TypeScript as it stands.
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { pages, root } from "./blocks.js";

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: ["node"],
};

/** Where each block would stand: in the repository, so that `hiddenstate` resolves to the package itself. */
const files = new Map(
  pages.flatMap(({ page, blocks }) =>
    blocks
      // What is a file of a bundler, or of a platform, stands with others of its own.
      .filter(({ language, file }) => language !== "sh" && file === undefined)
      .map(({ code, title }, i) => [
        join(root, "build/strict", `${page.replaceAll("/", "-")}-${i}.ts`),
        { page, title, code },
      ]),
  ),
);

test("there are blocks to check", () => expect(files.size).toBeGreaterThan(20));

test("every block is strict TypeScript", () => {
  const host = ts.createCompilerHost(OPTIONS);
  const readOther = host.readFile.bind(host);
  host.readFile = (name) => files.get(name)?.code ?? readOther(name);
  host.fileExists = (name) => files.has(name) || ts.sys.fileExists(name);
  const getOther = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...rest) => {
    const block = files.get(name);
    return block
      ? ts.createSourceFile(name, block.code, version, true)
      : getOther(name, version, ...rest);
  };
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  const found = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const { page, title } = files.get(file?.fileName ?? "") ?? {};
    const line = file && file.text.slice(0, start).split("\n").length;
    const text = ts.flattenDiagnosticMessageText(messageText, " ");
    return `${page}, "${title}", line ${line}: ${text}`;
  });
  expect(found).toEqual([]);
});
