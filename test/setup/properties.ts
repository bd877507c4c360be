// Whether a change is good must not hang on luck: in CI properties see the same cases in each run. Elsewhere each run draws others.
if (process.env.CI !== undefined) {
  const { configureGlobal } = await import("fast-check");
  configureGlobal({ seed: 1 });
}
export {};
