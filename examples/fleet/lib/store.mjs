// Where models, data and results are: a folder, or whatever has these four methods. Keys are paths with slashes.
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat, open } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { FleetError } from "./errors.mjs";

/**
 * @typedef {object} Store
 * @property {(key: string, range?: { start: number, end?: number }) => Promise<AsyncIterable<Uint8Array>>} get
 *   The bytes of a key; of a range those from `start` to before `end`.
 * @property {(key: string, bytes: Uint8Array) => Promise<void>} put
 *   Whole or not at all; a reader has the old bytes or the new ones. The last one wins.
 * @property {(key: string) => Promise<{ size: number, version: string } | undefined>} stat
 *   Undefined where there is none. Another version means other bytes.
 * @property {(key: string) => Promise<void>} remove
 * @property {((key: string) => string)} [path] Where keys are files here: then nothing is copied.
 */

/** A folder that all workers see: of this machine, or mounted. */
export class FolderStore {
  #folder;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = resolve(folder);
  }

  path(key) {
    const path = resolve(this.#folder, key);
    if (path === this.#folder || !path.startsWith(this.#folder + sep))
      throw new FleetError({
        op: "store",
        expected: `a key below ${this.#folder}`,
        got: key,
        cure: "Keys are paths relative to --store.",
      });
    return path;
  }

  async get(key, { start = 0, end } = {}) {
    if (end !== undefined && end <= start) return Readable.from([]);
    // A file that is missing is told here, not when the stream is read.
    const file = await open(this.path(key), "r");
    return file.createReadStream({ start, ...(end !== undefined && { end: end - 1 }) });
  }

  async put(key, bytes) {
    const path = this.path(key);
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${randomUUID()}.tmp`;
    const file = await open(temporary, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }

  async stat(key) {
    try {
      const { size, mtimeMs } = await stat(this.path(key));
      return { size, version: `${size}-${Math.round(mtimeMs)}` };
    } catch (error) {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    }
  }

  async remove(key) {
    await rm(this.path(key), { force: true });
  }
}

/**
 * The store of `--store`: a folder, or a module (`./s3.mjs`) whose default export is a {@link Store}.
 *
 * @param {string} given
 * @returns {Promise<Store>}
 */
export async function openStore(given) {
  if (!/\.[cm]?js$/.test(given)) return new FolderStore(given);
  const { default: store } = await import(pathToFileURL(resolve(given)).href);
  const missing = ["get", "put", "stat", "remove"].filter(
    (name) => typeof store?.[name] !== "function",
  );
  if (missing.length > 0)
    throw new FleetError({
      op: "--store",
      expected: `${given} to export a store by default`,
      got: `one without ${missing.join(", ")}`,
      cure: "docs/scale.md has one for S3.",
    });
  return store;
}

/** @param {Store} store @param {string} key */
export async function readBytes(store, key) {
  const pieces = [];
  for await (const piece of await store.get(key)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What JSON a key has; undefined where there is none. @param {Store} store @param {string} key */
export async function readJson(store, key) {
  if (!(await store.stat(key))) return undefined;
  return JSON.parse((await readBytes(store, key)).toString("utf8"));
}

/** @param {Store} store @param {string} key */
export function writeJson(store, key, value) {
  return store.put(key, Buffer.from(JSON.stringify(value)));
}

/** What must be there: its size and version. @param {Store} store */
export async function required(store, key, op) {
  const found = await store.stat(key);
  if (found) return found;
  throw new FleetError({
    op,
    expected: `${key} in the store`,
    got: "nothing of that name",
    cure: store.path ? `It would be ${store.path(key)}.` : undefined,
  });
}

/**
 * The path of a file of the store: itself, where the store is a folder, else a copy in a folder of this machine, made once.
 *
 * @param {Store} store @param {string} key @param {string} cache
 */
export async function localFile(store, key, cache) {
  const { version } = await required(store, key, "store");
  if (store.path) return store.path(key);
  const path = join(cache, digest(`${key}\n${version}`));
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(cache, { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  await pipeline(await store.get(key), createWriteStream(temporary));
  await rename(temporary, path);
  return path;
}

/** Sixteen characters that stand for some bytes. @param {string | Uint8Array} bytes */
export function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

/** The same for a file's contents, whatever its size. @param {Store} store @param {string} key */
export async function digestOf(store, key) {
  const hash = createHash("sha256");
  for await (const piece of await store.get(key)) hash.update(piece);
  return hash.digest("hex").slice(0, 16);
}
