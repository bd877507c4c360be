import { defineConfig } from "vitest/config";

// The package as it is published: needs a build.
export default defineConfig({
  test: {
    root: "test/package",
    include: ["**/*.test.ts"],
    globalSetup: "install.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
