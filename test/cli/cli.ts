// The command line as its users have it: bundled, and run by Node in a process of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { inject } from "vitest";

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly output: string;
  /** The lines of standard error that tell of an error, one below the other. */
  readonly errors: string;
}

export interface CliOptions {
  cwd: string;
  /** What standard input holds. Default: nothing. */
  input?: string | Uint8Array;
  /** Options of Node itself. Default: none. */
  node?: readonly string[];
  /** Sees all output as it comes, and may signal the process. */
  watch?: (output: string, child: ChildProcess) => void;
}

/** A `watch` that sends the signal when the output has the text for the first time: a second one would kill. */
export function endAt(text: string, signal: NodeJS.Signals): NonNullable<CliOptions["watch"]> {
  let sent = false;
  return (output, child) => {
    if (sent || !output.includes(text)) return;
    sent = true;
    child.kill(signal);
  };
}

/** Runs the command to its end. */
export function runCli(
  args: readonly string[],
  { cwd, watch, input = "", node = [] }: CliOptions,
): Promise<CliResult> {
  const child = spawn(process.execPath, [...node, inject("cli"), ...args], {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that ends without reading is no failure.
  child.stdin.on("error", () => {}).end(input);
  const said = { stdout: "", stderr: "", output: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
      said.output += text;
      watch?.(said.output, child);
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const errors = said.stderr.split("\n").filter((line) => /^\w*error:/i.test(line));
      resolve({ code, signal, ...said, errors: errors.join("\n") });
    });
  });
}
