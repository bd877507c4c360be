// How a model writes a piece, or goes on with one.
import { checkCall, checkCount } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { exp } from "../../core/exp-log.js";
import { Generator } from "../../decode/generator.js";
import { sampleTokens } from "../../decode/sample.js";
import type { SamplingOptions } from "../../decode/sampler.js";
import { END_OF_STEP, type NoteEvents } from "../../music/events.js";
import {
  checkRange,
  readPiece,
  type Notes,
  type Piece,
  type PieceGiven,
} from "../../music/piece.js";
import { EventDecoder } from "./decoder.js";
import { shiftColumn, type MusicNetwork } from "./network.js";
import { MusicStream } from "./stream.js";

export interface GenerateMusicOptions extends SamplingOptions {
  /** Steps to write. Default 64. */
  steps?: number | undefined;
  /** A piece to go on with: what comes out begins with it. Default: none. */
  prompt?: PieceGiven | undefined;
}

/** The options of sampling that choose among events: independent notes are drawn one by one. */
const OF_EVENTS = ["topK", "topP", "minP"] as const;

interface Writer {
  readonly events: NoteEvents;
  readonly network: MusicNetwork;
  readonly joint: boolean;
}

export function generate(op: string, writer: Writer, options: GenerateMusicOptions): Piece {
  checkCall(
    op,
    [options],
    "{steps:number prompt:object|list temperature:number topK:number topP:number minP:number seed:number}",
  );
  const { steps = 64, prompt, ...sampling } = options;
  checkCount(op, "steps", steps);
  const { held: _, ...before } = prompt === undefined ? { steps: [] } : readPiece(op, prompt);
  const { joint, events } = writer;
  if (joint) {
    const read = prompt === undefined ? { steps: [], held: [] } : readPiece(op, prompt);
    events.check(op, read);
    const ids = Array.from(events.encode(read));
    // What is held at the first step that is written is held from the prompt.
    return {
      ...before,
      ...events.decode([...ids, ...writtenBehind(writer, ids, steps, sampling)]),
    };
  }
  const unread = OF_EVENTS.find((name) => options[name] !== undefined);
  if (unread !== undefined)
    throw new OptionError({
      op,
      expected: "temperature and seed of independent notes, each of which is drawn alone",
      got: unread,
    });
  checkRange(op, before, events);
  return { ...before, steps: [...before.steps, ...drawn(op, writer, before, steps, sampling)] };
}

/** The events of some steps after others. */
function writtenBehind(
  { network, events }: Writer,
  ids: readonly number[],
  steps: number,
  sampling: SamplingOptions,
): number[] {
  const decoder = new EventDecoder(network, events, {});
  const settings = {
    ...sampling,
    // Begins as if a step had ended.
    prompt: [[END_OF_STEP, ...ids]],
    maxLength: steps * (events.notes + 1),
  };
  const written: number[] = [];
  try {
    let left = steps;
    for (const { id } of sampleTokens(decoder, settings)) {
      written.push(id);
      if (id === END_OF_STEP && --left === 0) break;
    }
    return written;
  } finally {
    decoder.dispose();
  }
}

/** Steps of which each note is drawn alone. */
function drawn(
  op: string,
  { network, events }: Writer,
  before: Piece,
  steps: number,
  { temperature = 1, seed }: SamplingOptions,
): Notes[] {
  if (!(temperature >= 0 && temperature < Infinity))
    throw new OptionError({ op, expected: "temperature at least 0", got: String(temperature) });
  const { columns } = network;
  const stream = new MusicStream(network, 1);
  const generator = new Generator(seed);
  const [vector, logits] = [new Float32Array(stream.size), new Float32Array(events.notes)];
  const isDrawn = (logit: number): boolean =>
    temperature === 0 ? logit > 0 : generator.uniform() < 1 / (1 + exp(-logit / temperature));
  const read = (notes: Notes, writes: boolean): void => {
    const sounding = notes.map((note) => columns.before + note - events.lowest);
    stream.sum([...sounding, shiftColumn(columns, 0)], vector);
    stream.read(0, vector);
    stream.step(writes ? logits : undefined);
  };
  const written: Notes[] = [];
  try {
    // A piece begins after silence.
    const known = [[], ...before.steps];
    known.forEach((notes, t) => read(notes, t === known.length - 1));
    for (;;) {
      const notes = Array.from(logits.keys()).filter((note) => isDrawn(logits[note]!));
      written.push(notes.map((note) => events.lowest + note));
      if (written.length === steps) return written;
      read(written.at(-1)!, true);
    }
  } finally {
    stream.dispose();
  }
}
