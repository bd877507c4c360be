/**
 * For browsers: byte arrays in IndexedDB.
 *
 * @packageDocumentation
 */
export { ByteStore, type ByteStoreOptions } from "./byte-store.js";
