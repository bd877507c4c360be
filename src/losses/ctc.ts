import { described } from "../core/described.js";
import { records } from "../autograd/mode.js";
import { defineOp } from "../autograd/op.js";
import { checkCall } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { div } from "../ops/arithmetic.js";
import { badIndex } from "../ops/bad-index.js";
import { requireFloat, requireInt } from "../ops/check.js";
import { checkLengths, type Lengths } from "../ops/lengths.js";
import { tensor } from "../tensor/create.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import { at } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";
import { structuredKernels } from "../wasm/structured.js";
import { checkReduction, reduced, type Reduction } from "./reduction.js";

export interface CtcLossOptions {
  /** Steps that count in each sequence: integers 0..time. Default: all. */
  inputLengths?: Lengths | undefined;
  /** Labels that count in each target: integers 0..length. Default: all. */
  targetLengths?: Lengths | undefined;
  /** The class that stands for no label. Default 0. */
  blank?: number | undefined;
  /** Whether a target that no alignment can give has loss and gradient 0 instead of Infinity and NaN. Default false. */
  zeroInfinity?: boolean | undefined;
  /**
   * `"none"`: the loss of each sequence; `"sum"`; `"mean"` (default): each loss divided by the length of its target (by 1 if
   * that is 0), then the mean over the batch.
   */
  reduction?: Reduction | undefined;
}

const NAME = "ctcLoss";

interface Sizes {
  readonly batch: number;
  readonly time: number;
  readonly classes: number;
}

interface Saved extends Sizes {
  /** int32 `[2, batch]`: lengths of inputs, then of targets. */
  readonly lengths: Tensor<"int32">;
  /** Of each sequence's own loss; undefined where none is wanted. */
  readonly gradients: Tensor | undefined;
}

/** The loss of each sequence. All arguments have been checked. */
const lossOfEach = /* @__PURE__ */ defineOp({
  name: NAME,
  cure:
    "A target of S labels, of which R repeat the one before, needs S + R steps: zeroInfinity leaves out those that have fewer. " +
    "Else the logits hold NaN or Infinity within their length.",
  forward(
    logits: Tensor,
    targets: Tensor<"int32">,
    inputLengths: Int32Array,
    targetLengths: Int32Array,
    blank: number,
    zeroInfinity: boolean,
  ) {
    const [batch, time, classes] = logits.shape as [number, number, number];
    const length = targets.shape[1]!;
    const inputs = [logits, targets];
    const losses = empty([batch]);
    const lengths = empty([2, batch], "int32");
    const gradients = records(inputs) ? empty(logits.shape) : undefined;
    const k = structuredKernels();
    const longest = largest(inputLengths);
    const most = largest(targetLengths);
    const lengthsAt = lengths.storage.ptr;
    i32(lengthsAt, 2 * batch).set([...inputLengths, ...targetLengths]);
    withScratch(k.ctcScratchBytes(longest, classes, most, gradients ? 1 : 0), (space) =>
      k.ctcForward(
        losses.storage.ptr,
        gradients?.storage.ptr ?? 0,
        logits.address(NAME),
        targets.address(NAME),
        lengthsAt,
        at(lengthsAt, batch),
        space,
        batch,
        time,
        classes,
        length,
        blank,
        zeroInfinity ? 1 : 0,
      ),
    );
    if (!gradients) lengths.dispose();
    const saved: Saved = { batch, time, classes, lengths, gradients };
    return { inputs, unread: inputs, output: losses, saved };
  },
  backward(pass, { batch, time, classes, lengths, gradients }: Saved) {
    if (!gradients) return;
    pass.writeOver(0, gradients, (to) =>
      structuredKernels().ctcBackward(
        to,
        gradients.address(NAME),
        pass.grad(),
        lengths.address(NAME),
        batch,
        time,
        classes,
      ),
    );
  },
});

function largest(lengths: Int32Array): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

/**
 * Connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006): learns to read a sequence of labels
 * from a longer sequence of steps without being told which step is which label. A step gives a label or the blank; the
 * target is what remains when repeated labels are merged and blanks removed; the loss is the negative logarithm of the
 * summed probability of all alignments that give the target:
 *
 *     loss = -log Σ over alignments of Π over t of softmax(logits[t])[alignment[t]]
 *
 * PyTorch's `ctc_loss` of `log_softmax(logits)`: the log-softmax is part of it, and the gradient is that of the logits, in
 * one pass over the batch each way. A target of S labels, of which R repeat the one before, needs S + R steps; with fewer the
 * loss is Infinity and `backward()` refuses it, unless `zeroInfinity` is set. Logits of -Infinity are classes that
 * cannot be: they take no gradient. What stands past a length is never read, NaN included, and has gradient 0. A
 * sequence without steps has the loss 0 if its target is empty, else Infinity.
 *
 * @param logits `[batch, time, classes]`, before any softmax
 * @param targets int32 classes `[batch, length]`, none of them the blank
 * @returns a scalar, or for reduction "none" `[batch]`
 * @throws IndexError for a target that is no class or the blank, with its place, and for lengths that do not fit;
 *   OptionError, ShapeError or DTypeError for what does not fit
 * @example
 * ```ts
 * const logits = randn([2, 10, 5]); // [batch, time, symbols], 0 the blank
 * const targets = tensor([[1, 2, 3], [4, 4, 0]], { dtype: "int32" });
 * ctcLoss(logits, targets, { inputLengths: [10, 8], targetLengths: [3, 2] }).item() > 0; // true
 * ```
 */
export function ctcLoss(
  logits: Tensor,
  targets: Tensor<"int32">,
  options: CtcLossOptions = {},
): Tensor {
  checkCall(
    "ctcLoss",
    arguments,
    "logits:tensor targets:tensor {inputLengths:list|tensor targetLengths:list|tensor blank:number zeroInfinity:boolean reduction:string}",
  );
  const { blank = 0, zeroInfinity = false, reduction = "mean" } = options;
  checkReduction(NAME, reduction);
  const { batch, time, classes, length } = checkShapes(logits, targets);
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
    throw new OptionError({
      op: NAME,
      expected: `blank to be a class from 0 to ${classes - 1}`,
      got: described(blank),
    });
  const lengthsOf = (name: "inputLengths" | "targetLengths", most: number): Int32Array =>
    checkLengths(NAME, options[name], batch, most, name) ?? new Int32Array(batch).fill(most);
  const inputLengths = lengthsOf("inputLengths", time);
  const targetLengths = lengthsOf("targetLengths", length);
  checkTargets(targets, targetLengths, classes, blank);
  const losses = lossOfEach(logits, targets, inputLengths, targetLengths, blank, zeroInfinity);
  if (reduction !== "mean") return reduced(losses, reduction);
  const divisors = Float32Array.from(targetLengths, (labels) => Math.max(1, labels));
  return reduced(div(losses, tensor(divisors)), "mean");
}

/** Refuses tensors that do not fit each other; `length` is that of a row of the targets. */
function checkShapes(logits: Tensor, targets: Tensor<"int32">): Sizes & { length: number } {
  requireFloat(NAME, logits);
  requireInt(NAME, "targets", targets);
  if (logits.shape.length !== 3)
    throw new ShapeError({
      op: NAME,
      expected: "logits [batch, time, classes]",
      got: formatShape(logits.shape),
    });
  const [batch, time, classes] = logits.shape as [number, number, number];
  if (targets.shape.length !== 2 || targets.shape[0] !== batch)
    throw new ShapeError({
      op: NAME,
      expected: `targets [${batch}, length] for logits ${formatShape(logits.shape)}`,
      got: formatShape(targets.shape),
      cure: "Pad the targets to one length and give their own as targetLengths.",
    });
  return { batch, time, classes, length: targets.shape[1]! };
}

function checkTargets(
  targets: Tensor<"int32">,
  lengths: Int32Array,
  classes: number,
  blank: number,
): void {
  const labels = targets.data();
  const [, width] = targets.shape as [number, number];
  lengths.forEach((length, row) => {
    for (let i = row * width; i < row * width + length; i++) {
      const label = labels[i]!;
      if (label < 0 || label >= classes || label === blank)
        throw badIndex(
          NAME,
          `targets from 0 to ${classes - 1} that are not the blank (${blank})`,
          targets,
          i,
        );
    }
  });
}
