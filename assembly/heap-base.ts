/** First byte of memory that the host may use: everything below is the module's static data. */
export function heapBase(): usize {
  return __heap_base;
}
