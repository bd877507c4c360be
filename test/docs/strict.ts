// Code that stands in no file, as strict TypeScript of a program that has the package installed.
import { join } from "node:path";
import ts from "typescript";
import { root } from "./blocks.js";

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

/** What the compiler says of each code, by the name of its place. */
export function strictFaults(codes: ReadonlyMap<string, string>): string[] {
  // In the repository, so that `hiddenstate` resolves to the package itself.
  const places = [...codes.keys()];
  const fileOf = (i: number): string => join(root, "build/strict", `${i}.ts`);
  const files = new Map([...codes.values()].map((code, i) => [fileOf(i), code]));
  const host = ts.createCompilerHost(OPTIONS);
  const others = { read: host.readFile.bind(host), source: host.getSourceFile.bind(host) };
  host.readFile = (name) => files.get(name) ?? others.read(name);
  host.fileExists = (name) => files.has(name) || ts.sys.fileExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const code = files.get(name);
    return code === undefined
      ? others.source(name, version, ...rest)
      : ts.createSourceFile(name, code, version, true);
  };
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const place = places[[...files.keys()].indexOf(file?.fileName ?? "")];
    const line = file && file.text.slice(0, start).split("\n").length;
    return `${place}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}
