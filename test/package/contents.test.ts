import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { MODULES } from "../../scripts/kernel-modules.mjs";
import { oneFile } from "../../scripts/package-entries.mjs";

const folder = join(inject("app"), "node_modules/hiddenstate");
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string; default: string }>;
  imports: Record<string, Record<string, string>>;
  dependencies?: unknown;
};
const files = readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

describe("the tarball", () => {
  it("holds what a user needs and nothing of the workshop", () => {
    const kinds = [
      /^(package\.json|README\.md|LICENSE|dist\/third-party-licences\.txt)$/,
      /^docs\/[\w-]+\.md$/,
      /^(CHANGELOG\.md|CONTRIBUTING\.md|bench\/(RESULTS\.md|growth\.svg))$/,
      /^examples\/(README\.md|[\w-]+\.mjs|(cloudflare|microphone)\/[\w.-]+)$/,
      /^examples\/fleet\/((lib|test)\/)?[\w.-]+$/,
      /^dist\/hiddenstate\.bundle\.js$/,
      /^dist\/kernels\/\w+(\.relaxed)?\.wasm$/,
      /^dist\/kernels\/\w+(\.workerd|\.edge-light)?\.js$/,
      /^dist\/cli\/main\.js$/,
      /^dist\/chunks\/[\w-]+\.js(\.map)?$/,
      /^dist\/infer\/chunks\/[\w-]+\.js$/,
      /^dist\/[\w/-]+\.d\.ts$/,
    ];
    const entries = Object.values(manifest.exports)
      .map((target) => (typeof target === "string" ? target : target.default))
      .flatMap((target) => [target.slice(2), `${target.slice(2)}.map`])
      .filter((file) => !/^dist\/infer\/.*\.map$/.test(file));
    const others = files.filter((file) => !kinds.some((kind) => kind.test(file)));
    expect(others.filter((file) => !entries.includes(file))).toEqual([]);
    expect(files).toContain("README.md");
    expect(files).toContain("LICENSE");
  });

  it("declares only what its entries reach", () => {
    expect(files.filter((file) => /generated|delivery|cli\/.*\.d\.ts/.test(file))).toEqual([]);
  });

  // Measured: 3,504 kB, a third of it source maps (the sources in them). What bundlers deliver of it has budgets of its own
  // (scripts/size.mjs).
  it("stays small: 3.6 MB packed, a third of it maps to the sources", () => {
    expect(readFileSync(inject("tarball")).length).toBeLessThan(3_600_000);
  });

  it("installs nothing else and runs no script", () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(
      readdirSync(join(inject("app"), "node_modules")).filter((n) => !n.startsWith(".")),
    ).toEqual(["hiddenstate"]);
    expect(manifest).not.toHaveProperty("scripts.install");
    expect(manifest).not.toHaveProperty("scripts.postinstall");
  });

  it("has every file that its exports and imports name", () => {
    const targets = [
      ...Object.values(manifest.exports),
      ...Object.values(manifest.imports),
    ].flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
    const each = targets.flatMap((target) =>
      target.includes("*") ? Object.keys(MODULES).map((name) => target.replace("*", name)) : target,
    );
    expect(each.length).toBeGreaterThan(10);
    expect(each.filter((target) => !existsSync(join(folder, target)))).toEqual([]);
  });

  it("carries the licences of what is bundled", () => {
    const text = readFileSync(join(folder, "dist/third-party-licences.txt"), "utf8");
    expect(text).toMatch(/^@assemblyscript\/loader \d/m);
  });

  it("brings the guides and the programs along", () => {
    const kinds = [/^docs\/.+\.md$/, /^examples\/.+\.mjs$/];
    for (const kind of kinds)
      expect(files.filter((file) => kind.test(file)).length).toBeGreaterThan(8);
  });

  it("mentions no folder of the machine that built it", () => {
    const leaks = files.filter((file) => readFileSync(join(folder, file)).includes(process.cwd()));
    expect(leaks).toEqual([]);
  });
});

/** What a worker for ready models imports. */
const A_WORKERS = "hiddenstate/parallel/worker";

describe("the entries", () => {
  const entries = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath]) => subpath.replace(".", "hiddenstate"))
    .filter((entry) => entry !== A_WORKERS);

  it("are for every program, but for a worker's, which says so", () => {
    const script = `await import("${A_WORKERS}")`;
    expect(() => node(script)).toThrow(
      "serve: expected to be called in a worker, got the main program",
    );
  });

  it.each(entries)("%s loads", (entry) => {
    const script = `const m = await import("${entry}"); console.log(Object.keys(m).length)`;
    expect(() => node(script)).not.toThrow();
  });

  it.runIf(process.features.require_module).each(entries)("%s loads by require", (entry) => {
    const file = join(inject("app"), "commonjs.cjs");
    writeFileSync(file, `console.log(Object.keys(require("${entry}")).length)`);
    expect(Number(execFileSync(process.execPath, [file], { encoding: "utf8" }))).toBeGreaterThan(0);
  });

  it.each([
    ["--jitless", "no WebAssembly"],
    ["--no-enable-sse4-1", "WebAssembly without SIMD"],
  ])("load, and say at first use what the engine of node %s lacks", (flag, lacking) => {
    const script = `import { tensor } from "hiddenstate";
      try { tensor([1]) } catch ({ name, message }) { console.log(name, message) }`;
    expect(node(script, flag)).toContain(
      `BackendError init: expected WebAssembly with 128-bit SIMD, got ${lacking}. It is in Chrome 91,`,
    );
  });

  it("make and read tensors across each other", () => {
    const script = `import { Tensor, tensor, saveSafetensors } from "hiddenstate";
      import { loadSafetensors } from "hiddenstate/io";
      const file = saveSafetensors(new Map([["x", tensor([1, 2])]]));
      const x = loadSafetensors(file).get("x");
      console.log(x instanceof Tensor, x.add(1).toArray().join());`;
    expect(node(script)).toBe("true 2,3");
  });

  it.each([
    ["hiddenstate", "kernels.wasm"],
    ["hiddenstate", "kernels.relaxed.wasm"],
    ["hiddenstate/infer", "kernels.wasm"],
    ["hiddenstate/infer", "kernels.relaxed.wasm"],
  ])("%s takes its %s from outside", (entry, file) => {
    const script = `import { readFileSync } from "node:fs";
      import { backend, initSync, tensor } from "${entry}";
      initSync({ wasm: readFileSync(new URL(import.meta.resolve("${entry}/${file}"))) });
      console.log(backend().delivery, backend().build, tensor([1, 2]).sum().item());`;
    const build = file === "kernels.wasm" ? "plain" : "relaxed";
    const needsFlag = build === "relaxed" && process.version.startsWith("v20.");
    const flags = needsFlag ? ["--experimental-wasm-relaxed-simd"] : [];
    expect(node(script, ...flags)).toBe(`given ${build} 3`);
  });

  it("stand in the one file too, those that run in a page: each name, and it works", () => {
    const names = oneFile.entries.map(({ name }) => name);
    const script = `import * as all from "hiddenstate/hiddenstate.bundle.js";
      const lacking = [];
      for (const name of ${JSON.stringify(names)})
        for (const each of Object.keys(await import(name))) if (!(each in all)) lacking.push(each);
      console.log(lacking.length, String(new all.LSTM(3, 4)), all.softmax(all.tensor([1, 1])).toArray().join());`;
    expect(node(script)).toBe("0 LSTM(3, 4) 0.5,0.5");
  });

  function node(script: string, ...flags: string[]): string {
    const args = [...flags, "--input-type=module", "--eval", script];
    return execFileSync(process.execPath, args, {
      cwd: inject("app"),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  }
});
