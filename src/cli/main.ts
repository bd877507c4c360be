#!/usr/bin/env node
import * as nodeModule from "node:module";

// From Node 22 on, modules that were compiled once load in half the time.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") process.exit(0);
});
// A terminal that was closed shows no progress any more: the run goes on, or saves.
process.stderr.on("error", () => {});

await import("../ops/methods.js");
const { run } = await import("./program.js");
process.exitCode = await run(process.argv.slice(2));
