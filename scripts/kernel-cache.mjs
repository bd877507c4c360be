// Whether a built kernel module is what its sources give now: by a hash of all that a compilation reads, noted beside the
// built file together with a hash of that file.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { builtModule } from "./kernel-modules.mjs";
import { root } from "./package-entries.mjs";

const requireHere = createRequire(import.meta.url);
const compiler = requireHere.resolve("assemblyscript/package.json");

/** Sources of every module, since they share most files; settings; the scripts that give flags; the tools by version. */
const files = [
  ...readdirSync(join(root, "assembly"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort(),
  ...["asconfig.json", "asconfig.debug.json"].map((name) => join(root, name)),
  ...["build-wasm", "kernel-interface", "kernel-modules"].map((name) =>
    join(root, `scripts/${name}.mjs`),
  ),
  compiler,
  createRequire(compiler).resolve("binaryen/package.json"),
];
const inputs = createHash("sha256");
for (const file of files) inputs.update(`${file.slice(root.length)}\0`).update(hashOf(file));
const current = inputs.digest("hex");

/** Whether the built file is there, as it was noted, of the same inputs. */
export function isUnchanged(module, build) {
  const file = builtModule(module, build);
  return (
    [file, noteOf(file)].every(existsSync) && readFileSync(noteOf(file), "utf8") === state(file)
  );
}

/** Notes what the built file was made of. */
export function note(module, build) {
  const file = builtModule(module, build);
  writeFileSync(noteOf(file), state(file));
}

function state(file) {
  return `inputs ${current}\nbuilt ${hashOf(file)}\n`;
}

function noteOf(file) {
  return `${file}.made-of`;
}

function hashOf(file) {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
