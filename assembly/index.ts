export { abi, heapBase, relaxedSimd } from "./module";
