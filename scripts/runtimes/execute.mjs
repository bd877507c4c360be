import { spawnSync } from "node:child_process";

/** How long anything may take, on a busy machine. */
export const TIMEOUT = 300_000;

/** Runs a command to its end and gives what it printed; throws what it complained. */
export function execute(command, args, cwd, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    ...options,
  });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(" ")}\n${stderr}${stdout}`);
  return stdout;
}

/** The first version number in what a command says of itself. */
export function versionOf(command, ...args) {
  return execute(command, args).match(/\d+(\.\d+)+/)[0];
}

/** What a program answered: JSON, or its complaint. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(text);
  }
}

export async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  return parse(await response.text());
}
