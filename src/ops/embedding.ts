import { defineOp } from "../autograd/op.js";
import { internal, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { i32 } from "../wasm/memory.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { badIndex } from "./bad-index.js";
import { requireFloat, requireInt } from "./check.js";

/**
 * Rows of a table by id.
 *
 * @param ids int32 `[…]`
 * @param table `[rows, width]`
 * @param paddingIdx an id whose row gets no gradient
 * @returns `[…, width]`
 * @throws IndexError with the first id outside the table and its position
 * @example
 * ```ts
 * const table = tensor([[1, 1], [2, 2], [3, 3]]);
 * embedding(tensor([2, 0], { dtype: "int32" }), table).toArray(); // [[3, 3], [1, 1]]
 * ```
 */
export const embedding = /* @__PURE__ */ defineOp({
  name: "embedding",
  signature: "ids:tensor table:tensor paddingIdx?:number",
  forward(ids: Tensor<"int32">, table: Tensor, paddingIdx: number = -1) {
    requireInt("embedding", "ids", ids);
    requireFloat("embedding", table);
    if (table.shape.length !== 2)
      throw new ShapeError({
        op: "embedding",
        expected: "a table [rows, width]",
        got: formatShape(table.shape),
      });
    const [rows, width] = table.shape as [number, number];
    const y = empty([...ids.shape, width]);
    const from = ids.address("embedding");
    const bad = kernels().gatherRows(
      y.storage.ptr,
      table.address("embedding"),
      from,
      ids.size,
      rows,
      width,
    );
    if (bad >= 0) throw badIndex("embedding", `ids from 0 to ${rows - 1}`, ids, bad);
    return { inputs: [table, ids], output: y, saved: { ids, table, paddingIdx } };
  },
  backward(pass, { ids, table, paddingIdx }) {
    const [rows, width] = table.shape as [number, number];
    const from = ids.address("embedding");
    const touched = i32(from, ids.size).filter((id) => id !== paddingIdx);
    pass.accumulateRows(0, touched, (dTable) => {
      const dy = pass.grad();
      const { size } = ids;
      const bad = trainingKernels().scatterAddRows(dTable, dy, from, size, rows, width, paddingIdx);
      if (bad >= 0) throw internal("an id changed between embedding and its backward");
    });
  },
});
