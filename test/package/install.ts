// Packs the package once and installs it where nothing of the repository can be reached.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { packPackage } from "../../scripts/pack-package.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder in which `hiddenstate` is installed. */
    app: string;
    tarball: string;
  }
}

export default function setup(project: TestProject): () => void {
  const app = mkdtempSync(join(tmpdir(), "hiddenstate-package-"));
  writeFileSync(join(app, "package.json"), '{ "private": true, "type": "module" }');
  const tarball: string = packPackage(app);
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], {
    cwd: app,
    stdio: "pipe",
  });
  project.provide("app", app);
  project.provide("tarball", tarball);
  return () => rmSync(app, { recursive: true, force: true });
}
