// Layers of a Transformer as a stream reads them: packed copies of the weights, and what one step of them computes.
import { OptionError } from "../../core/errors.js";
import { rectifierKind } from "../../ops/activations.js";
import { biasedProduct, rowProduct } from "../../ops/products.js";
import type { Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import type { SharedWeights } from "../decoder/shared-weights.js";
import type { LayerNorm } from "../layer-norm.js";
import type { MultiheadAttention } from "../multihead-attention.js";
import { RMSNorm } from "../rms-norm.js";
import { TransformerDecoderLayer } from "./decoder-layer.js";
import type { TransformerLayer } from "./layer.js";
import type { FeedForwardActivation } from "./options.js";

/** y = x · weightᵀ + bias. The sizes are kept, so that a product makes no object. */
export interface PackedLinear {
  readonly weight: Ptr;
  readonly bias: Ptr;
  readonly sizes: { m: number; readonly n: number; readonly k: number };
}

export interface PackedNorm {
  readonly rms: boolean;
  readonly weight: Ptr;
  readonly bias: Ptr;
  readonly eps: number;
}

export interface PackedLayer {
  readonly normFirst: boolean;
  readonly activation: FeedForwardActivation;
  readonly project: PackedLinear;
  readonly out: PackedLinear;
  /** Attention to a memory. */
  readonly cross: { readonly query: PackedLinear; readonly out: PackedLinear } | undefined;
  readonly linear1: PackedLinear;
  readonly linear2: PackedLinear;
  readonly norms: readonly PackedNorm[];
}

function packLinear(
  packer: SharedWeights,
  weight: Tensor,
  bias: Tensor | undefined,
  first = 0,
  rows = weight.shape[0]!,
): PackedLinear {
  const copy = packer.sum(bias);
  return {
    weight: packer.matrix(weight, first, rows),
    bias: copy && at(copy, first),
    sizes: { m: 0, n: rows, k: weight.shape[1]! },
  };
}

/** @internal A linear layer's copy. */
export function packModule(
  packer: SharedWeights,
  { weight, bias }: { readonly weight: Tensor; readonly bias: Tensor | undefined },
): PackedLinear {
  return packLinear(packer, weight, bias);
}

export function packNorm(packer: SharedWeights, norm: LayerNorm | RMSNorm): PackedNorm {
  const rms = norm instanceof RMSNorm;
  const bias = rms ? undefined : norm.bias;
  return { rms, weight: packer.sum(norm.weight), bias: packer.sum(bias), eps: norm.eps };
}

export function packLayer(packer: SharedWeights, layer: TransformerLayer): PackedLayer {
  const { self_attn: own, norm1, norm2, dModel, options } = layer;
  const crosses = layer instanceof TransformerDecoderLayer;
  const query = ({ in_proj_weight, in_proj_bias, out_proj }: MultiheadAttention) => ({
    query: packLinear(packer, in_proj_weight!, in_proj_bias, 0, dModel),
    out: packModule(packer, out_proj),
  });
  return {
    normFirst: options.normFirst,
    activation: options.activation,
    project: packLinear(packer, own.in_proj_weight!, own.in_proj_bias),
    out: packModule(packer, own.out_proj),
    cross: crosses ? query(layer.multihead_attn) : undefined,
    linear1: packModule(packer, layer.linear1),
    linear2: packModule(packer, layer.linear2),
    norms: [norm1, norm2, ...(crosses ? [layer.norm3] : [])].map((norm) => packNorm(packer, norm)),
  };
}

export function applyLinear(
  to: Ptr,
  from: Ptr,
  { weight, bias, sizes }: PackedLinear,
  rows: number,
): void {
  sizes.m = rows;
  if (rows === 1) rowProduct(to, from, weight, bias, sizes.n, sizes.k);
  else biasedProduct(to, from, weight, bias, sizes);
}

export function applyNorm(
  to: Ptr,
  stats: Ptr,
  from: Ptr,
  { rms, weight, bias, eps }: PackedNorm,
  rows: number,
  width: number,
): void {
  if (rms) extraKernels().rmsNormForward(to, stats, from, weight, rows, width, eps);
  else kernels().layerNormForward(to, stats, from, weight, bias, rows, width, eps);
}

export function applyActivation(x: Ptr, n: number, activation: FeedForwardActivation): void {
  if (activation === "relu") kernels().reluForward(x, x, n);
  else extraKernels().rectifyForward(x, x, n, rectifierKind(activation), 0);
}

/** Refuses layers that differ in what all layers of a stream share. */
export function checkAlike(op: string, layers: readonly TransformerLayer[]): void {
  const textOf = ({ dModel, numHeads, options: { rotary, window } }: TransformerLayer): string =>
    JSON.stringify([dModel, numHeads, rotary, window]);
  const [first] = layers;
  const odd = layers.findIndex((layer) => textOf(layer) !== textOf(first!));
  if (odd > 0)
    throw new OptionError({
      op,
      expected: "layers with the same heads, positions and window",
      got: `layer ${odd}, which differs from layer 0`,
    });
}
