// Servers on this machine: our own, and those of others.
import { spawn } from "node:child_process";
import { createServer } from "node:http";

/** Starts a server of ours at a free port and gives its origin. */
export function listen(server) {
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`)),
  );
}

/** Starts a command that serves at the port it is given, and waits until it answers at a path. */
export async function start(commandFor, path, options) {
  const origin = await freeOrigin();
  const [command, ...args] = commandFor(new URL(origin).port);
  const child = spawn(command, args, {
    ...options,
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise((done) => child.on("close", done));
  const stop = async () => {
    end(child);
    await ended;
  };
  for (let tries = 0; tries < 240; tries++) {
    const response = await fetch(origin + path).catch(() => undefined);
    if (response) return { origin, stop };
    await new Promise((wake) => setTimeout(wake, 250));
  }
  await stop();
  throw new Error(`${command} did not answer at ${origin}`);
}

async function freeOrigin() {
  const server = createServer();
  const origin = await listen(server);
  await new Promise((closed) => server.close(closed));
  return origin;
}

/** Ends a process that was started detached, and its children. */
export function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
