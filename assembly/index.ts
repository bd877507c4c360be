export { heapBase } from "./heap-base";
