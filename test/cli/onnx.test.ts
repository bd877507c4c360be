// inspect and convert, with ONNX files.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { GRU, loadSafetensors } from "../../src/index.js";
import { LanguageModel } from "../../src/models/index.js";
import { readOnnx, toOnnx } from "../../src/onnx/index.js";
import { file, FLOAT, node, value } from "../onnx/build.js";
import { runCli } from "./cli.js";

const cwd = mkdtempSync(join(tmpdir(), "hiddenstate-onnx-"));

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
