// Bundles the command once for all its tests.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { kernelAliases } from "../../scripts/kernel-modules.mjs";
import { bundleCli } from "../helpers/bundled-cli.js";

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
  await bundleCli(join(root, "src/cli/main.ts"), outfile, kernelAliases);
  provide("cli", outfile);
  return () => rm(folder, { recursive: true });
}
