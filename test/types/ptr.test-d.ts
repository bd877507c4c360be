// Addresses are no numbers to the compiler. Checked by `npm run check`, never run.
import type { Kernels } from "../../src/wasm/generated/kernels.js";
import { at, bytesOf, offset, type Ptr } from "../../src/wasm/ptr.js";

declare const k: Kernels;
declare const to: Ptr;
declare const from: Ptr;
declare const size: number;

k.scale(to, from, size, 2);
// An absent buffer.
k.gemm(to, from, from, 0, size, size, size, size, size);
k.scale(at(to, size), offset(from, bytesOf(size)), size, 2);
// @ts-expect-error: a size where an address belongs
k.scale(size, from, size, 2);
// @ts-expect-error: any number but 0
k.scale(to, 64, size, 2);
// @ts-expect-error: a sum is a number; at() and offset() give addresses
k.scale(to + size, from, size, 2);
