// Runtimes with a command: Node, Deno, Bun, also on another processor, emulated.
import { existsSync } from "node:fs";
import { TIMEOUT, execute, parse, versionOf } from "./execute.mjs";
import { inCache, nodeBinary } from "./packages.mjs";
import { attempt, BUILDS } from "./rows.mjs";

const QEMU = "qemu-user-static";
const ARM64_LIBRARIES = "/usr/aarch64-linux-gnu";
const arm64Packages = ["libc6", "libstdc++6", "libgcc-s1", "libatomic1"].map(
  (library) => `${library}-arm64-cross`,
);

export const commandLines = [
  node("Node 20", "node20"),
  { ...node("Node 22", "node22"), extra: true },
  node("Node 24", "node24"),
  node("Node 24, multiply and add not fused", "node24", "--no-enable-fma3"),
  { ...node("Node 26", "node26"), extra: true },
  {
    ...runtime(
      "Node 24 on ARM64, emulated",
      ["qemu-aarch64-static", "-L", ARM64_LIBRARIES, nodeBinary("node24arm64")],
      () => versionOf(nodeBinary("node24"), "--version"),
    ),
    extra: true,
    missing: () =>
      existsSync("/usr/bin/qemu-aarch64-static") && existsSync(ARM64_LIBRARIES)
        ? []
        : [QEMU, ...arm64Packages],
  },
  {
    ...runtime(
      "Node 24 on x86-64 of 2008, emulated",
      ["qemu-x86_64-static", "-cpu", "Nehalem", nodeBinary("node24")],
      () => versionOf(nodeBinary("node24"), "--version"),
    ),
    extra: true,
    missing: () => (existsSync("/usr/bin/qemu-x86_64-static") ? [] : [QEMU]),
  },
  runtime("Deno", [inCache(".bin/deno"), "run", "--allow-read"]),
  runtime("Bun", [inCache(".bin/bun")]),
];

function node(name, binary, ...flags) {
  return runtime(name, [nodeBinary(binary), ...flags]);
}

function runtime(name, [command, ...flags], version = () => versionOf(command, "--version")) {
  return {
    name,
    async *rows({ folder }) {
      for (const asked of BUILDS)
        yield attempt({ name, asked }, async () => {
          const args = [...flags, "main.mjs", asked];
          const output = execute(command, args, folder, { timeout: TIMEOUT });
          return { version: version(), ...parse(output) };
        });
    },
  };
}
