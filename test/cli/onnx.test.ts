// inspect, convert and predict, with files of ONNX.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { GRU, saveSafetensors, tensor, zeros } from "../../src/index.js";
import { Seq2Seq } from "../../src/models/index.js";
import { describeOnnx, toOnnx } from "../../src/onnx/index.js";
import { loadNpy, loadNpz, saveNpy, saveNpz } from "../../src/pytorch/index.js";
import { runCli } from "./cli.js";

const x = tensor(
  Float32Array.from({ length: 60 }, (_, i) => ((i * 7) % 11) / 11),
  {
    shape: [4, 5, 3],
  },
);
let right: number[];
const cwd = mkdtempSync(join(tmpdir(), "hiddenstate-onnx-"));

beforeAll(() => {
  const gru = new GRU(3, 4);
  writeFileSync(join(cwd, "gru.onnx"), toOnnx(gru));
  writeFileSync(join(cwd, "steps.onnx"), toOnnx(gru, { states: true }));
  writeFileSync(join(cwd, "x.npy"), saveNpy(x));
  writeFileSync(join(cwd, "whole.npy"), saveNpy(tensor([[[1, 2, 3]]], { dtype: "int32" })));
  const h0 = zeros([1, 4, 4]);
  writeFileSync(join(cwd, "h0.npy"), saveNpy(h0));
  writeFileSync(join(cwd, "both.npz"), saveNpz({ x, h0 }));
  right = [...gru.forward(x).output.data()];
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

const predict = (...args: string[]) => runCli(["predict", "--model", ...args], { cwd });

test("predict writes a line of JSON for each output", async () => {
  const { stdout, code } = await predict("gru.onnx", "--input", "x.npy");
  expect(code).toBe(0);
  const { data, ...line } = JSON.parse(stdout) as { data: number[][][] };
  expect(line).toEqual({ output: "output", shape: [4, 5, 4] });
  expect(data.flat(2)).toEqual(right);
  // Whole numbers, of a model that reads floats.
  expect((await predict("gru.onnx", "--input", "whole.npy")).code).toBe(0);
});

test("predict writes files, whole or in parts", async () => {
  await predict("gru.onnx", "--input", "x.npy", "--out", "whole-out.npy");
  const parts = await predict("gru.onnx", "--input=x=x.npy", "--out=y.npz", "--batch-size", "3");
  expect(parts.code).toBe(0);
  expect([...loadNpy(readFileSync(join(cwd, "whole-out.npy"))).data()]).toEqual(right);
  const output = loadNpz(readFileSync(join(cwd, "y.npz"))).get("output")!;
  expect(output.shape).toEqual([4, 5, 4]);
  output.data().forEach((each, i) => expect(each).toBeCloseTo(right[i]!, 6));
});

test("predict takes inputs by name, and arrays of a .npz", async () => {
  const named = await predict("steps.onnx", "--input", "x=x.npy", "h0=h0.npy");
  const together = await predict("steps.onnx", "--input", "both.npz");
  expect(named.stdout).toBe(together.stdout);
  const names = named.stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { output: string }).output);
  expect(names).toEqual(["output", "hn"]);
});

test.each([
  [["steps.onnx", "--input", "x.npy"], "x=FILE h0=FILE"],
  [["steps.onnx", "--input", "x=x.npy"], "got none for h0"],
  [["steps.onnx", "--input", "x=x.npy", "x=h0.npy"], "each of the inputs x, h0 once"],
  [
    ["steps.onnx", "--input", "both.npz", "--out", "y.npy"],
    "ends with .npz for the outputs output, hn",
  ],
  [["steps.onnx", "--input", "both.npz", "--batch-size", "2"], "h0 [1, batch, 4]"],
  [["gru.onnx", "--input", "x.npy", "--out", "y.json"], ".npz or .npy"],
  [["gru.onnx"], "--input"],
])("predict refuses %j as wrong usage", async (args, message) => {
  const { code, errors } = await predict(...args);
  expect(errors).toContain(message);
  expect(code).toBe(2);
});

test("predict tells what does not fit", async () => {
  const { code, errors } = await predict("gru.onnx", "--input", "h0.npy");
  expect(errors).toContain('expected input "x" [batch, time, 3], got [1, 4, 4]');
  expect(code).toBe(1);
});

test("convert writes a model of two graphs as two files", async () => {
  const pairs = [{ source: "a b", target: "b a" }];
  const model = Seq2Seq.build(pairs, { hiddenSize: 8, embeddingSize: 8 });
  writeFileSync(join(cwd, "pairs.safetensors"), model.save());
  const { code } = await runCli(["convert", "pairs.safetensors", "pairs.onnx"], { cwd });
  expect(code).toBe(0);
  const names = ["encoder", "decoder"].map((part) =>
    describeOnnx(readFileSync(join(cwd, `pairs.${part}.onnx`))).inputs.map(({ name }) => name),
  );
  expect(names[0]).toEqual(["ids", "lengths"]);
  expect(names[1]).toContain("memory_lengths");
});
