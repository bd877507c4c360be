// What looks at pictures: convolutions, each stage at half the resolution of the one before, → a vector for each place.
import { BatchNorm1d, BatchNorm2d } from "../../nn/batch-norm.js";
import { Conv2d } from "../../nn/conv.js";
import type { EncoderState } from "../../nn/decoder/bridge.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { uniformParameter } from "../../nn/init.js";
import { Linear } from "../../nn/linear.js";
import { Module } from "../../nn/module.js";
import { add } from "../../ops/arithmetic.js";
import { permute } from "../../ops/permute.js";
import { maxPool2d } from "../../ops/pool.js";
import { relu } from "../../ops/unary.js";
import type { Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ImageInput } from "../parts/image-input.js";
import type { RecurrentSources, StatefulEncoder } from "../seq2seq/recurrent-encoder.js";
import { selectLengths, selectRows, SourceEncoder } from "../seq2seq/source-encoder.js";
import type { CaptionerSettings } from "./options.js";

/** A convolution whose output is normalized, which makes a bias of its own useless. */
class NormedConv extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm2d;

  constructor(from: number, to: number, kernelSize: 1 | 3) {
    super();
    this.conv = new Conv2d(from, to, kernelSize, { padding: (kernelSize - 1) / 2, bias: false });
    this.norm = new BatchNorm2d(to);
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(this.conv.forward(x));
  }
}

/** Two convolutions, and what goes past them (He et al. 2016): mapped, where there are more channels behind than before. */
class ResidualBlock extends Module {
  readonly first: NormedConv;
  readonly second: NormedConv;
  readonly shortcut: NormedConv | undefined;

  constructor(from: number, to: number) {
    super();
    this.first = new NormedConv(from, to, 3);
    this.second = new NormedConv(to, to, 3);
    if (from !== to) this.shortcut = new NormedConv(from, to, 1);
  }

  forward(x: Tensor): Tensor {
    const past = this.shortcut ? this.shortcut.forward(x) : x;
    return relu(add(this.second.forward(relu(this.first.forward(x))), past));
  }
}

/** Rows and columns of places that a picture has behind the last stage. */
export function gridOf(
  { width, height }: { readonly width: number; readonly height: number },
  stages: number,
): { rows: number; columns: number } {
  const halved = (size: number) => size >> stages;
  return { rows: halved(height), columns: halved(width) };
}

/**
 * A convolution, then a residual block for each further stage, with the largest of every 2 × 2 places behind each; to a
 * place's channels come learned vectors of its row and its column, so that the decoder knows where it looks.
 */
export class ImageEncoder
  extends SourceEncoder<RecurrentSources, Uint8Array>
  implements StatefulEncoder
{
  readonly stem: NormedConv;
  readonly blocks: readonly ResidualBlock[];
  /** `[rows, 1, size]` */
  readonly rowPositions: Parameter;
  /** `[columns, size]` */
  readonly columnPositions: Parameter;
  /** All places in one vector, and what tells pictures apart in it: what the decoder begins with. */
  readonly whole: Linear;
  readonly norm: BatchNorm1d;
  readonly size: number;
  readonly stateSize: number;
  readonly directions = 1;
  readonly stateCell = "gru";
  readonly rows: number;
  readonly columns: number;
  readonly #input: ImageInput;

  constructor(input: ImageInput, { channels, hiddenSize }: CaptionerSettings) {
    super();
    const [first, ...others] = channels as readonly [number, ...number[]];
    this.#input = input;
    this.size = channels.at(-1)!;
    const { rows, columns } = gridOf(input.reading, channels.length);
    [this.rows, this.columns] = [rows, columns];
    this.stem = new NormedConv(input.channels, first, 3);
    this.blocks = others.map((to, i) => new ResidualBlock(channels[i]!, to));
    // As large as what stands at a place: smaller ones were learnt later.
    this.rowPositions = uniformParameter([rows, 1, this.size], 1);
    this.columnPositions = uniformParameter([columns, this.size], 1);
    this.stateSize = hiddenSize;
    this.whole = new Linear(rows * columns * this.size, hiddenSize);
    this.norm = new BatchNorm1d(hiddenSize);
  }

  forward(batch: readonly Uint8Array[]): RecurrentSources {
    let x = maxPool2d(relu(this.stem.forward(this.#input.forward(batch))), 2);
    for (const block of this.blocks) x = maxPool2d(block.forward(x), 2);
    const { rows, columns, size } = this;
    const places = rows * columns;
    const grid = permute(x, [0, 2, 3, 1]);
    const placed = add(add(grid, this.rowPositions), this.columnPositions);
    const output = placed.reshape([batch.length, places, size]);
    const all = this.whole.forward(output.reshape([batch.length, places * size]));
    const normalized = () => this.norm.forward(all);
    // The last batch of an epoch may be one picture, which has no variance: it is read as in evaluation.
    const first = batch.length > 1 ? normalized() : inEvaluation(this.norm, normalized);
    const h = first.reshape([1, batch.length, this.stateSize]);
    return { output, state: { h }, lengths: new Int32Array(batch.length).fill(places) };
  }

  selected({ output, state: { h }, lengths }: RecurrentSources, rows: Int32Array) {
    return {
      output: selectRows(output, 0, rows),
      state: { h: selectRows(h, 1, rows) },
      lengths: selectLengths(lengths, rows),
    };
  }

  lastState({ h }: EncoderState): Tensor {
    return h.reshape([h.shape[1]!, this.stateSize]);
  }
}
