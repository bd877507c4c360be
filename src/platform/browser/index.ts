/**
 * For browsers: byte arrays in IndexedDB, samples from the microphone.
 *
 * @packageDocumentation
 */
export { ByteStore, type ByteStoreOptions } from "./byte-store.js";
export { microphone, microphoneWorklet, type MicrophoneOptions } from "./microphone.js";
