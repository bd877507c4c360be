import { noGrad } from "../../autograd/mode.js";
import type { Conv2d } from "../../nn/conv.js";
import { copyOf } from "../../nn/steps.js";
import { conv2d } from "../../ops/conv.js";
import { permute } from "../../ops/permute.js";
import { relu } from "../../ops/unary.js";
import { tensor } from "../../tensor/create.js";
import type { Parameter } from "../../tensor/parameter.js";
import { scope } from "../../tensor/scope.js";

/** Frames of a kernel, and those that it looks back on. */
const [KERNEL, BACK] = [3, 1];
/** Across, a kernel goes on by two and has zeros on both sides. */
const [ACROSS, PADDING] = [2, 1];

/**
 * A convolution over frames that come in, with ReLU: a frame is `channels` rows. It has the bits of the whole, whose ends are padded by a
 * frame of zeros, and waits for the one frame that its kernel looks ahead.
 */
export class ConvolutionStream {
  readonly #weight: Parameter;
  readonly #bias: Parameter;
  readonly #stride: number;
  /** Numbers of a row. */
  #width = 0;
  /** Frames that are still to be read, `[frames, channels, width]`. */
  #waiting = new Float32Array(0);
  /** Of frames to come, how many are skipped. */
  #skip = 0;

  constructor({ weight, bias }: Conv2d, stride: number) {
    this.#weight = copyOf(weight);
    this.#bias = copyOf(bias!);
    this.#stride = stride;
  }

  /** Numbers of a frame that it gives. */
  get outputSize(): number {
    return this.#weight.shape[0]! * Math.ceil(this.#width / ACROSS);
  }

  /** Begins anew, with frames of so many numbers. @returns how many its own have */
  reset(size: number): number {
    this.#width = size / this.#weight.shape[1]!;
    this.#waiting = new Float32Array(BACK * size);
    this.#skip = 0;
    return this.outputSize;
  }

  /** @returns the frames that are now complete */
  push(frames: Float32Array, ended: boolean): Float32Array {
    const [channels, width] = [this.#weight.shape[1]!, this.#width];
    const size = channels * width;
    const all = new Float32Array(this.#waiting.length + frames.length + (ended ? size : 0));
    all.set(this.#waiting);
    all.set(frames, this.#waiting.length);
    const begin = Math.min(this.#skip, all.length / size);
    this.#skip -= begin;
    const waiting = all.subarray(begin * size);
    const count = waiting.length / size;
    const steps = Math.max(0, Math.floor((count - KERNEL) / this.#stride) + 1);
    const read = Math.min(steps * this.#stride, count);
    this.#skip += steps * this.#stride - read;
    this.#waiting = waiting.slice(read * size);
    if (steps === 0) return new Float32Array(0);
    const used = KERNEL + (steps - 1) * this.#stride;
    return scope(() =>
      noGrad(() => {
        const rows = tensor(waiting.subarray(0, used * size), { shape: [used, channels, width] });
        const images = permute(rows, [1, 0, 2]).reshape([1, channels, used, width]);
        const moves = { stride: [this.#stride, ACROSS], padding: [0, PADDING] } as const;
        const convolved = relu(conv2d(images, this.#weight, this.#bias, moves));
        return permute(convolved, [0, 2, 1, 3]).data();
      }),
    );
  }

  dispose(): void {
    this.#weight.dispose();
    this.#bias.dispose();
  }
}
