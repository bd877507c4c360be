// SimpleRNN, LSTM, GRU, RNN of cells, and Bidirectional, with Keras' masks, states and order of time.
import { quoted } from "../../core/code-points.js";
import { FormatError } from "../../core/errors.js";
import { makeCarry } from "../../nn/make-carry.js";
import type { Carry } from "../../nn/carry.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { add, mul } from "../../ops/arithmetic.js";
import { dropout } from "../../ops/dropout.js";
import { flip } from "../../ops/index-select.js";
import { concat } from "../../ops/join.js";
import { select } from "../../ops/slice.js";
import { where } from "../../ops/where.js";
import { ones } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { isRecord, type Config } from "../config.js";
import {
  KerasLayer,
  unknownOption,
  type CallOptions,
  type LayerParts,
  type Streamed,
  type Value,
} from "../layer.js";
import { moved, movedBack, type Mask } from "../mask.js";
import type { WeightReader } from "../weights.js";
import type { CellKind, CellRunner } from "./cell.js";
import { makeCell } from "./recurrent-cells.js";
import { snakeCase } from "../names.js";

const KINDS: Readonly<Record<string, CellKind>> = {
  ...{ SimpleRNN: "SimpleRNN", LSTM: "LSTM", GRU: "GRU", CuDNNLSTM: "LSTM", CuDNNGRU: "GRU" },
  ...{ SimpleRNNCell: "SimpleRNN", LSTMCell: "LSTM", GRUCell: "GRU" },
};

/** A recurrent layer of one cell, or of several on each other. */
export class RecurrentLayer extends KerasLayer {
  readonly cells: readonly CellRunner[];
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly zeroOutputForMask: boolean;
  #kept: Carry<Readonly<Record<string, Tensor>>> | undefined;

  constructor(parts: LayerParts, cells: readonly CellRunner[]) {
    super(parts);
    const { config } = parts;
    this.cells = cells;
    this.returnSequences = config.return_sequences === true;
    this.returnState = config.return_state === true;
    this.goBackwards = config.go_backwards === true;
    this.stateful = config.stateful === true;
    this.zeroOutputForMask = config.zero_output_for_mask === true;
  }

  static make(this: void, parts: LayerParts): RecurrentLayer {
    const { type, config, weights } = parts;
    if (config.time_major === true) throw unknownOption(parts, "time_major", true);
    const kind = KINDS[type];
    const cells =
      kind !== undefined
        ? [makeCell(kind, parts, config, weights.child("cell"))]
        : cellsOf(parts, config.cell ?? config.cells, weights.child("cell"));
    return new RecurrentLayer(parts, cells);
  }

  /** @internal */
  call([input, ...behind]: readonly Value[], { states: named }: CallOptions): Value[] {
    const x = this.axes(input!.x, 3);
    const given = [...behind.map((value) => value.x as Tensor), ...named];
    const mask = input!.mask?.isFull === false ? input!.mask : undefined;
    const { sequence, last, states } = this.#over(
      x,
      mask,
      given.length > 0 ? given : this.#states(),
    );
    if (this.stateful) this.#keep(x.shape[0]!, states);
    const output = this.returnSequences
      ? { x: sequence(), mask: input!.mask }
      : { x: last(), mask: undefined };
    return [
      output,
      ...(this.returnState ? states.map((state) => ({ x: state, mask: undefined })) : []),
    ];
  }

  /** @internal */
  override streamed(): Streamed {
    return this.goBackwards ? undefined : this.cells.map(({ layer }) => layer);
  }

  override resetStates(): void {
    this.#kept?.reset();
  }

  override dispose(): void {
    super.dispose();
    this.#kept?.dispose();
  }

  /** All cells over a sequence, in the order of time that the layer has. */
  #over(given: Tensor, mask: Mask | undefined, initial: readonly Tensor[] | undefined) {
    const [batch, time] = given.shape as [number, number];
    const order = this.goBackwards ? mask?.flipped() : mask;
    const front = order?.front;
    const forwards = this.goBackwards ? flip(given, 1) : given;
    let output = front ? moved(forwards, front.from) : forwards;
    const states: Tensor[] = [];
    for (const cell of this.cells) {
      const first = initial?.slice(states.length, states.length + cell.states);
      const { rates, units } = cell;
      const { training } = this;
      const hiddenMask =
        training && rates.hidden > 0 ? dropout(ones([batch, units]), rates.hidden) : undefined;
      const input = lockedDropout(output, rates.input, { training, locked: true });
      const result = cell.run(input, first, front?.lengths, hiddenMask);
      output = result.output;
      states.push(...result.states);
    }
    const units = output.shape[2]!;
    const sequence = (): Tensor => {
      if (!front) return output;
      const all = movedBack(output, front.back);
      return this.zeroOutputForMask ? where(order.tensor().reshape([batch, time, 1]), all, 0) : all;
    };
    // The last cell's h, but of a row without any step nothing.
    const last = (): Tensor =>
      front
        ? select(sequence(), 1, -1)
        : states[states.length - this.cells.at(-1)!.states]!.reshape([batch, units]);
    return { sequence, last, states };
  }

  #states(): readonly Tensor[] | undefined {
    return this.#kept && Object.values(this.#kept as Readonly<Record<string, Tensor>>);
  }

  #keep(batch: number, states: readonly Tensor[]): void {
    const named = Object.fromEntries(states.map((state, i) => [`s${i}`, state]));
    if (this.#kept && this.#states()![0]!.shape[0] !== batch) {
      this.#kept.dispose();
      this.#kept = undefined;
    }
    this.#kept ??= makeCarry(Object.fromEntries(states.map(({ shape }, i) => [`s${i}`, shape])));
    this.#kept.set(named);
  }
}

/** Of a cell, of StackedRNNCells, or of a list of cells. */
function cellsOf(parts: LayerParts, value: unknown, weights: WeightReader): CellRunner[] {
  const cell = isRecord(value) ? value : {};
  const config = isRecord(cell.config) ? cell.config : {};
  const list = Array.isArray(value)
    ? value
    : cell.class_name === "StackedRNNCells"
      ? config.cells
      : undefined;
  if (Array.isArray(list)) {
    const used = new Map<string, number>();
    return list.flatMap((each: unknown, i) => {
      const type = isRecord(each) && typeof each.class_name === "string" ? each.class_name : "";
      const name = snakeCase(type);
      const count = used.get(name) ?? 0;
      used.set(name, count + 1);
      const own = weights.child(`cells/${name}${count > 0 ? `_${count}` : ""}`, `RNNCell_${i}`);
      return cellsOf(parts, each, own);
    });
  }
  const type = typeof cell.class_name === "string" ? cell.class_name : "none";
  const kind = type.endsWith("Cell") ? KINDS[type] : undefined;
  if (kind === undefined)
    throw new FormatError({
      op: parts.op,
      expected: `cells of layer ${quoted(parts.name)} among SimpleRNNCell, LSTMCell, GRUCell`,
      got: quoted(type),
      cure: "A cell of one's own is Python code: build it here by scanCell().",
    });
  return [makeCell(kind, parts, config, weights)];
}

/** Two layers, one of them backwards in time. */
export class BidirectionalLayer extends KerasLayer {
  readonly forward_layer: KerasLayer;
  readonly backward_layer: KerasLayer;
  readonly mergeMode: string | null;
  readonly returnSequences: boolean;

  constructor(parts: LayerParts) {
    super(parts);
    const { config, weights, dialect } = parts;
    const layer =
      isRecord(config.layer) && isRecord(config.layer.config) ? config.layer : undefined;
    if (!layer) throw unknownOption(parts, "layer", config.layer);
    const inner = layer.config as Config;
    const backwards = isRecord(config.backward_layer) ? config.backward_layer : layer;
    this.mergeMode = mergeModeOf(parts);
    this.returnSequences = inner.return_sequences === true;
    const innerName = String(inner.name ?? "layer").replace(/^(forward|backward)_/, "");
    const zero = dialect === "tfjs" ? {} : { zero_output_for_mask: this.returnSequences };
    const reversed = backwards === layer ? { go_backwards: inner.go_backwards !== true } : {};
    this.forward_layer = parts.make(
      layer,
      weights.child("forward_layer", `forward_${innerName}`),
      zero,
    );
    this.backward_layer = parts.make(
      backwards,
      weights.child("backward_layer", `backward_${innerName}`),
      {
        ...zero,
        ...reversed,
      },
    );
  }

  /** @internal */
  call([input, ...behind]: readonly Value[], options: CallOptions): Value[] {
    const states = [...behind.map((value) => value.x as Tensor), ...options.states];
    const half = states.length / 2;
    const [ahead, ...aheadStates] = this.forward_layer.call([input!], {
      ...options,
      states: states.slice(0, half),
    });
    const [back, ...backStates] = this.backward_layer.call([input!], {
      ...options,
      states: states.slice(half),
    });
    const y = ahead!.x as Tensor;
    const reversed = this.returnSequences ? flip(back!.x as Tensor, 1) : (back!.x as Tensor);
    const { mask } = ahead!;
    const merged =
      this.mergeMode === null
        ? [
            { x: y, mask },
            { x: reversed, mask },
          ]
        : [{ x: merge(this.mergeMode, y, reversed), mask }];
    return [...merged, ...aheadStates, ...backStates];
  }

  override resetStates(): void {
    this.forward_layer.resetStates();
    this.backward_layer.resetStates();
  }
}

function mergeModeOf(parts: LayerParts): string | null {
  const mode = parts.config.merge_mode === undefined ? "concat" : parts.config.merge_mode;
  if (mode === null || ["concat", "sum", "mul", "ave"].includes(mode as string))
    return mode as string | null;
  throw unknownOption(parts, "merge_mode", mode);
}

function merge(mode: string, y: Tensor, reversed: Tensor): Tensor {
  if (mode === "concat") return concat([y, reversed], -1);
  if (mode === "mul") return mul(y, reversed);
  const sum = add(y, reversed);
  return mode === "sum" ? sum : sum.mul(0.5);
}
