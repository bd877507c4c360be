/** First byte behind the module's static data, which stands in the range reserved for it. */
export function heapBase(): usize {
  return __heap_base;
}

/** A hash of every kernel's name and signature, so that a host refuses kernels of another version. */
export function abi(): i32 {
  return ABI_HASH;
}

/** 1 in the build that may fuse multiplication and addition, 0 in the plain one. */
export function relaxedSimd(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0;
}
