// Weights in the layouts that products read: packed once a version, kept with the weight.
import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { arena, kernels } from "../wasm/backend.js";

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

/**
 * Address of a weight in a layout; packed anew only if the weight has changed since.
 *
 * @param part the first row and how many, of a block of the weight's rows; default all
 */
export function packed(
  weight: Tensor,
  packing: Packing,
  op: string,
  part?: readonly [first: number, rows: number],
): number {
  const { storage } = weight;
  const [all, columns] = weight.shape as [number, number];
  const [first, rows] = part ?? [0, all];
  const from = weight.address(op) + first * columns * BYTES_PER_ELEMENT;
  // Tensors of other shapes may share the storage.
  const key = `${packing.name} ${first} ${rows} × ${columns}`;
  const copy = storage.derived?.get(key);
  if (copy?.version === storage.version) return copy.storage.ptr;
  if (copy) copy.version = storage.version;
  const to = copy?.storage.ptr ?? makeRoom(storage, key, packing.bytes(rows, columns));
  packing.pack(to, from, rows, columns);
  return to;
}

function makeRoom(storage: Storage, key: string, bytes: number): number {
  // A scope's tensor passes with its scope: a copy that outlives the call would have no owner.
  if (storage.scope) return arena().allocate(bytes);
  const block = allocateBlock(bytes);
  (storage.derived ??= new Map()).set(key, { storage: block, version: storage.version });
  return block.ptr;
}
