// A peer that answers questions: a program that reads a line of JSON and writes one, after a first line that says it is ready.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** @param env what the program has of the environment beside this one's */
export async function startPeer([command, ...args], env) {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${[command, ...args].join(" ")} ended`);
    return JSON.parse(value);
  };
  await next();
  return {
    ask: (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return next();
    },
    stop: () => child.stdin.end(),
  };
}
