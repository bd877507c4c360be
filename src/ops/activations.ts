// Activations that share one kernel, which knows them by number. relu, tanh and sigmoid are in unary.ts.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { defineOp } from "../autograd/op.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import { div, mul, neg } from "./arithmetic.js";
import { requireFloat } from "./check.js";
import { greater } from "./compare.js";
import { where } from "./where.js";

/** The numbers by which the kernels know them. */
const KINDS = ["silu", "gelu", "geluTanh", "softplus", "elu", "leakyRelu"] as const;

/** @internal The number by which the kernels know one. */
export function rectifierKind(name: (typeof KINDS)[number]): number {
  return KINDS.indexOf(name);
}

function activation(name: (typeof KINDS)[number]): (x: Tensor, slope: number) => Tensor {
  const kind = rectifierKind(name);
  return defineOp({
    name,
    forward(x: Tensor, slope: number) {
      requireFloat(name, x);
      const y = empty(x.shape);
      extraKernels().rectifyForward(y.storage.ptr, x.address(name), x.size, kind, slope);
      return { inputs: [x], output: y, saved: { x, slope } };
    },
    backward(pass, { x, slope }: { x: Tensor; slope: number }) {
      const from = x.address(name);
      pass.write(0, (dx) =>
        extraKernels().rectifyBackward(dx, pass.grad(), from, x.size, kind, slope),
      );
    },
  });
}

const siluOf = /* @__PURE__ */ activation("silu");
const geluOf = /* @__PURE__ */ activation("gelu");
const geluTanhOf = /* @__PURE__ */ activation("geluTanh");
const softplusOf = /* @__PURE__ */ activation("softplus");
const eluOf = /* @__PURE__ */ activation("elu");
const leakyReluOf = /* @__PURE__ */ activation("leakyRelu");

/** x · sigmoid(x), also called swish, within 3 ulp. */
export function silu(x: Tensor): Tensor {
  checkCall("silu", arguments, "x:tensor");
  return siluOf(x, 0);
}

export interface GeluOptions {
  /** `"none"` (default): with the normal distribution itself; `"tanh"`: the cheaper form that GPT-2 uses. */
  approximate?: "none" | "tanh" | undefined;
}

/**
 * x · Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, "Gaussian error linear units",
 * 2016). Absolute error below 1.5e-7 · max(1, |x|) in either form.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  checkCall("gelu", arguments, "x:tensor {approximate:string}");
  const { approximate = "none" } = options;
  return approximate === "tanh" ? geluTanhOf(x, 0) : geluOf(x, 0);
}

/** From here on log(1 + e^x) is x in float32. */
const SOFTPLUS_IS_X = 20;

/**
 * log(1 + e^(beta·x)) / beta, without overflow; x itself where beta·x is above the threshold. Within 3 ulp with beta 1.
 *
 * @param beta how sharp its bend is, above 0; default 1
 * @param threshold default 20, from which on both are the same
 * @throws OptionError for a beta that is not above 0
 */
export function softplus(x: Tensor, beta = 1, threshold = SOFTPLUS_IS_X): Tensor {
  checkCall("softplus", arguments, "x:tensor beta?:number threshold?:number");
  if (!(beta > 0 && beta < Infinity))
    throw new OptionError({ op: "softplus", expected: "beta above 0", got: described(beta) });
  if (beta === 1 && threshold >= SOFTPLUS_IS_X) return softplusOf(x, 0);
  const scaled = mul(x, beta);
  const bent = div(softplusOf(scaled, 0), beta);
  return threshold >= SOFTPLUS_IS_X ? bent : where(greater(scaled, threshold), x, bent);
}

/** log(sigmoid(x)), without overflow, within 3 ulp. */
export function logSigmoid(x: Tensor): Tensor {
  checkCall("logSigmoid", arguments, "x:tensor");
  requireFloat("logSigmoid", x);
  return neg(softplus(neg(x)));
}

/**
 * x above 0, alpha · (e^x - 1) below (Clevert et al., "Fast and accurate deep network learning by
 * exponential linear units", 2016), within 2 ulp. Its gradient at 0 is alpha.
 *
 * @param alpha default 1
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  checkCall("elu", arguments, "x:tensor alpha?:number");
  return eluOf(x, alpha);
}

/**
 * x above 0, negativeSlope · x below. Its gradient at 0 is negativeSlope.
 *
 * @param negativeSlope default 0.01
 */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  checkCall("leakyRelu", arguments, "x:tensor negativeSlope?:number");
  return leakyReluOf(x, negativeSlope);
}
