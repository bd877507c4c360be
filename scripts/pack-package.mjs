import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./package-entries.mjs";

/** Packs the built package into a folder, as publishing would, and gives the tarball's path. */
export function packPackage(folder) {
  // Without `prepare`: what is packed is what was built and tested.
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return join(folder, JSON.parse(stdout)[0].filename);
}
