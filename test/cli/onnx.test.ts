// inspect, convert and predict, with files of ONNX.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { GRU, saveSafetensors } from "../../src/index.js";
import { toOnnx } from "../../src/onnx/index.js";
import { runCli } from "./cli.js";

const cwd = mkdtempSync(join(tmpdir(), "hiddenstate-onnx-"));

beforeAll(() => {
  const gru = new GRU(3, 4);
  writeFileSync(join(cwd, "gru.onnx"), toOnnx(gru));
  writeFileSync(join(cwd, "weights.onnx"), saveSafetensors(gru.stateDict()));
  writeFileSync(
    join(cwd, "pointer.onnx"),
    "version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
  );
});

test.each([
  ["--key", "model"],
  ["--prefix", "module."],
])("convert refuses %s with a file of ONNX", async (flag, text) => {
  const { code, errors } = await runCli(["convert", "gru.onnx", "out.safetensors", flag, text], {
    cwd,
  });
  expect(errors).toContain(`${flag}: expected a file of PyTorch`);
  expect(code).toBe(2);
});

test("inspect and convert say what a file is that is none of ONNX", async () => {
  const pointer = await runCli(["inspect", "pointer.onnx"], { cwd });
  expect(pointer.errors).toContain("got a Git LFS pointer (pointer.onnx)");
  expect(pointer.errors).toContain("git lfs pull");
  const other = await runCli(["convert", "weights.onnx", "out.npz"], { cwd });
  expect(other.errors).toContain("got a safetensors file (weights.onnx)");
});
