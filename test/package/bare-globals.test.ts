// Under jsdom a program has hardly more than the language itself: every entry must load all the same.
import { execFileSync } from "node:child_process";
import { expect, inject, it } from "vitest";

const PROGRAM = `
  const { exports } = (await import("hiddenstate/package.json", { with: { type: "json" } })).default;
  for (const name of ["TextDecoder", "TextEncoder", "structuredClone", "Response", "MessageChannel", "setImmediate",
    "performance", "queueMicrotask", "fetch"]) delete globalThis[name];
  const names = Object.entries(exports).filter(([, target]) => target.default && !/platform|ready-models/.test(target.default));
  for (const [name] of names) await import("hiddenstate" + name.slice(1));
  const { Adam, LSTM, noGrad, scope, tensor } = await import("hiddenstate");
  const { fit } = await import("hiddenstate/train");
  const model = new LSTM(2, 3);
  const step = () => model.forward(tensor([[[1, 2]]])).output.sum();
  const optimizer = new Adam(model.parameters());
  await fit({ model, optimizer, batches: [1, 2, 3], epochs: 4, step });
  console.log(names.length, Number.isFinite(scope(() => noGrad(() => step().item()))));
`;

it("without the globals that jsdom lacks, every entry is imported, and a model trains and predicts", () => {
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    cwd: inject("app"),
    encoding: "utf8",
  });
  const [entries, finite] = printed.trim().split(" ");
  expect(Number(entries)).toBeGreaterThan(15);
  expect(finite).toBe("true");
});
