// What `hiddenstate/browser` exports.
export { ByteStore, type ByteStoreOptions } from "./byte-store.js";
