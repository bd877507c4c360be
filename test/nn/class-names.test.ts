// What modules print must not depend on what a bundler calls their classes.
import { expect, test } from "vitest";
import * as main from "../../src/index.js";
import * as models from "../../src/models/index.js";
import * as nn from "../../src/nn/index.js";
import { Module } from "../../src/nn/module.js";

const classes = Object.entries({ ...main, ...nn, ...models }).filter(
  ([, value]) => typeof value === "function" && value.prototype instanceof Module,
);

test("there are classes to look at", () => {
  expect(classes.length).toBeGreaterThanOrEqual(50);
});

// The name that the language gives a class, which minifiers change, is not enumerable; a static field is.
test.each(classes)("%s has its name in a field of its own", (name, value) => {
  expect(Object.getOwnPropertyDescriptor(value, "name")).toMatchObject({
    value: name,
    enumerable: true,
  });
});
