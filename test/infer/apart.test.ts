// What the inference build leaves out, and how it refuses what is not its own.
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { readAbi } from "../../scripts/kernel-interface.mjs";
import { withoutBackward } from "../../scripts/inference-build.mjs";
import { builtModule, entryOf } from "../../scripts/kernel-modules.mjs";
import * as main from "../../src/index.js";
import { bundle, code, load } from "./bundle.js";

const infer = await load();
const kernels = (module: string, build = "plain"): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(builtModule(module, build)));

describe("what trains", () => {
  it("is not in the code: no graph, no gradients, no optimizers", () => {
    expect(code).not.toMatch(/BackwardPass|LeafGradient\b.*\{|backwardLayer|class \w*Optimizer/);
    expect(code).not.toMatch(
      /\b(lstmBackward|gemmTN|adamStep|sgdStep|axpy|crossEntropyBackward)\b/,
    );
    expect(code).not.toMatch(/instantiateSync/);
  });

  it("is not in the kernels", () => {
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(kernels("infer")))
      .filter(({ kind }) => kind === "function")
      .map(({ name }) => name);
    const abi = readAbi(entryOf("infer"));
    expect(exported.sort()).toEqual(abi.map(({ name }) => name).sort());
    expect(exported.filter((name) => /Backward|^axpy|Step$|uniform/.test(name)).sort()).toEqual(
      ["gruResetBeforeStep", "gruStep", "lstmProjectedStep", "lstmStep", "rnnStep"].sort(),
    );
  });

  it("says so where it is called", () => {
    const x = infer.tensor([1, 2]);
    const refusal = /^backward: expected the build that trains, got hiddenstate\/infer/;
    expect(() => x.sum().backward()).toThrow(refusal);
    expect(() => x.sum().backward()).toThrow(infer.BackendError);
    expect(() => new infer.Linear(2, 2).zeroGrad()).toThrow(infer.BackendError);
    expect(() => (x.requiresGrad = true)).toThrow(infer.BackendError);
  });

  it("is not asked of dropout: refused in training mode, a passage in evaluation", () => {
    const x = infer.tensor([1, 2]);
    const layer = new infer.Dropout(0.5);
    expect(() => layer.forward(x)).toThrow(/eval\(\)/);
    expect(layer.eval().forward(x)).toBe(x);
  });

  it.each([
    { recurrentDropout: 0.5 },
    { weightDropout: 0.5 },
    { numLayers: 2, dropout: 0.5 },
    { numLayers: 2, dropout: 0.5, variationalDropout: true },
  ])("is not asked of a layer's own dropout either: %o", (options) => {
    const layer = new infer.LSTM(2, 3, options);
    const x = infer.ones([2, 4, 2]);
    expect(() => layer.forward(x)).toThrow(/eval\(\)/);
    expect(layer.eval().forward(x).output.shape).toEqual([2, 4, 3]);
  });

  it("does not come along by an unused class", async () => {
    const one = await bundle('export { LSTM } from "./src/infer/index.js";');
    expect(one).not.toMatch(/class (GRU|Embedding|Sequential|JsonScanner)\b/);
    expect(one).not.toMatch(/name: ?"(embedding|gather|layerNorm)"/);
  });

  it("is told by what it is, not by the name of a property", () => {
    const pair = { forward: new infer.LSTM(2, 3), backward: new infer.LSTM(2, 3) };
    const layers = new infer.Sequential(...Object.values(pair));
    expect([...layers.stateDict().keys()].filter((name) => name.startsWith("1."))).toHaveLength(4);
    const text = "const pair = { forward: new LSTM(2, 3), backward: new LSTM(2, 3), saved: 1 };";
    expect(withoutBackward("pair.ts", text)).toBe(text);
  });

  it("begins with zeros, except what norms scale by", () => {
    const values = [...new infer.LSTM(2, 3).parameters()].flatMap((p) => [...p.data()]);
    expect(new Set(values)).toEqual(new Set([0]));
    expect([...new infer.LayerNorm(2).parameters()].map((p) => p.data()[0])).toEqual([1, 0]);
  });
});

describe("another build's tensor", () => {
  const ours = main.tensor([[1, 2]]);
  const theirs = infer.tensor([[1, 2]]);
  const refusal = /: expected a tensor of its own build, got one of hiddenstate beside hidden/;

  it("is refused by operations, of either build", () => {
    expect(() => main.relu(theirs)).toThrow(refusal);
    expect(() => ours.add(theirs)).toThrow(refusal);
    expect(() => infer.relu(ours as never)).toThrow(refusal);
    expect(() => infer.relu(ours as never)).toThrow(main.BackendError);
    expect(() => main.concat([ours, theirs])).toThrow(refusal);
  });

  it("is refused by layers and state dicts", () => {
    const [lstm, theirLSTM] = [new main.LSTM(2, 3), new infer.LSTM(2, 3)];
    const sequences = infer.tensor([[[1, 2]]]) as never;
    expect(() => lstm.forward(sequences)).toThrow(refusal);
    expect(() => theirLSTM.loadStateDict(lstm.stateDict() as never)).toThrow(refusal);
    expect(() => lstm.loadStateDict(theirLSTM.stateDict() as never)).toThrow(refusal);
  });
});

describe("the kernels", () => {
  it("are refused where they are the other build's", async () => {
    const fresh = await load();
    expect(() => fresh.initSync({ wasm: kernels("main") })).toThrow(fresh.BackendError);
  });

  it.each(["bytes", "a module", "a response", "a response of no type", "a promise"])(
    "come as %s",
    async (form) => {
      const fresh = await load();
      const bytes = kernels("infer");
      const type = { headers: { "content-type": "application/wasm" } };
      const forms: Record<string, Parameters<typeof fresh.init>[0]> = {
        bytes: { wasm: bytes },
        "a module": { wasm: new WebAssembly.Module(bytes) },
        "a response": { wasm: new Response(bytes, type) },
        "a response of no type": { wasm: new Response(bytes) },
        "a promise": { wasm: Promise.resolve(new Response(bytes, type)) },
      };
      await fresh.init(forms[form]);
      expect(fresh.backend()).toMatchObject({ build: "plain", delivery: "given" });
      expect(fresh.tensor([1, 2]).sum().item()).toBe(3);
    },
  );

  it("are the plain ones, unless the relaxed ones are given", async () => {
    const fresh = await load();
    expect(() => fresh.initSync({ build: "relaxed" })).toThrow(fresh.BackendError);
    expect(fresh.backend()).toMatchObject({ build: "plain", delivery: "inlined" });
  });

  const relaxed = kernels("infer", "relaxed");
  it.runIf(WebAssembly.validate(relaxed))(
    "are the relaxed ones where these are given",
    async () => {
      const fresh = await load();
      fresh.initSync({ wasm: relaxed, build: "relaxed" });
      expect(fresh.backend().build).toBe("relaxed");
    },
  );
});

describe("a damaged model file", () => {
  const file = main.saveSafetensors(new main.Linear(2, 3).stateDict());
  const header = (text: string, data = 0): Uint8Array => {
    const json = new TextEncoder().encode(text);
    const bytes = new Uint8Array(8 + json.length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  };

  it.each<[string, Uint8Array]>([
    ["cut short", file.subarray(0, file.length - 1)],
    ["without an end", header('{"a":{"dtype":"F32"')],
    ["no object", header("{}[]")],
    ["a list", header('{"a":[1]}')],
    ["of half a name", header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 3)],
    ["with a negative size", header('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4)],
    ["with a broken size", header('{"a":{"dtype":"F32","shape":[0.5],"data_offsets":[0,4]}}', 4)],
    ["with a note that is no text", header('{"__metadata__":{"a":1}}')],
    [
      "with a stranger's key",
      header('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"b":1}}', 4),
    ],
    ["with a hole", header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8)],
    ["with a name twice", header('{"__metadata__":{"a":"1","a":"2"}}')],
    [
      "with a tensor twice",
      header(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
    ],
    [
      "with one place for two",
      header(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
    ],
  ])("%s is a FormatError", (_name, bytes) => {
    expect(() => infer.loadSafetensors(bytes)).toThrow(infer.FormatError);
  });

  it.each([
    ["nested a million deep", `{"a":${"[".repeat(1e6)}`],
    ["with a list that does not end", `{"a":{"shape":[${"0,".repeat(1e6)}`],
    ["with a million names", `{${Array.from({ length: 1e6 }, (_, i) => `"${i}":{}`).join()}}`],
  ])("%s is refused before it is parsed, in few words", (_name, json) => {
    const parse = vi.spyOn(JSON, "parse");
    const refused = (() => {
      try {
        return infer.loadSafetensors(header(json));
      } catch (error) {
        return error as InstanceType<typeof infer.FormatError>;
      }
    })();
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(refused).toBeInstanceOf(infer.FormatError);
    expect((refused as Error).message.length).toBeLessThan(400);
  });

  it("that is a page of HTML is shown", () => {
    const page = new TextEncoder().encode("<!doctype html><title>404</title>");
    expect(() => infer.loadSafetensors(page)).toThrow(
      /got one that begins with "<!doctype html><"/,
    );
  });

  it("is told from a whole one", () => {
    expect(infer.loadSafetensors(file).get("weight")!.shape).toEqual([3, 2]);
  });
});

describe("records of operations", () => {
  const record = `const op = defineOp({ name: "a", forward: (x) => x, backward(pass) {
    pass.write();
  }, });`;

  it("lose their backward", () => {
    expect(withoutBackward("a.ts", record)).toBe(
      'const op = defineOp({ name: "a", forward: (x) => x, });',
    );
  });

  it("lose what their forward keeps for it, not what functions in it return", () => {
    const text = `defineOp({ forward(x) {
  const make = () => { return { saved: 1 }; };
  if (!x) return { inputs: [], output: make(), saved };
  return { inputs: [x], unread: [], output: x, saved: { x } };
}, backward() {} })`;
    expect(withoutBackward("a.ts", text)).toBe(`defineOp({ forward(x) {
  const make = () => { return { saved: 1 }; };
  if (!x) return { output: make(), };
  return { output: x, };
}, })`);
  });

  it.each([
    ["is not written out", "const op = defineOp(definition);"],
    ["has another's members", "const op = defineOp({ ...other, backward() {} });"],
    ["has none", 'const op = defineOp({ name: "a" });'],
    ["is made under another name", "const make = defineOp;"],
    ["has it under a computed name", 'const op = defineOp({ ["backward"]() {} });'],
  ])("end the build where one %s", (_name, text) => {
    expect(() => withoutBackward("a.ts", text)).toThrow(/^a\.ts:1: expected defineOp/);
  });

  it("may be imported, exported and declared", () => {
    const text = `import { defineOp } from "./op.js";
export { defineOp } from "./op.js";
export function defineOp() {}`;
    expect(withoutBackward("a.ts", text)).toBe(text);
  });
});
