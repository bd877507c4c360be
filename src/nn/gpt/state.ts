// Weights by GPT-2's names, as nanoGPT, minGPT and Hugging Face's transformers save them.
import { StateDictError } from "../../core/errors.js";
import { transpose } from "../../ops/permute.js";
import type { DType } from "../../core/dtype.js";
import { Parameter } from "../../tensor/parameter.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { StateDict, StateSource } from "../state-dict.js";
import type { GPTOptions } from "./options.js";

/** Names behind `transformer.`, or behind `transformer.h.<layer>.`, and ours. */
const OUTSIDE: Readonly<Record<string, string>> = {
  wte: "embedding",
  wpe: "positions",
  ln_f: "encoder.norm",
};
const INSIDE: Readonly<Record<string, string>> = {
  ln_1: "norm1",
  "attn.c_attn": "self_attn.in_proj",
  "attn.c_proj": "self_attn.out_proj",
  ln_2: "norm2",
  "mlp.c_fc": "linear1",
  "mlp.c_proj": "linear2",
};

interface FromGPT2 {
  readonly sizes: GPTOptions & { readonly numEmbeddings: number; readonly dModel: number };
  readonly tensors: StateDict;
  /** Frees the copies that were made. */
  dispose(): void;
}

/** @internal The name here, undefined for a mask; names that nobody knows stay, and are refused when they are loaded. */
export function nameOf(given: string): string | undefined {
  const name = given.replace(/^(_orig_mod\.|module\.)+/, "").replace(/^transformer\./, "");
  if (name === "lm_head.weight") return "head.weight";
  const inside = /^h\.(\d+)\.(.+)$/.exec(name);
  if (inside && /^attn\.(bias|masked_bias)$/.test(inside[2]!)) return undefined;
  const [part, kind] = split(inside ? inside[2]! : name);
  const ours = (inside ? INSIDE : OUTSIDE)[part];
  if (ours === undefined) return given;
  // PyTorch's attention has `in_proj_weight`, its other layers `….weight`.
  const full = `${ours}${ours.endsWith("in_proj") ? "_" : "."}${kind}`;
  return inside ? `encoder.layers.${inside[1]}.${full}` : full;
}

function split(name: string): [part: string, kind: string] {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}

export function readGPT2(op: string, state: StateSource): FromGPT2 {
  const given = state instanceof Map ? state : new Map(Object.entries(state));
  const tensors: StateDict = new Map();
  for (const [name, tensor] of given as StateDict) {
    const ours = nameOf(name);
    if (ours !== undefined) tensors.set(ours, tensor);
  }
  const shapeOf = (name: string): readonly number[] => {
    const shape = tensors.get(name)?.shape;
    if (shape?.length === 2) return shape;
    throw new StateDictError({
      op,
      expected:
        "weights by GPT-2's names: transformer.wte.weight, transformer.wpe.weight, transformer.h.0.attn.c_attn.weight, …",
      got: [...given.keys()].slice(0, 4).join(", ") || "no tensors",
    });
  };
  const [numEmbeddings, dModel] = shapeOf("embedding.weight") as [number, number];
  const [contextLength] = shapeOf("positions.weight");
  const attention = shapeOf("encoder.layers.0.self_attn.in_proj_weight");
  const copies: Tensor<DType>[] = [];
  // Hugging Face's layers are convolutions of one step, [inputs, outputs].
  if (attention[0] === dModel)
    for (const [name, tensor] of tensors)
      if (/(in_proj_weight|out_proj\.weight|linear[12]\.weight)$/.test(name))
        scopeWithin(() => {
          const turned = new Parameter(transpose(tensor as Tensor, 0, 1), { requiresGrad: false });
          copies.push(turned);
          tensors.set(name, turned);
        });
  const layers = [...tensors.keys()].filter((name) => name.endsWith(".in_proj_weight"));
  const [dimFeedforward] = shapeOf("encoder.layers.0.linear1.weight");
  const head = tensors.get("head.weight");
  return {
    sizes: {
      ...{ numEmbeddings, dModel, contextLength, dimFeedforward, numLayers: layers.length },
      bias: tensors.has("encoder.norm.bias"),
      tieWeights: head === undefined || same(head, tensors.get("embedding.weight")!),
    },
    tensors,
    dispose: () => copies.forEach((copy) => copy.dispose()),
  };
}

function same(a: Tensor<DType>, b: Tensor<DType>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  const values = b.data();
  return a.data().every((value, i) => value === values[i]);
}
