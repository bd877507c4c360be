import * as esbuild from "esbuild";
import { gzipSync } from "node:zlib";
import { withoutTraining, inferenceOptions } from "/work/wt/strict/scripts/inference-build.mjs";
const r = await esbuild.build({ stdin: { contents: 'export { LSTM, Linear, loadSafetensors, tensor } from "./src/infer/index.ts";', resolveDir: "/work/wt/strict" }, bundle: true, minify: true, format: "esm", platform: "neutral", target: "es2022", external: ["node:*", "#kernels/*"], write: false, metafile: true, plugins: [withoutTraining], ...inferenceOptions, define: { TRAINING: "false" } }).catch(e => (console.log(e.message), null));
if (r) {
  console.log(gzipSync(r.outputFiles[0].contents, { level: 9 }).length);
  const out = Object.values(r.metafile.outputs)[0];
  console.log(Object.entries(out.inputs).sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput).slice(0, 60).map(([n, v]) => v.bytesInOutput + " " + n).join("\n"));
  if (process.argv[2]) (await import("node:fs")).writeFileSync(process.argv[2], r.outputFiles[0].text);
}
