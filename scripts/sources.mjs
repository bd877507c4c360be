// A hash of what dist/ is made of. A build notes it; what runs the built package compares it with the sources as they
// are now, so that nothing is tested that an edit has left behind.
//   node scripts/sources.mjs --note   (the last step of a build)
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./package-entries.mjs";

const NOTE = join(root, "build/sources.sha256");
const FOLDERS = ["assembly", "scripts", "src"];
const FILES = ["asconfig.json", "asconfig.debug.json", "package.json", "tsconfig.json"];
/** Made by the build itself. */
const GENERATED = "src/wasm/generated/";

function sourcesHash() {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.\w+$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const hash = createHash("sha256");
  for (const file of [...FILES, ...inFolders].sort()) {
    if (file.startsWith(GENERATED) || !existsSync(join(root, file))) continue;
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** Whether dist/ was built from the sources as they are. */
export function isBuilt() {
  return existsSync(NOTE) && readFileSync(NOTE, "utf8") === sourcesHash();
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes("--note"))
  writeFileSync(NOTE, sourcesHash());
