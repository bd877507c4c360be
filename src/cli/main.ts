#!/usr/bin/env node
import "../ops/methods.js";
import { run } from "./program.js";

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") process.exit(0);
});
// A terminal that was closed shows no progress any more: the run goes on, or saves.
process.stderr.on("error", () => {});

process.exitCode = await run(process.argv.slice(2));
