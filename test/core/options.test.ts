// Option tables: what they accept.
import { describe, expect, test } from "vitest";
import { choice, flag, number, readOptions, whole, wholes } from "../../src/core/options.js";

describe("readOptions", () => {
  const table = {
    size: whole(1, 8, "size"),
    share: number({ least: 0, below: 1 }, 0.5, "share"),
    kind: choice(["a", "b"], "a", "kind"),
    on: flag(true, "on"),
    list: wholes(1, [3, 4], "list"),
    most: whole(1, undefined, "most"),
  };

  test("takes what is given, then what the data chose, then the default", () => {
    const given = { size: 3, most: undefined };
    expect(readOptions("op", table, given, { size: 5, kind: "b" })).toEqual({
      ...{ size: 3, share: 0.5, kind: "b", on: true, list: [3, 4], most: undefined },
    });
  });

  test.each<[object, string]>([
    [{ size: "3" }, 'op: expected size to be a whole number of at least 1, got "3".'],
    [{ size: null }, "got null"],
    [{ size: 2.5 }, "got 2.5"],
    [{ share: 1 }, "share to be a number of at least 0 and below 1, got 1"],
    [{ share: NaN }, "got NaN"],
    [{ kind: "c" }, 'kind to be one of a, b, got "c"'],
    [{ on: "false" }, 'on to be true or false, got "false"'],
    [{ list: [] }, "got []"],
    [{ list: [1, 0] }, "got [1, 0]"],
    [{ siz: 3 }, 'options among size, share, kind, on, list, most, got "siz". Did you mean size?'],
    [{ hidden: 3 }, 'got "hidden".'],
  ])("refuses %o", (given, message) => {
    expect(() => readOptions("op", table, given as never)).toThrow(message);
  });
});

test("what only a program can give is not among the flags that an error lists", () => {
  const table = {
    size: whole(1, 8, "size"),
    made: { ...whole(1, 8, "made"), kind: "api" as const },
  };
  const refused = (named?: (name: string) => string) => () =>
    readOptions("op", table, { strange: 1 } as object, {}, named);
  expect(refused()).toThrow("options among size, made,");
  expect(refused((name) => `--${name}`)).toThrow("options among --size, got");
});
