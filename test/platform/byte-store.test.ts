import { IDBFactory } from "fake-indexeddb";
import { expect, test } from "vitest";
import { BackendError, OptionError } from "../../src/core/errors.js";
import { ByteStore } from "../../src/platform/browser/byte-store.js";

test("bytes are kept across connections, replaced and deleted", async () => {
  const indexedDB = new IDBFactory();
  const store = await ByteStore.open("models", { indexedDB });
  await store.put("b", Uint8Array.of(1, 2));
  await store.put("a", Uint8Array.of(3));
  await store.put("b", Uint8Array.of(4, 5, 6));
  store.close();
  const again = await ByteStore.open("models", { indexedDB });
  expect(await again.keys()).toEqual(["a", "b"]);
  expect([...(await again.get("b"))!]).toEqual([4, 5, 6]);
  await again.delete("b");
  expect(await again.get("b")).toBeUndefined();
  expect(await again.keys()).toEqual(["a"]);
});

test("what is stored is a copy of the view's own bytes", async () => {
  const store = await ByteStore.open("models", { indexedDB: new IDBFactory() });
  const bytes = Uint8Array.of(9, 1, 2, 9).subarray(1, 3);
  const kept = store.put("k", bytes);
  bytes.fill(7);
  await kept;
  expect([...(await store.get("k"))!]).toEqual([1, 2]);
});

test("misuse is refused with a named error", async () => {
  await expect(ByteStore.open("models")).rejects.toThrow(BackendError);
  const store = await ByteStore.open("models", { indexedDB: new IDBFactory() });
  await expect(store.put("k", [1] as unknown as Uint8Array)).rejects.toThrow(OptionError);
  store.close();
  await expect(store.get("k")).rejects.toThrow(BackendError);
});
