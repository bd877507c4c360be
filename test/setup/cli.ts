// Bundles the command once for all its tests.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";
import { builtinsForCommonJs } from "../../scripts/builtins-for-commonjs.mjs";
import { kernelAliases } from "../../scripts/kernel-modules.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** The bundled command. */
    cli: string;
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "hiddenstate-cli-"));
  const outfile = join(folder, "cli.mjs");
  await build({
    entryPoints: [join(root, "src/cli/main.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    define: { VERSION: '"1.2.3"', TRAINING: "true" },
    alias: kernelAliases,
    plugins: [builtinsForCommonJs],
    logLevel: "error",
  });
  provide("cli", outfile);
  return () => rm(folder, { recursive: true });
}
