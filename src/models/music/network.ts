// The layers: what is known before an event or a step → a vector → LSTM → what comes.
import type { NoteEvents } from "../../music/events.js";
import { Dropout } from "../../nn/dropout.js";
import { normal } from "../../nn/initializers.js";
import { Linear } from "../../nn/linear.js";
import { LSTM, type LSTMState } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { MusicSettings } from "./options.js";

/** By how many semitones a piece was moved, octaves aside. */
const SHIFTS = 12;

/** The columns of what is read: a sum of some of them is the vector of an event, or of a step. First those that hold for a whole step. */
export interface Columns {
  /** Of the notes of the step before. */
  readonly before: number;
  /** Of the semitones by which the piece was moved. */
  readonly shift: number;
  /** Of the event that was read last. Joint notes alone have them. */
  readonly events: number;
  readonly count: number;
}

/** The standard deviation of a column's first numbers: a step sums about six, which then have one of 1. */
const FIRST = 0.4;

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
    const behind = events.notes + SHIFTS;
    const count = behind + (joint ? events.size : 0);
    this.columns = { before: 0, shift: events.notes, events: behind, count };
    this.vectors = new Linear(count, embeddingSize);
    if (TRAINING) normal(this.vectors.weight, 0, FIRST);
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
