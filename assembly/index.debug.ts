export * from "./index";
export { simdExpFlushed, simdLog1p, simdSinTurn } from "./simd/hooks";
