// Byte arrays in IndexedDB: where a page or a worker keeps models and checkpoints.
import { checkCall } from "../../core/check.js";
import { checkLike } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { BackendError } from "../../core/errors.js";

const TABLE = "bytes";

export interface ByteStoreOptions {
  /** Default: the page's own. */
  indexedDB?: IDBFactory | undefined;
}

/**
 * Byte arrays by key, kept in the browser across visits. A `put` is one transaction: a closed tab or
 * a crash leaves the old bytes or the new.
 *
 * @example
 * ```ts
 * const store = await ByteStore.open("models");
 * await store.put("moby-dick", LanguageModel.build("Call me Ishmael.").save());
 * const bytes = await store.get("moby-dick"); // undefined where there are none
 * ```
 */
export class ByteStore {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** @throws BackendError where there is no IndexedDB, or it is refused (private windows, no space) */
  static async open(name: string, options: ByteStoreOptions = {}): Promise<ByteStore> {
    checkCall("ByteStore.open", arguments, "name:string {indexedDB:object}");
    const { indexedDB = globalThis.indexedDB } = options;
    if (!indexedDB)
      throw new BackendError({
        op: "ByteStore",
        expected: "a runtime with IndexedDB",
        got: "one without it",
        cure: "On Node, Deno and Bun use readBytes and writeBytes of hiddenstate/node.",
      });
    checkLike("ByteStore.open", "an IDBFactory as indexedDB", "open", indexedDB);
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    const database = await settle("ByteStore", request);
    // Another page that deletes the database would wait for this connection for ever.
    database.onversionchange = () => database.close();
    return new ByteStore(database);
  }

  /** The bytes under a key; undefined where there are none. */
  async get(key: string): Promise<Uint8Array | undefined> {
    checkCall("ByteStore.get", arguments, "key:string");
    return settle<Uint8Array | undefined>("get", this.#table("get", "readonly").get(key));
  }

  /** Stores a copy of the bytes; resolves once they are kept. */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkCall("ByteStore.put", arguments, "key:string bytes:Uint8Array");
    const table = this.#table("put", "readwrite");
    table.put(bytes, key);
    await committed("put", table.transaction);
  }

  async delete(key: string): Promise<void> {
    checkCall("ByteStore.delete", arguments, "key:string");
    const table = this.#table("delete", "readwrite");
    table.delete(key);
    await committed("delete", table.transaction);
  }

  /** All keys, sorted. */
  async keys(): Promise<string[]> {
    return settle("keys", this.#table("keys", "readonly").getAllKeys()) as Promise<string[]>;
  }

  close(): void {
    this.#database.close();
  }

  #table(op: string, mode: IDBTransactionMode): IDBObjectStore {
    try {
      return this.#database.transaction(TABLE, mode).objectStore(TABLE);
    } catch (cause) {
      throw refused(op, cause);
    }
  }
}

function settle<T>(op: string, request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(refused(op, request.error));
  });
}

function committed(op: string, transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(refused(op, transaction.error));
  });
}

function refused(op: string, cause: unknown): BackendError {
  return new BackendError(
    { op, expected: "IndexedDB to keep the bytes", got: described(cause) },
    { cause },
  );
}
