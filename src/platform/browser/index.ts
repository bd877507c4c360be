/** For browsers: byte arrays in IndexedDB. */
export { ByteStore, type ByteStoreOptions } from "./byte-store.js";
