// The command in one file that Node runs.
import { build } from "esbuild";
import { builtinsForCommonJs } from "../../scripts/builtins-for-commonjs.mjs";

/** @param alias what stands for `#kernels/…` in its sources */
export async function bundleCli(
  main: string,
  outfile: string,
  alias: Record<string, string>,
): Promise<void> {
  await build({
    entryPoints: [main],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    define: { VERSION: '"1.2.3"', TRAINING: "true" },
    alias,
    plugins: [builtinsForCommonJs],
    logLevel: "error",
  });
}
