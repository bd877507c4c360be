/** By this method Node, Deno and Bun ask a value what console.log is to show. */
export const INSPECT = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");

/** Base of what console.log shows as `String(…)` gives it. */
// Made by a call that bundlers may drop: a class with a computed name would stay in every bundle.
export const Shown: abstract new () => object = /* @__PURE__ */ shown();

function shown(): abstract new () => object {
  abstract class Shown {
    [INSPECT](): string {
      return String(this);
    }
  }
  return Shown;
}
