// The layers: what is known before an event or a step → a vector → LSTM → what comes.
import { NoteEvents } from "../../music/events.js";
import { Dropout } from "../../nn/dropout.js";
import { Linear } from "../../nn/linear.js";
import { LSTM, type LSTMState } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { MusicSettings } from "./options.js";

/** By how many semitones a piece was moved, octaves aside. */
const SHIFTS = 12;

/** The columns of what is read: a sum of some of them is the vector of an event, or of a step. */
export interface Columns {
  /** Of the event that was read last. Joint notes alone have them. */
  readonly events: number;
  /** Of the notes of the step before. */
  readonly before: number;
  /** Of the semitones by which the piece was moved. */
  readonly shift: number;
  readonly count: number;
}

export class MusicNetwork extends Module {
  readonly columns: Columns;
  readonly vectors: Linear;
  readonly lstm: LSTM;
  readonly head: Linear;
  readonly dropout: Dropout;

  constructor(events: NoteEvents, settings: MusicSettings) {
    super();
    const { notes, embeddingSize, hiddenSize, numLayers, dropout } = settings;
    const joint = notes === "joint";
    const before = joint ? events.size : 0;
    const shift = before + events.notes;
    this.columns = { events: 0, before, shift, count: shift + SHIFTS };
    this.vectors = new Linear(this.columns.count, embeddingSize);
    this.lstm = new LSTM(embeddingSize, hiddenSize, {
      numLayers,
      dropout: numLayers > 1 ? dropout : 0,
    });
    this.head = new Linear(hiddenSize, joint ? events.size : events.notes);
    this.dropout = new Dropout(dropout);
  }

  /**
   * @param x `[batch, time, columns]`, 1 for what there is
   * @returns logits `[batch, time, events]`, or of independent notes `[batch, time, notes]`, and the LSTM's state at the end
   */
  forward(
    x: Tensor,
    options: { lengths?: Int32Array | undefined; state?: LSTMState | undefined } = {},
  ): { logits: Tensor; state: LSTMState } {
    const { output, state } = this.lstm.forward(this.vectors.forward(x), options);
    return { logits: this.head.forward(this.dropout.forward(output)), state };
  }
}

/** The column of a number of semitones. */
export function shiftColumn({ shift }: Columns, semitones: number): number {
  return shift + (((semitones % SHIFTS) + SHIFTS) % SHIFTS);
}
