// The inference build as scripts/bundle.mjs makes it, in one file with its kernels.
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type * as library from "../../src/infer/index.js";
import type * as models from "../../src/infer/models/index.js";
import { inferenceOptions, withoutTraining } from "../../scripts/inference-build.mjs";

type Inference = typeof library & typeof models;

const root = fileURLToPath(new URL("../..", import.meta.url));

export const code = await bundle(
  'export * from "./src/infer/index.js"; export * from "./src/infer/models/index.js";',
);

/** A program of its own: another instance of it has another memory. */
export async function load(): Promise<Inference> {
  // A comment of its own makes each a module of its own.
  const source = `${code}\n// ${count++}`;
  const url = `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
  return (await import(/* @vite-ignore */ url)) as Inference;
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
    alias: { "#kernels": `${root}src/wasm/delivery/inlined.ts` },
    plugins: [withoutTraining],
    write: false,
  });
  return outputFiles[0]!.text;
}
