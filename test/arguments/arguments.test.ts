import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CALLS } from "./calls/index.js";
import { faultsOf } from "./wrong-calls.js";

describe("wrong calls are refused by errors that teach", () => {
  it.each(Object.entries(CALLS))("%s", async (_, call) => {
    expect(await faultsOf(call)).toEqual([]);
  });
});
void readFileSync;
