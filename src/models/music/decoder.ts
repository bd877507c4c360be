// A model of joint notes as a writer of events, for sampling and beam search: what may not follow has no probability.
import {
  checkSelect,
  checkStep,
  readDecoderOptions,
  type Decoder,
  type DecoderOptions,
} from "../../decode/decoder.js";
import { END_OF_STEP, EventReader, type NoteEvents } from "../../music/events.js";
import { shiftColumn, type MusicNetwork } from "./network.js";
import { MusicStream } from "./stream.js";

export const OP = "MusicModel.decoder";

/** What a row has read. */
interface Row {
  readonly reader: EventReader;
  /** The part of its vectors that holds for the whole step. */
  readonly known: Float32Array;
}

export class EventDecoder implements Decoder {
  readonly capacity: number;
  readonly classes: number;
  readonly #network: MusicNetwork;
  readonly #stream: MusicStream;
  #rows: Row[];
  /** What is not in use, for rows to come. */
  #spare: Row[];

  constructor(network: MusicNetwork, events: NoteEvents, options: DecoderOptions) {
    const { rows, capacity } = readDecoderOptions(OP, options);
    this.capacity = capacity;
    this.classes = events.size;
    this.#network = network;
    this.#stream = new MusicStream(network, capacity);
    const make = (): Row => {
      const known = new Float32Array(this.#stream.size);
      this.#stream.sum([shiftColumn(network.columns, 0)], known);
      return { reader: new EventReader(events), known };
    };
    this.#rows = Array.from({ length: capacity }, make);
    this.#spare = Array.from({ length: capacity }, make);
    this.select(Int32Array.from({ length: rows }, (_, row) => row));
  }

  get rows(): number {
    return this.#stream.rows;
  }

  step(ids: Int32Array, logits?: Float32Array): void {
    checkStep(OP, this, ids, logits);
    const { rows, classes } = this;
    for (let row = 0; row < rows; row++) this.#rows[row]!.reader.check(ids[row]!);
    for (let row = 0; row < rows; row++) this.#read(row, ids[row]!);
    this.#stream.step(logits);
    if (logits === undefined) return;
    for (let row = 0; row < rows; row++)
      this.#rows[row]!.reader.rule(logits.subarray(row * classes, (row + 1) * classes));
  }

  #read(row: number, id: number): void {
    const { columns } = this.#network;
    const { reader, known } = this.#rows[row]!;
    reader.push(id);
    if (id === END_OF_STEP) {
      const before = Array.from(reader.before.keys()).filter((note) => reader.before[note] === 1);
      const notes = before.map((note) => columns.before + note);
      this.#stream.sum([...notes, shiftColumn(columns, 0)], known);
    }
    this.#stream.read(row, known, columns.events + id);
  }

  select(rows: Int32Array): void {
    checkSelect(OP, this, rows);
    rows.forEach((from, row) => {
      const [to, other] = [this.#spare[row]!, this.#rows[from]!];
      to.reader.copyFrom(other.reader);
      to.known.set(other.known);
    });
    [this.#rows, this.#spare] = [this.#spare, this.#rows];
    this.#stream.select(rows);
  }

  dispose(): void {
    this.#stream.dispose();
  }
}
