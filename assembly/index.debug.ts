// The debug build: every kernel with its assertions, and what only its tests call.
export * from "./index";
export { bitsFill } from "./ops/random";
export { sumSquares } from "./ops/reduce";
export { simdExp2, simdExpFlushed, simdLog1p, simdSinTurn } from "./simd/hooks";
