// Answers one request to a worker that wrangler has bundled:
//   node in-miniflare.mjs NODE_MODULES FOLDER PATH COMPATIBILITY_DATE
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , packages, folder, path, compatibilityDate] = process.argv;
const entry = createRequire(packages).resolve("miniflare");
const { Miniflare } = await import(pathToFileURL(entry));

const KINDS = { ".js": "ESModule", ".wasm": "CompiledWasm", ".bin": "Data" };
const modules = readdirSync(folder)
  .filter((file) => extname(file) in KINDS)
  // The first module is the entry.
  .sort((a, b) => Number(extname(b) === ".js") - Number(extname(a) === ".js"))
  .map((file) => ({
    type: KINDS[extname(file)],
    path: file,
    contents: readFileSync(join(folder, file)),
  }));
const miniflare = new Miniflare({ cf: false, compatibilityDate, modules });
const response = await miniflare.dispatchFetch(`http://localhost${path}`);
console.log(await response.text());
await miniflare.dispose();
