// An ONNX file in Cloudflare's engine, read by the inference build: the numbers of Node, and of the model that wrote it.
import { join } from "node:path";
import { execute, parse, TIMEOUT } from "./execute.mjs";
import { packages } from "./packages.mjs";
import { attempt } from "./rows.mjs";
import { inWorkerd } from "./workerd.mjs";

/** Single precision, sums in another order. */
const TOLERANCE = 1e-6;

export const onnx = {
  name: "workerd, an ONNX file",
  async *rows({ folder }) {
    yield attempt({ name: this.name, asked: "infer" }, () => compare(join(folder, "onnx")));
  },
};

async function compare(folder) {
  const node = (script) =>
    parse(execute(process.execPath, [script, "model.onnx"], folder, { timeout: TIMEOUT }));
  const written = node("write.mjs");
  const inNode = node("main.mjs");
  const { build, delivery, logits, streamed } = await inWorkerd(folder, "");
  const distance = farthest(logits, written.logits);
  const checks = {
    "a sequence gives the bits of Node": farthest(logits, inNode.logits) === 0,
    "a stream gives the bits of Node": farthest(streamed, inNode.streamed) === 0,
    "a sequence gives the numbers of its model": distance <= TOLERANCE,
    "a stream gives the numbers of the model": farthest(streamed, written.logits) <= TOLERANCE,
  };
  const faults = Object.entries(checks).flatMap(([name, holds]) =>
    holds ? [] : [`not so: ${name}`],
  );
  return { version: packages.workerd, build, delivery, distance, faults };
}

/** The largest difference; NaN of lists that are not alike. */
function farthest(a, b) {
  return a.length === b.length ? Math.max(...a.map((x, i) => Math.abs(x - b[i]))) : NaN;
}
