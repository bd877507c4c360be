// Another packing, or several threads, need one place: the kernels of products are called from one file.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../src/", import.meta.url);

it("calls the product kernels from ops/products.ts alone", () => {
  const callers = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("generated/"))
    .filter((file) =>
      /\.(gemm|gemv|pack(Row)?B)\w*\b/.test(readFileSync(new URL(file, root), "utf8")),
    );
  expect(callers).toEqual(["ops/products.ts"]);
});
