// inspect, convert and predict, with files of other libraries.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fileURLToPath } from "node:url";
import { GRU, loadSafetensors } from "../../src/index.js";
import { LanguageModel } from "../../src/models/index.js";
import { readOnnx, toOnnx } from "../../src/onnx/index.js";
import { loadNpz } from "../../src/pytorch/index.js";
import { file, FLOAT, node, value } from "../onnx/build.js";
import { runCli } from "./cli.js";

const checkpoint = fileURLToPath(new URL("../pytorch/fixtures/module-prefix.pt", import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), "hiddenstate-other-files-"));

beforeAll(() => {
  const text = "to be or not to be ".repeat(10);
  writeFileSync(
    join(cwd, "model.safetensors"),
    LanguageModel.build(text, { hiddenSize: 8 }).save(),
  );
  writeFileSync(
    join(cwd, "gru.onnx"),
    toOnnx(new GRU(3, 4), { metadata: { labels: '["a","b"]' } }),
  );
  const odd = file({
    node: [node("Resizer", ["x"], ["y"])],
    input: [value("x", FLOAT, ["n"])],
    output: [value("y", FLOAT, ["n"])],
  });
  writeFileSync(join(cwd, "odd.onnx"), odd);
  writeFileSync(join(cwd, "cut.onnx"), odd.subarray(0, 40));
  // A model of TensorFlow.js: each step's state is the tanh of the step.
  const rnn = { name: "rnn", units: 1, return_sequences: true };
  const weights = [
    { name: "rnn/kernel", shape: [1, 1], dtype: "float32" },
    { name: "rnn/recurrent_kernel", shape: [1, 1], dtype: "float32" },
    { name: "rnn/bias", shape: [1], dtype: "float32" },
  ];
  const layers = [{ class_name: "SimpleRNN", config: rnn }];
  const model = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { layers } },
    weightsManifest: [{ paths: ["shard.bin"], weights }],
  };
  writeFileSync(join(cwd, "model.json"), JSON.stringify(model));
  writeFileSync(join(cwd, "shard.bin"), new Uint8Array(Float32Array.of(1, 0, 0).buffer));
});

describe("inspect", () => {
  test("shows graph, shapes, parameters", async () => {
    const { stdout, code } = await runCli(["inspect", "gru.onnx"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("operators of version 17, written by hiddenstate");
    expect(stdout).toContain("input   x  float [batch, time, 3]");
    expect(stdout).toContain("1 GRU");
    expect(stdout).toMatch(/W_l0_0 +float +\[1, 12, 3\]/);
    expect(stdout).toContain("labels: ");
    expect(stdout).toContain("runs here");
  });

  test("says what cannot run and why, as JSON too", async () => {
    const { stdout } = await runCli(["inspect", "odd.onnx"], { cwd });
    expect(stdout).toContain('cannot run: Resizer "the_Resizer": no such operator here');
    const json = await runCli(["inspect", "odd.onnx", "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ operators: { Resizer: 1 }, opset: 17 });
  });

  test("names a file that is none", async () => {
    const { code, errors } = await runCli(["inspect", "cut.onnx"], { cwd });
    expect(code).toBe(1);
    expect(errors).toMatch(/FormatError: .*\(cut\.onnx\)/);
  });
});

describe("convert", () => {
  test("writes a trained model as ONNX, and an ONNX file's weights as safetensors", async () => {
    expect((await runCli(["convert", "model.safetensors", "model.onnx"], { cwd })).code).toBe(0);
    const model = readOnnx(readFileSync(join(cwd, "model.onnx")));
    expect(model.inputs.map(({ name }) => name)).toEqual(["ids", "h0", "c0"]);
    expect((await runCli(["convert", "model.onnx", "weights.safetensors"], { cwd })).code).toBe(0);
    const weights = loadSafetensors(readFileSync(join(cwd, "weights.safetensors")));
    expect(weights.get("head.weight")!.shape[1]).toBe(8);
  });

  test("refuses other pairs of files", async () => {
    const { code, errors } = await runCli(["convert", "gru.onnx", "b.onnx"], { cwd });
    expect(code).toBe(2);
    expect(errors).toContain("gru.onnx to b.onnx");
  });
});

describe("files of PyTorch and Keras", () => {
  test("are shown", async () => {
    const torch = await runCli(["inspect", checkpoint], { cwd });
    expect(torch.stdout).toMatch(/module\.weight +float32 +\[2, 3\]/);
    const keras = await runCli(["inspect", "model.json"], { cwd });
    expect(keras.stdout).toContain("3 tensors, 3 numbers");
  });

  test("become .safetensors and .npz", async () => {
    const prefix = ["--prefix", "module."];
    const to = async (name: string) => {
      const { code, errors } = await runCli(["convert", checkpoint, name, ...prefix], { cwd });
      expect([code, errors]).toEqual([0, ""]);
      return readFileSync(join(cwd, name));
    };
    const state = loadSafetensors(await to("state.safetensors"));
    expect([...state.keys()]).toEqual(["bias", "weight"]);
    const arrays = loadNpz(await to("state.npz"));
    expect(arrays.get("weight")!.data()).toEqual(state.get("weight")!.data());
    const back = await runCli(["convert", "state.npz", "again.safetensors"], { cwd });
    expect(back.code).toBe(0);
    expect(
      loadSafetensors(readFileSync(join(cwd, "again.safetensors")))
        .get("bias")!
        .data(),
    ).toEqual(state.get("bias")!.data());
  });

  test("answer lines", async () => {
    const args = ["predict", "--model", "model.json"];
    const { stdout } = await runCli(args, { cwd, input: "[[0.5],[-1]]\n" });
    const [steps] = stdout.trim().split("\n");
    const [first, second] = JSON.parse(steps!) as [[number], [number]];
    expect(first[0]).toBeCloseTo(Math.tanh(0.5), 6);
    expect(second[0]).toBeCloseTo(Math.tanh(-1), 6);
    const wrong = await runCli(args, { cwd, input: "[[1]]\nno array\n" });
    expect(wrong.code).not.toBe(0);
    expect(wrong.errors).toContain("got no array (line 2)");
  });

  test("that say something else than their name are told, with what to do", async () => {
    const page = "<!doctype html><html></html>";
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 1\n";
    for (const [name, text, message] of [
      ["page.pt", page, /a file of torch\.save, got an HTML.*Check the URL/],
      ["page.npz", page, /a \.npz file, got an HTML/],
      ["pointer.h5", pointer, /a file of Keras.*got a Git LFS pointer.*git lfs pull/],
      ["pointer.safetensors", pointer, /a safetensors file, got a Git LFS pointer.*git lfs pull/],
    ] as const) {
      writeFileSync(join(cwd, name), text);
      const { code, errors } = await runCli(["inspect", name], { cwd });
      expect(code).toBe(1);
      expect(errors).toMatch(message);
    }
  });

  test("and PyTorch's options for others refused", async () => {
    for (const file of ["model.json", "model.safetensors", "gru.onnx"])
      for (const option of ["--key", "--prefix"]) {
        const args = ["convert", file, "refused.npz", option, "a"];
        const { code, errors } = await runCli(args, { cwd });
        expect(code).toBe(2);
        expect(errors).toContain(`${option}: expected a file of PyTorch, got ${file}`);
      }
    const key = ["convert", checkpoint, "refused.npz", "--key", "net"];
    expect((await runCli(key, { cwd })).errors).toMatch(/leave key out|--key/);
  });

  test("that are of no library are named", async () => {
    writeFileSync(join(cwd, "odd.bin"), "no tensors");
    const { code, errors } = await runCli(["convert", "odd.bin", "odd.npz"], { cwd });
    expect(code).toBe(1);
    expect(errors).toContain("odd.bin");
  });
});
