// A model of joint notes as a writer of events, for sampling and beam search: what may not follow has no probability.
import {
  checkSelect,
  checkStep,
  readDecoderOptions,
  type Decoder,
  type DecoderOptions,
} from "../../decode/decoder.js";
import { EventReader, type NoteEvents } from "../../music/events.js";
import { shiftColumn, type MusicNetwork } from "./network.js";
import { MusicStream } from "./stream.js";

export const OP = "MusicModel.decoder";

export class EventDecoder implements Decoder {
  readonly capacity: number;
  readonly classes: number;
  readonly #events: NoteEvents;
  readonly #network: MusicNetwork;
  readonly #stream: MusicStream;
  #readers: EventReader[];
  /** What is not in use, for rows to come. */
  #spare: EventReader[];

  constructor(network: MusicNetwork, events: NoteEvents, options: DecoderOptions) {
    const { rows, capacity } = readDecoderOptions(OP, options);
    this.capacity = capacity;
    this.classes = events.size;
    this.#events = events;
    this.#network = network;
    this.#stream = new MusicStream(network, capacity);
    this.#readers = Array.from({ length: capacity }, () => new EventReader(events));
    this.#spare = Array.from({ length: capacity }, () => new EventReader(events));
    this.select(Int32Array.from({ length: rows }, (_, row) => row));
  }

  get rows(): number {
    return this.#stream.rows;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    checkStep(OP, this, ids, logits);
    const { rows, classes } = this;
    for (let row = 0; row < rows; row++) this.#readers[row]!.check(ids[row]!);
    for (let row = 0; row < rows; row++) this.#read(row, ids[row]!);
    this.#stream.step(logits);
    if (logits === undefined) return;
    for (let row = 0; row < rows; row++)
      this.#readers[row]!.rule(logits.subarray(row * classes, (row + 1) * classes));
  }

  #read(row: number, id: number): void {
    const { columns } = this.#network;
    const reader = this.#readers[row]!;
    reader.push(id);
    const read = [columns.events + id];
    for (let note = 0; note < this.#events.notes; note++)
      if (reader.before[note] === 1) read.push(columns.before + note);
    read.push(shiftColumn(columns, 0));
    this.#stream.read(row, read);
  }

  select(rows: Int32Array): void {
    checkSelect(OP, this, rows);
    rows.forEach((from, row) => this.#spare[row]!.copyFrom(this.#readers[from]!));
    [this.#readers, this.#spare] = [this.#spare, this.#readers];
    this.#stream.select(rows);
  }

  dispose(): void {
    this.#stream.dispose();
  }
}
