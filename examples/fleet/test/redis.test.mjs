// What needs a Redis: without redis-server these tests say so, and are left out.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Delivery } from "../lib/deliver.mjs";
import { RedisFullError } from "../lib/errors.mjs";
import { freePort, startRedis } from "../lib/redis.mjs";
import { FolderStore, writeJson } from "../lib/store.mjs";

const { error } = spawnSync("redis-server", ["--version"]);
const skip = error ? "redis-server is not installed (apt-get install redis-server)" : false;
if (skip) console.log(`${skip}: kills, and what a full Redis says, are not tested.`);

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fleet-redis-"));
});
after(() => rm(folder, { recursive: true }));

const task = (store) => ({
  ...{ id: "chunk-1", kind: "chunk", data: {}, result: "result.json" },
  store,
});

describe("Redis", { skip }, () => {
  it("that is full is a named error", async () => {
    const redis = await startRedis({ dir: join(folder, "full"), maxmemory: "1" });
    const store = new FolderStore(folder);
    const delivery = await Delivery.open({ url: redis.url, store, say: () => {} });
    await assert.rejects(delivery.results([task(store)]).next(), (failure) => {
      assert.ok(failure instanceof RedisFullError);
      assert.match(failure.message, /expected room for a job, got .*OOM.*Raise maxmemory/);
      return true;
    });
    await delivery.close();
    await redis.close();
  });

  it("that would throw jobs away is refused", async () => {
    const redis = await startRedis({ dir: join(folder, "lossy") });
    spawnSync("redis-cli", [
      ...["-p", new URL(redis.url).port, "config", "set", "maxmemory-policy", "allkeys-lru"],
    ]);
    await assert.rejects(
      Delivery.open({ url: redis.url, store: new FolderStore(folder), say: () => {} }),
      /expected maxmemory-policy noeviction, got allkeys-lru/,
    );
    await redis.close();
  });

  it("that is away is waited for, and a job that it lost is asked for again", async () => {
    const port = await freePort();
    const said = [];
    const store = new FolderStore(join(folder, "away"));
    const opening = Delivery.open({
      ...{ url: `redis://127.0.0.1:${port}`, store },
      say: (line) => said.push(line),
    });
    while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.match(said[0], /does not answer: waiting for it/);
    const first = await startRedis({ dir: join(folder, "first"), port });
    const delivery = await opening;
    assert.match(said[1], /is back/);
    const result = delivery.results([task(store)]).next();
    await first.close();
    // Another one, which knows of no job: somebody does it all the same.
    const second = await startRedis({ dir: join(folder, "second"), port });
    await writeJson(store, "result.json", { lines: 1 });
    assert.deepEqual((await result).value.result, { lines: 1 });
    await delivery.close();
    await second.close();
  });

  it("ends with the program that started it, though that is killed", async () => {
    const fleet = fileURLToPath(new URL("../fleet.mjs", import.meta.url));
    const program = spawn(process.execPath, [fleet, "redis", "--dir", join(folder, "own")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [url] = await once(program.stdout.setEncoding("utf8"), "data");
    const { port } = new URL(url.trim());
    const ping = () => spawnSync("redis-cli", ["-p", port, "ping"], { encoding: "utf8" }).stdout;
    assert.equal(ping().trim(), "PONG");
    program.kill("SIGKILL");
    while (ping().includes("PONG")) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it("and workers and schedulers: 10 random kills change no byte", async () => {
    const chaos = fileURLToPath(new URL("../chaos.mjs", import.meta.url));
    const program = spawn(process.execPath, [chaos, "--kills", "10", "--per-run", "10"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [program.stdout, program.stderr])
      stream.setEncoding("utf8").on("data", (text) => (said += text));
    const [code] = await once(program, "exit");
    console.log(said.trimEnd());
    assert.equal(code, 0);
  });
});
