// Redis: how it is reached, what is said while it is away, and one of our own on this machine.
import { fork } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { FleetError } from "./errors.mjs";

/** All keys in Redis, and the queue that all jobs go through. */
export const PREFIX = "fleet";
export const QUEUE = "jobs";

/** What BullMQ connects with: it waits for a Redis that is away, however long that takes. @param {string} url */
export function connectionOf(url) {
  return {
    url,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2000),
  };
}

/**
 * A connection that says when Redis is away, when it is back, and what is wrong with its settings.
 *
 * @param {string} url @param {(line: string) => void} say
 */
export async function watchRedis(url, say) {
  const { host } = new URL(url);
  const client = new Redis(url, { ...connectionOf(url), lazyConnect: true });
  let away = false;
  let closing = false;
  client.on("error", () => {});
  client.on("close", () => {
    if (away || closing) return;
    away = true;
    say(`Redis at ${host} does not answer: waiting for it.`);
  });
  client.on("ready", () => {
    if (away) say(`Redis at ${host} is back.`);
    away = false;
  });
  // The first attempt may fail: those after it go on behind.
  client.connect().catch(() => {});
  await refuseEviction(client, host);
  return {
    client,
    close() {
      closing = true;
      client.disconnect();
    },
  };
}

/** A Redis that throws keys away when it is full loses jobs. */
async function refuseEviction(client, host) {
  const memory = await client.info("memory");
  const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1];
  if (policy === undefined || policy === "noeviction") return;
  client.disconnect();
  throw new FleetError({
    op: `Redis at ${host}`,
    expected: "maxmemory-policy noeviction",
    got: policy,
    cure: "With any other, a full Redis throws jobs away: CONFIG SET maxmemory-policy noeviction.",
  });
}

/** Whether an error is of a connection: what is waited for, and said once. @param {any} error */
export function isAway(error) {
  return (
    /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/.test(
      error.code,
    ) || /Connection is closed|Stream isn't writeable|LOADING|max retries/i.test(error.message)
  );
}

/**
 * A Redis of this program on the loopback interface, with persistence. It ends with the program, however that ends.
 *
 * @param {{ dir: string, port?: number, appendfsync?: string, maxmemory?: string }} options
 */
export async function startRedis({ dir, port, appendfsync = "everysec", maxmemory = "0" }) {
  await mkdir(dir, { recursive: true });
  const chosen = port ?? (await freePort());
  const args = [
    ...["--bind", "127.0.0.1", "--port", String(chosen), "--dir", dir],
    ...["--appendonly", "yes", "--appendfsync", appendfsync, "--save", ""],
    ...["--maxmemory", maxmemory, "--maxmemory-policy", "noeviction", "--loglevel", "warning"],
  ];
  const keeper = fork(fileURLToPath(new URL("./redis-keeper.mjs", import.meta.url)), args, {
    // Ctrl-C in a terminal goes to this program, which ends Redis last.
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [said] = await Promise.race([once(keeper, "message"), once(keeper, "exit")]);
  if (said !== "ready") {
    throw new FleetError({
      op: "redis-server",
      expected: "to be installed, and to start",
      got: typeof said === "string" ? said : `exit code ${said}`,
      cure: "apt-get install redis-server, brew install redis; or name one that runs by --redis.",
    });
  }
  return {
    url: `redis://127.0.0.1:${chosen}`,
    pid: keeper.pid,
    async close() {
      if (keeper.exitCode !== null || keeper.signalCode !== null) return;
      const gone = once(keeper, "exit");
      if (keeper.connected) keeper.disconnect();
      await gone;
    },
  };
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
