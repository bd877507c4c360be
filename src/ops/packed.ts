// Weights in the layouts that products read: packed once a version, kept with the weight.
import { allocate, allocateOnHeap, type Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";

/** A layout of a weight [rows, columns]: its name, its size, the kernel that packs it. */
export interface Packing {
  readonly name: string;
  bytes(rows: number, columns: number): number;
  pack(to: number, from: number, rows: number, columns: number): void;
}

/** For x · Wᵀ, one row of x or several. */
export function productPacking(batch: number): Packing {
  return batch === 1 ? ROW_PRODUCT : PRODUCT;
}

/** For dy · W, one row of dy or several. */
export function gradientPacking(batch: number): Packing {
  return batch === 1 ? ROW_GRADIENT : GRADIENT;
}

const PRODUCT: Packing = {
  name: "product",
  bytes: (rows, columns) => kernels().packedBytes(columns, rows),
  pack: (to, from, rows, columns) => kernels().packBT(to, from, columns, rows, columns),
};

const ROW_PRODUCT: Packing = {
  name: "row product",
  bytes: (rows, columns) => kernels().packedBytes(columns, rows),
  pack: (to, from, rows, columns) => kernels().packRowBT(to, from, columns, rows, columns),
};

const GRADIENT: Packing = {
  name: "gradient",
  bytes: (rows, columns) => kernels().packedBytes(rows, columns),
  pack: (to, from, rows, columns) => kernels().packB(to, from, rows, columns, columns),
};

const ROW_GRADIENT: Packing = {
  name: "row gradient",
  bytes: (rows, columns) => kernels().packedBytes(rows, columns),
  pack: (to, from, rows, columns) => kernels().packRowB(to, from, rows, columns, columns),
};

/** Address of a weight in a layout; packed anew only if the weight has changed since. */
export function packed(weight: Tensor, packing: Packing, op: string): number {
  const from = weight.address(op);
  const { storage } = weight;
  const [rows, columns] = weight.shape as [number, number];
  const bytes = packing.bytes(rows, columns);
  // A scope's tensor passes with its scope: a copy that outlives the call would have no owner.
  if (storage.scope) return packInto(allocate(bytes), packing, from, rows, columns);
  const copies = (storage.derived ??= new Map());
  const copy = copies.get(packing.name);
  if (copy?.version === storage.version) return copy.storage.ptr;
  const block = copy?.storage ?? allocateOnHeap(bytes);
  copies.set(packing.name, { storage: block, version: storage.version });
  return packInto(block, packing, from, rows, columns);
}

function packInto(
  { ptr }: Storage,
  packing: Packing,
  from: number,
  rows: number,
  columns: number,
): number {
  packing.pack(ptr, from, rows, columns);
  return ptr;
}
