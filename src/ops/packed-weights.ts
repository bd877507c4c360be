// Weights in the layouts that products read: packed once a version, kept with the weight.
import { allocateBlock } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { arena } from "../wasm/backend.js";
import { at, type Ptr } from "../wasm/ptr.js";
import { pack, packedBytes, type Packing } from "./products.js";

/** Bytes of a weight `[rows, columns]` in any layout. */
export function packedWeightBytes(rows: number, columns: number): number {
  return Math.max(packedBytes(rows, columns), packedBytes(columns, rows));
}

/** Packs a weight `[rows, columns]`, or so many rows of one. */
export function packWeight(
  packing: Packing,
  to: Ptr,
  from: Ptr,
  rows: number,
  columns: number,
): void {
  const [k, n] = packing.endsWith("T") ? [columns, rows] : [rows, columns];
  pack(packing, to, from, k, n, columns);
}

/**
 * Address of a weight in a layout; packed anew only if the weight has changed since, or was last packed otherwise: a
 * training step needs one layout forwards and the other backwards, and both at once would take the memory of the
 * weights twice.
 *
 * @param part the first row and how many, of a block of the weight's rows; default all
 */
export function packedWeight(
  weight: Tensor,
  packing: Packing,
  op: string,
  part?: readonly [first: number, rows: number],
): Ptr {
  const { storage } = weight;
  const [all, columns] = weight.shape as [number, number];
  const [first, rows] = part ?? [0, all];
  const from = at(weight.address(op), first * columns);
  // A scope's tensor passes with its scope: a copy that outlives the call would have no owner.
  if (storage.scope) {
    const to = arena().allocate(packedWeightBytes(rows, columns));
    packWeight(packing, to, from, rows, columns);
    return to;
  }
  // Tensors of other shapes may share the storage.
  let copy = storage.derived?.find(
    (each) => each.first === first && each.rows === rows && each.columns === columns,
  );
  if (!copy) {
    const block = allocateBlock(packedWeightBytes(rows, columns));
    copy = { storage: block, version: -1, packing, first, rows, columns };
    (storage.derived ??= []).push(copy);
  }
  if (copy.version !== storage.version || copy.packing !== packing) {
    packWeight(packing, copy.storage.ptr, from, rows, columns);
    copy.version = storage.version;
    copy.packing = packing;
  }
  return copy.storage.ptr;
}
