// The table of kernel modules and builds. Everything that compiles, bundles, delivers or tests kernels reads it.
import { join } from "node:path";
import { root } from "./package-entries.mjs";

/** Builds of every module by name, with the WebAssembly features that they use. */
export const BUILDS = {
  plain: ["simd"],
  relaxed: ["simd", "relaxed-simd"],
};

/**
 * - `entry`: the file whose exports are the module's kernels.
 * - `statics`: the addresses reserved for its constant tables, [from, to). Modules on one memory have ranges apart.
 * - `types`: the generated file and interface by which the host calls it; `insteadOf`: the module whose host code it
 *   serves with some of the same kernels, never on the same memory.
 * - `onlyFull`: the inference build never calls it.
 * - `late`: few programs that infer call it. What tells its version is not in the inference build's table: `src/wasm/` adds it when it is
 *   first called.
 * - `delivered`: the builds that `#kernels/…` brings along; the others come as files, by `init()`.
 */
export const MODULES = {
  main: {
    entry: "assembly/index.ts",
    statics: [0, 0x1000],
    types: { file: "kernels", name: "Kernels" },
    delivered: ["plain", "relaxed"],
  },
  infer: {
    entry: "assembly/infer.ts",
    statics: [0, 0x1000],
    insteadOf: "main",
    delivered: ["plain"],
  },
  structured: {
    entry: "assembly/structured/index.ts",
    statics: [0x1000, 0x2000],
    types: { file: "structured", name: "StructuredKernels" },
    delivered: ["plain", "relaxed"],
  },
  extra: {
    entry: "assembly/extra/index.ts",
    statics: [0x2000, 0x3000],
    types: { file: "extra", name: "ExtraKernels" },
    delivered: ["plain", "relaxed"],
  },
  attention: {
    entry: "assembly/attention/index.ts",
    statics: [0x3000, 0x4000],
    types: { file: "attention", name: "AttentionKernels" },
    delivered: ["plain", "relaxed"],
  },
  vectors: {
    entry: "assembly/vectors/index.ts",
    statics: [0x4000, 0x5000],
    types: { file: "vectors", name: "VectorKernels" },
    onlyFull: true,
    delivered: ["plain", "relaxed"],
  },
  audio: {
    entry: "assembly/audio/index.ts",
    statics: [0x5000, 0x6000],
    types: { file: "audio", name: "AudioKernels" },
    late: true,
    delivered: ["plain", "relaxed"],
  },
};

/** The first address behind all reserved ranges: there the host's heap begins. */
export const HEAP_BASE = Math.max(...Object.values(MODULES).map(({ statics }) => statics[1]));

/** A module's file in `build/` and in `dist/kernels/`. */
export function moduleFile(module, build) {
  return build === "plain" ? `${module}.wasm` : `${module}.${build}.wasm`;
}

/** What has been compiled of a module. */
export function builtModule(module, build) {
  return join(root, "build", moduleFile(module, build));
}

export function entryOf(module) {
  return join(root, MODULES[module].entry);
}

/** Where the sources find `#kernels/…`; the package's own imports say it for what is published. tsconfig.json agrees. */
export const kernelAliases = Object.fromEntries(
  Object.keys(MODULES).map((name) => [
    `#kernels/${name}`,
    join(root, `src/wasm/generated/delivery/${name}.ts`),
  ]),
);
