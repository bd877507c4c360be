// Parts of pieces as the network reads them, a row each, and what is to come: of joint notes a position is an event, of independent
// ones a step.
import { END_OF_STEP, EventReader, type NoteEvents } from "../../music/events.js";
import { crossEntropy } from "../../losses/cross-entropy.js";
import { softplus } from "../../ops/activations.js";
import { add, mul, sub } from "../../ops/arithmetic.js";
import { sum } from "../../ops/reduce.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { idsAt, type Part } from "./encoded-piece.js";
import { shiftColumn, type Columns } from "./network.js";

/** A part, position by position. */
export interface Row {
  readonly length: number;
  /** The columns that are 1 at a position. */
  readonly read: readonly (readonly number[])[];
  /** What comes: of joint notes the event, of independent ones the notes of the step. */
  readonly comes: readonly (readonly number[])[];
  /** Of joint notes -Infinity for each event that may not come, else 0: `[length, events]`. */
  readonly mask: Float32Array;
  /** Of which step a position is, counted from the part's first. */
  readonly step: readonly number[];
}

export function rowOf(part: Part, events: NoteEvents, columns: Columns, joint: boolean): Row {
  const shift = shiftColumn(columns, part.shift);
  const notesOf = (t: number): number[] =>
    Array.from(idsAt(part, t))
      .filter((id) => id !== END_OF_STEP)
      .map((id) => events.noteOf(id));
  const [read, comes, step]: [number[][], number[][], number[]] = [[], [], []];
  const { starts } = part.piece;
  const mask = new Float32Array(joint ? (starts[part.to]! - starts[part.from]!) * events.size : 0);
  const reader = new EventReader(events);
  if (joint) for (const note of notesOf(part.from - 1)) reader.push(1 + note);
  if (joint) reader.push(END_OF_STEP);
  let before = notesOf(part.from - 1);
  for (let t = part.from; t < part.to; t++) {
    const known = [...before.map((note) => columns.before + note), shift];
    const notes = notesOf(t);
    if (joint) {
      let last = END_OF_STEP;
      for (const id of idsAt(part, t)) {
        reader.rule(mask.subarray(read.length * events.size, (read.length + 1) * events.size));
        read.push([...known, columns.events + last]);
        comes.push([id]);
        step.push(t - part.from);
        reader.push(id);
        last = id;
      }
    } else {
      read.push(known);
      comes.push(notes);
      step.push(t - part.from);
    }
    before = notes;
  }
  return { length: read.length, read, comes, mask, step };
}

/** What the network reads: `[rows, time, columns]`, from one position of each row to another. */
export function inputOf(
  rows: readonly Row[],
  { count }: Columns,
  from: number,
  to: number,
): { x: Tensor; lengths: Int32Array } {
  const time = to - from;
  const x = new Float32Array(rows.length * time * count);
  rows.forEach(({ read, length }, row) => {
    for (let i = from; i < Math.min(to, length); i++)
      for (const column of read[i]!) x[(row * time + i - from) * count + column] = 1;
  });
  const lengths = Int32Array.from(rows, ({ length }) => Math.min(to, length) - from);
  return { x: tensor(x, { shape: [rows.length, time, count] }), lengths };
}

/** Logits with -Infinity for events that may not come. */
export function ruled(logits: Tensor, rows: readonly Row[], from: number): Tensor {
  const [, time, size] = logits.shape as [number, number, number];
  const masks = new Float32Array(logits.size);
  rows.forEach(({ mask, length }, row) => {
    const own = mask.subarray(from * size, Math.min(from + time, length) * size);
    masks.set(own, row * time * size);
  });
  return add(logits, tensor(masks, { shape: logits.shape }));
}

/** What is not counted: padding. */
const IGNORED = -100;

/** The loss of each position, `[rows, time]`, 0 of what is padding. */
export function lossesOf(
  logits: Tensor,
  rows: readonly Row[],
  from: number,
  joint: boolean,
): Tensor {
  const [batch, time, size] = logits.shape as [number, number, number];
  const each = (visit: (place: number, comes: readonly number[]) => void): void =>
    rows.forEach(({ comes, length }, row) => {
      for (let i = from; i < Math.min(from + time, length); i++)
        visit(row * time + i - from, comes[i]!);
    });
  if (joint) {
    const target = new Int32Array(batch * time).fill(IGNORED);
    each((place, [id]) => (target[place] = id!));
    const wanted = tensor(target, { shape: [batch, time] });
    return crossEntropy(ruled(logits, rows, from), wanted, { reduction: "none" });
  }
  const [target, counts] = [new Float32Array(logits.size), new Float32Array(batch * time)];
  each((place, notes) => {
    counts[place] = 1;
    for (const note of notes) target[place * size + note] = 1;
  });
  // Binary cross-entropy: -log σ(x) for what sounds, -log (1 - σ(x)) for what does not.
  const sounding = mul(logits, tensor(target, { shape: logits.shape }));
  const losses = sum(sub(softplus(logits), sounding), 2);
  return mul(losses, tensor(counts, { shape: [batch, time] }));
}
