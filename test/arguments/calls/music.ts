// Pieces of music, and the models that write them.
import { pianoRoll } from "../../../src/inspect/index.js";
import { MusicModel } from "../../../src/models/index.js";
import * as music from "../../../src/music/index.js";
import { call, made, method, type Call } from "../wrong-calls.js";

const PIECE = { steps: [[60, 64], [62]] };
const SMALL = { hiddenSize: 2, embeddingSize: 2 };
const events = () => new music.NoteEvents();
const model = () => MusicModel.build([PIECE], SMALL);
const STREAMS = { "0": ["function", "instance"] } as const;
const PIECES = { "0": ["array", "object"] } as const;
const FIT = { epochs: 1, learningRate: 0.1, transpose: 1, sequenceLength: 4 };

export const MUSIC_CALLS: Readonly<Record<string, Call>> = {
  readMidi: call(music.readMidi, () => [
    music.writeMidi(PIECE),
    { stepsPerBeat: 2, name: "a.mid" },
  ]),
  writeMidi: call(music.writeMidi, () => [PIECE, { tempo: 90, stepsPerBeat: 2, program: 0 }], {
    also: PIECES,
  }),
  "new NoteEvents": made(music.NoteEvents, () => [{ lowest: 40, highest: 80, held: true }]),
  "NoteEvents.encode": method(events, "encode", () => [PIECE], { also: PIECES }),
  "NoteEvents.decode": method(events, "decode", () => [[4, 0]], { also: { "0": "typed array" } }),
  "NoteEvents.noteOf": method(events, "noteOf", () => [4]),
  "NoteEvents.isHeld": method(events, "isHeld", () => [4]),
  pianoRoll: call(pianoRoll, () => [PIECE, { title: "A", description: "Two steps.", mark: 1 }], {
    also: PIECES,
  }),
  "new MusicModel": made(MusicModel, () => [SMALL, { tempo: 90, stepsPerBeat: 2 }]),
  "MusicModel.build": call(MusicModel.build, () => [[PIECE], SMALL], { also: STREAMS }),
  "MusicModel.load": call(MusicModel.load, () => [model().save()]),
  "MusicModel.fit": method(model, "fit", () => [[PIECE], { ...FIT, validation: [PIECE] }], {
    also: { ...STREAMS, "1.validation": ["function", "instance"] },
  }),
  "MusicModel.evaluate": method(model, "evaluate", () => [[PIECE]], { also: STREAMS }),
  "MusicModel.check": method(model, "check", () => [[PIECE], { training: true }], {
    also: STREAMS,
  }),
  "MusicModel.stepLosses": method(model, "stepLosses", () => [PIECE], { also: PIECES }),
  "MusicModel.decoder": method(model, "decoder", () => [{ rows: 1, capacity: 2 }]),
  "MusicModel.generate": method(
    model,
    "generate",
    () => [{ steps: 1, prompt: PIECE, temperature: 1, topK: 3, topP: 0.9, minP: 0.1, seed: 1 }],
    { also: { "0.prompt": ["array", "object"] } },
  ),
};
