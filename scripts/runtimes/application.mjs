// The package as a user installs it: packed, in a folder from which nothing of the repository can be reached.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packPackage } from "../pack-package.mjs";
import { root } from "../package-entries.mjs";
import { execute } from "./execute.mjs";

export class Application {
  #folder = mkdtempSync(join(tmpdir(), "hiddenstate-runtimes-"));
  #tarball = packPackage(this.#folder);

  /** The folder with the programs of test/runtimes and the package. */
  folder = this.fresh("programs");

  constructor() {
    cpSync(join(root, "test/runtimes"), this.folder, { recursive: true });
  }

  /** A new folder with the package, and others from npm, installed. */
  fresh(name, dependencies = {}) {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    const specs = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
    const network = specs.length === 0 ? "--offline" : "--prefer-offline";
    const flags = [network, "--no-audit", "--no-fund", "--no-package-lock"];
    execute("npm", ["install", ...flags, this.#tarball, ...specs], folder);
    return folder;
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
