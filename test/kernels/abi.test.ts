// Every export of every build is a member of the generated interface, and the other way round.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import ts from "typescript";
import { readAbi } from "../../scripts/kernel-interface.mjs";
import { BUILDS, builtModule, entryOf, MODULES } from "../../scripts/kernel-modules.mjs";

type Types = { readonly file: string; readonly name: string };
interface Module {
  readonly types?: Types;
  readonly insteadOf?: string;
}
const modules: Record<string, Module> = MODULES;

type Members = Map<string, number>;

/** Members of a module's interface as the host's compiler sees them, name and number of parameters: those that its
 * substitute has too, and all. */
function generatedInterface({ file, name }: Types): { shared: Members; all: Members } {
  const path = new URL(`../../src/wasm/generated/${file}.ts`, import.meta.url);
  const source = ts.createSourceFile(file, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const membersOf = (wanted: string): [string, number][] => {
    const found = source.statements.filter(ts.isInterfaceDeclaration);
    const declaration = found.find((each) => each.name.text === wanted);
    return (declaration?.members ?? []).map((member): [string, number] => {
      if (!ts.isMethodSignature(member)) throw new Error(`only methods belong in ${wanted}`);
      return [(member.name as ts.Identifier).text, member.parameters.length];
    });
  };
  const forward = membersOf(`Forward${name}`);
  return { shared: new Map(forward), all: new Map([...forward, ...membersOf(name)]) };
}

describe.each(Object.entries(modules))("the ABI of %s", (module, { types, insteadOf }) => {
  const abi = readAbi(entryOf(module));
  const { shared, all } = generatedInterface(types ?? modules[insteadOf!]!.types!);

  it("is declared, with parameters and doc comments", () => {
    const parameters = new Map(abi.map(({ name, parameters }) => [name, parameters.length]));
    expect(parameters).toEqual(insteadOf ? shared : all);
    expect(abi.filter(({ doc }) => !doc).map(({ name }) => name)).toEqual([]);
  });

  const builds = [...Object.keys(BUILDS), ...(insteadOf ? [] : ["debug"])];
  const compiled = builds
    .map((build) => ({ build, bytes: readFileSync(builtModule(module, build)) }))
    // This engine may have no relaxed SIMD.
    .filter(({ bytes }) => WebAssembly.validate(bytes));

  it.each(compiled)("is what the $build build exports, no more and no less", ({ build, bytes }) => {
    const imports = { memory: new WebAssembly.Memory({ initial: 1 }), abort() {} };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: imports });
    const functions = Object.entries(exports).filter(([, value]) => typeof value === "function");
    const arity = new Map(functions.map(([name, fn]) => [name, (fn as () => void).length]));
    const expected = abi.map(({ name, parameters }) => [name, parameters.length] as const);
    for (const [name, length] of expected) expect([name, arity.get(name)]).toEqual([name, length]);
    // The debug build adds hooks and reference kernels of assembly/index.debug.ts.
    if (build !== "debug")
      expect([...arity.keys()].sort()).toEqual(expected.map(([name]) => name).sort());
  });

  it.each(compiled)("needs of the host nothing but memory, in the $build build", (it) => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(it.bytes));
    const names = imports.map(({ module, name, kind }) => `${module}.${name}: ${kind}`);
    const assertions = it.build === "debug" ? ["env.abort: function"] : [];
    expect(names.filter((name) => !assertions.includes(name))).toEqual(["env.memory: memory"]);
  });
});
