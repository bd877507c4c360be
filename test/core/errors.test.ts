import { describe, expect, it } from "vitest";
import * as errors from "../../src/core/errors.js";

const classes = Object.entries(errors).filter(
  (entry): entry is [string, typeof errors.HiddenstateError] =>
    typeof entry[1] === "function" && entry[1].prototype instanceof Error,
);

describe("errors", () => {
  it("are a closed set", () => {
    expect(classes.map(([name]) => name).sort()).toEqual([
      "BackendError",
      "DTypeError",
      "FormatError",
      "GraphError",
      "HiddenstateError",
      "IndexError",
      "NumericError",
      "OptionError",
      "OutOfMemoryError",
      "ScopeError",
      "ShapeError",
      "StateDictError",
    ]);
  });

  it.each(classes)(
    "%s has its literal name, its parts, and the message made of them",
    (name, Class) => {
      const cause = new Error("why");
      const error = new Class({ op: "lstm", expected: "a", got: "b", cure: "Do c." }, { cause });
      expect(error).toBeInstanceOf(errors.HiddenstateError);
      expect(error).toMatchObject({ name, op: "lstm", expected: "a", got: "b", cause });
      expect(error.message).toBe("lstm: expected a, got b. Do c.");
      // Own, so that a minifier that renames the class leaves it.
      expect(Object.hasOwn(error, "name")).toBe(true);
    },
  );

  it("need no cure", () => {
    expect(new errors.ShapeError({ op: "item", expected: "a", got: "b" }).message).toBe(
      "item: expected a, got b.",
    );
  });

  it("of the library itself begin with internal:", () => {
    const error = errors.internal("a block freed twice");
    expect(error).not.toBeInstanceOf(errors.HiddenstateError);
    expect(error.message).toMatch(/^internal: a block freed twice\./);
  });
});
