// The inference build as scripts/bundle.mjs makes it, in one file with its kernels.
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type * as library from "../../src/infer/index.js";
import type * as models from "../../src/infer/models/index.js";
import {
  inferenceKernels,
  inferenceOptions,
  withoutTraining,
} from "../../scripts/inference-build.mjs";
import { kernelAliases } from "../../scripts/kernel-modules.mjs";

type Inference = typeof library & typeof models;

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The sources of its own kernels. */
const alias = {
  ...kernelAliases,
  ...Object.fromEntries(
    Object.entries(inferenceKernels).map(([name, own]) => [name, kernelAliases[own]!]),
  ),
};

export const code = await bundle(
  'export * from "./src/infer/index.js"; export * from "./src/infer/models/index.js";',
);

/** A program of its own: another instance of it has another memory. */
export async function load(): Promise<Inference> {
  return (await run(code)) as Inference;
}

/** What a module of its own exports, of this source text. */
export async function run(source: string): Promise<unknown> {
  // A comment of its own makes each a module of its own.
  const text = `${source}\n// ${count++}`;
  const url = `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;
  return import(/* @vite-ignore */ url);
}

let count = 0;

/** What a bundler makes of an application of the inference build. */
export async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await esbuild.build({
    ...inferenceOptions,
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    alias,
    plugins: [withoutTraining],
    write: false,
  });
  return outputFiles[0]!.text;
}
