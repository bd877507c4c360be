// The licences of the packages whose code is in the bundle.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./package-entries.mjs";

/** Packages without a licence file of their own, and the package of the same repository that has it. */
const LICENCE_BESIDE = { "@assemblyscript/loader": "node_modules/assemblyscript" };

/** @param {string[]} inputs the bundler's input files */
export function licencesOf(inputs) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  return [...folders]
    .sort()
    .map(notice)
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** `node_modules/@scope/name` of a file in it, also where packages are nested. */
function packageFolder(file) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

function notice(folder) {
  const { name, version, license } = JSON.parse(
    readFileSync(join(root, folder, "package.json"), "utf8"),
  );
  const texts = [/^(licen[cs]e|copying)/i, /^notice/i].map((file) =>
    textOf(join(root, LICENCE_BESIDE[name] ?? folder), file),
  );
  if (texts[0] === undefined) throw new Error(`${name} has no licence file: it cannot be bundled`);
  return [`${name} ${version} (${license})`, ...texts.filter(Boolean)].join("\n\n") + "\n";
}

function textOf(folder, pattern) {
  const file = readdirSync(folder).find((entry) => pattern.test(entry));
  return file && readFileSync(join(folder, file), "utf8").trim();
}
