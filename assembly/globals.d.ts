/** Set by scripts/build-wasm.mjs with `--use`. */
declare const ABI_HASH: i32;
