import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // Tests run the sources; the packed package has `#kernels` in its own package.json.
    alias: {
      "#kernels": fileURLToPath(new URL("./src/wasm/delivery/inlined.ts", import.meta.url)),
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
  },
});
