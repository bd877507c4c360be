// Every export of every build is a member of the generated interface, and the other way round.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import ts from "typescript";
import { readAbi } from "../../scripts/kernel-interface.mjs";
import { builds } from "./harness.js";

const root = new URL("../../", import.meta.url);

/** Members of `interface Kernels` as the host's compiler sees them: name and number of parameters. */
function generatedInterface(): Map<string, number> {
  const file = new URL("src/wasm/generated/kernels.ts", root);
  const source = ts.createSourceFile(
    "kernels.ts",
    readFileSync(file, "utf8"),
    ts.ScriptTarget.Latest,
  );
  const kernels = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === "Kernels",
  )!;
  return new Map(
    kernels.members.map((member) => {
      if (!ts.isMethodSignature(member)) throw new Error("only methods belong in Kernels");
      return [(member.name as ts.Identifier).text, member.parameters.length];
    }),
  );
}

const declared = generatedInterface();

describe("the ABI", () => {
  it("declares every kernel of assembly/index.ts with its parameters and a doc comment", () => {
    const abi = readAbi(new URL("assembly/index.ts", root).pathname);
    expect(abi.length).toBeGreaterThan(50);
    expect(new Map(abi.map(({ name, parameters }) => [name, parameters.length]))).toEqual(declared);
    expect(abi.filter(({ doc }) => !doc).map(({ name }) => name)).toEqual([]);
  });

  it.each(builds())("is what the $name build exports, no more and no less", ({ name, k }) => {
    const exported = Object.entries(k).filter(([, value]) => typeof value === "function");
    const arity = new Map(exported.map(([kernel, fn]) => [kernel, (fn as () => void).length]));
    for (const [kernel, length] of declared)
      expect([kernel, arity.get(kernel)]).toEqual([kernel, length]);
    // The debug build adds hooks and reference kernels of assembly/index.debug.ts.
    if (name !== "debug") expect([...arity.keys()].sort()).toEqual([...declared.keys()].sort());
  });

  it("needs of the host nothing but memory", () => {
    for (const file of ["kernels.wasm", "kernels.relaxed.wasm"]) {
      const bytes = readFileSync(new URL(`build/${file}`, root));
      if (!WebAssembly.validate(bytes)) continue; // This engine has no relaxed SIMD.
      const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
      expect(imports.map(({ module, name, kind }) => `${module}.${name}: ${kind}`)).toEqual([
        "env.memory: memory",
      ]);
    }
  });
});
