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
    // These test what a build has made: `npm run test:package`.
    exclude: ["test/package/**"],
    testTimeout: 30_000,
  },
});
