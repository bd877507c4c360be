// Models of music: probabilities that sum to one, what is written, files, exact resume.
import { beforeAll, describe, expect, test } from "vitest";
import { beamSearch, greedy } from "../../src/decode/index.js";
import { FormatError, IndexError, manualSeed, OptionError } from "../../src/index.js";
import { binaryCrossEntropyWithLogits } from "../../src/losses/index.js";
import { inputOf, rowOf } from "../../src/models/music/rows.js";
import { encodePiece, wholeOf } from "../../src/models/music/encoded-piece.js";
import { MusicModel, type MusicFitOptions, type MusicOptions } from "../../src/models/index.js";
import type { Piece } from "../../src/music/index.js";
import { noGrad, scope, tensor } from "../../src/index.js";

/** A canon of two voices, in some key. */
const SCALE = [0, 2, 4, 5, 7, 9, 7, 4];
const canon = (length: number, key = 60) =>
  Array.from({ length }, (_, t) => [key - 12 + SCALE[(t + 4) % 8]!, key + SCALE[t % 8]!]);
const PIECES = [canon(24), canon(17), canon(40)];
const SIZES: MusicOptions = { embeddingSize: 8, hiddenSize: 24, lowest: 40, highest: 80 };
const FIT: MusicFitOptions = { steps: 160, learningRate: 0.02, batchSize: 2, transpose: 1 };

async function trained(
  options: MusicOptions = {},
  fit: MusicFitOptions = FIT,
  pieces: readonly (Piece | number[][])[] = PIECES,
) {
  manualSeed(1);
  const model = MusicModel.build(pieces, { ...SIZES, dropout: 0, ...options });
  await model.fit(pieces, fit);
  return model;
}

let joint: MusicModel, independent: MusicModel;
beforeAll(async () => {
  joint = await trained();
  independent = await trained({ notes: "independent" }, { ...FIT, steps: 400, transpose: 0 });
});

/** All steps of a few notes. */
const subsets = (notes: readonly number[]) =>
  Array.from({ length: 2 ** notes.length }, (_, bits) => notes.filter((_, i) => bits & (1 << i)));

describe("the probabilities of all that a step can be sum to one", () => {
  const before = [[60, 62], [61]];
  test.each(["joint", "independent"] as const)("%s notes", (notes) => {
    manualSeed(3);
    const model = new MusicModel({
      notes,
      lowest: 60,
      highest: 63,
      embeddingSize: 4,
      hiddenSize: 6,
    });
    const losses = subsets([60, 61, 62, 63]).map((step) => model.stepLosses([...before, step])[1]!);
    expect(losses.reduce((sum, loss) => sum + Math.exp(-loss), 0)).toBeCloseTo(1, 5);
    expect(new Set(losses).size).toBe(16);
  });

  test("held notes", () => {
    manualSeed(3);
    const model = new MusicModel({
      held: true,
      lowest: 60,
      highest: 62,
      embeddingSize: 4,
      hiddenSize: 6,
    });
    let sum = 0;
    for (const step of subsets([60, 61, 62]))
      // What sounded may be held or struck.
      for (const held of subsets(step.filter((note) => note !== 61)))
        sum += Math.exp(-model.stepLosses({ steps: [[60, 62], step], held: [[], held] })[0]!);
    expect(sum).toBeCloseTo(1, 5);
  });
});

test("the decoder says what the scores say, by events that may follow alone", () => {
  const piece = canon(12, 61);
  const losses = joint.stepLosses(piece);
  const decoder = joint.decoder({ rows: 2, capacity: 3 });
  const logits = new Float32Array(2 * joint.events.size);
  const ids = [0, ...joint.events.encode(piece)];
  let [step, loss] = [0, 0];
  ids.forEach((id, i) => {
    decoder.step(Int32Array.of(id, id), logits);
    const row = logits.subarray(joint.events.size);
    expect([...row]).toEqual([...logits.subarray(0, joint.events.size)]);
    const next = ids[i + 1];
    if (next === undefined) return;
    const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
    loss -= Math.log(Math.exp(row[next]!) / total);
    if (id !== 0)
      expect([...row.subarray(1, id + 1)].every((logit) => logit === -Infinity)).toBe(true);
    if (next !== 0) return;
    if (step > 0) expect(loss).toBeCloseTo(losses[step - 1]!, 4);
    [step, loss] = [step + 1, 0];
  });
  // A row goes on where the one was that it was made of.
  decoder.select(Int32Array.of(1, 0, 1));
  const three = new Float32Array(3 * joint.events.size);
  decoder.step(Int32Array.of(5, 9, 0), three);
  expect(() => decoder.step(Int32Array.of(5, 0, 0), three)).toThrow(IndexError);
  expect(() => decoder.step(Int32Array.of(6, 10, 3), three)).not.toThrow();
  decoder.dispose();
});

test("the stream has the bits of the whole", () => {
  const { events, network } = joint;
  const piece = encodePiece(events, { steps: canon(10) });
  const row = rowOf(wholeOf(piece), events, network.columns, true);
  const whole = scope(() =>
    noGrad(() => network.forward(inputOf([row], network.columns, 0, row.length).x).logits.data()),
  );
  const decoder = joint.decoder();
  const logits = new Float32Array(events.size);
  [0, ...piece.ids.subarray(0, -1)].forEach((id, i) => {
    decoder.step(Int32Array.of(id), logits);
    const expected = whole.subarray(i * events.size, (i + 1) * events.size);
    logits.forEach((logit, other) =>
      expect(logit === -Infinity || logit === expected[other]).toBe(true),
    );
  });
  decoder.dispose();
});

test("searches of hiddenstate/decode work on it", () => {
  const from = () => ({ prompt: [[0, ...joint.events.encode(canon(8))]], maxLength: 12 });
  const [best] = beamSearch(joint.decoder({ capacity: 4 }), { ...from(), beams: 4 })[0]!;
  const [first] = greedy(joint.decoder(), from());
  expect(best!.logProbability).toBeGreaterThanOrEqual(first!.logProbability - 1e-5);
  expect(joint.events.decode(first!.ids).steps).toEqual(canon(12).slice(8));
});

test("independent notes are scored by binary cross-entropy", () => {
  const { events, network } = independent;
  const steps = canon(9);
  const row = rowOf(wholeOf(encodePiece(events, { steps })), events, network.columns, false);
  const target = new Float32Array(9 * events.notes);
  steps.forEach((notes, t) =>
    notes.forEach((note) => (target[t * events.notes + note - events.lowest] = 1)),
  );
  const losses = scope(() => {
    const { logits } = network.forward(inputOf([row], network.columns, 0, 9).x);
    return binaryCrossEntropyWithLogits(logits, tensor(target, { shape: logits.shape }), {
      reduction: "none",
    })
      .sum(2)
      .data();
  });
  independent.stepLosses(steps).forEach((loss, t) => expect(loss).toBeCloseTo(losses[t + 1]!, 4));
});

test("pieces of several lengths are scored together as one by one, also long ones", async () => {
  const pieces = [canon(300), canon(5), canon(700, 61)];
  for (const model of [joint, independent]) {
    const { scores, details } = await model.evaluate(pieces);
    const all = pieces.flatMap((piece) => [...model.stepLosses(piece)]);
    expect(details.steps).toBe(299 + 4 + 699);
    expect(scores.loss).toBeCloseTo(all.reduce((sum, loss) => sum + loss, 0) / all.length, 5);
  }
});

test("what follows a step has no influence on its score", () => {
  for (const model of [joint, independent]) {
    const [one, other] = [
      [...canon(10), [50], [70]],
      [...canon(10), [41, 45, 79], []],
    ].map((piece) => model.stepLosses(piece));
    expect([...one!.subarray(0, 9)]).toEqual([...other!.subarray(0, 9)]);
    expect(one![10]).not.toBe(other![10]);
  }
});

test("both learn a canon, and go on with it", () => {
  for (const model of [joint, independent]) {
    const { steps } = model.generate({ prompt: canon(16), steps: 8, temperature: 0 });
    expect(steps).toEqual(canon(24));
  }
});

test("the same seed writes the same, another one something else; topK and topP narrow", () => {
  for (const model of [joint, independent]) {
    const write = (seed: number) => model.generate({ steps: 30, seed, temperature: 1.5 }).steps;
    expect(write(1)).toEqual(write(1));
    expect(write(1)).not.toEqual(write(2));
    expect(write(1)).toHaveLength(30);
  }
  const greedy = joint.generate({ steps: 8, temperature: 0 }).steps;
  expect(joint.generate({ steps: 8, topK: 1 }).steps).toEqual(greedy);
  expect(joint.generate({ steps: 8, topP: 0.001 }).steps).toEqual(greedy);
});

describe("durations", () => {
  const long = (length: number): Piece => {
    const steps = Array.from({ length }, (_, t) => [48 + (Math.floor(t / 2) % 8)]);
    return {
      steps,
      held: steps.map((notes, t) => (t % 2 ? notes : [])),
      stepsPerBeat: 2,
      tempo: 80,
    };
  };
  test("are learnt where all pieces have them, and written with the grid and the tempo", async () => {
    const model = await trained({}, { ...FIT, steps: 240, transpose: 0 }, [long(32), long(24)]);
    expect(model.options.held).toBe(true);
    expect(model.notes.chosen).toEqual({ held: true });
    const piece = model.generate({ prompt: long(16), steps: 8, temperature: 0 });
    expect(piece).toEqual(long(24));
    expect(model.generate({ steps: 4 })).toMatchObject({ stepsPerBeat: 2, tempo: 80 });
    expect(() => model.generate({ prompt: canon(4) })).toThrow("which notes are held");
    expect(MusicModel.build([long(8), canon(8)], SIZES).options.held).toBe(false);
  });
});

test("a file gives the same model", async () => {
  for (const model of [joint, independent]) {
    const loaded = MusicModel.load(model.save());
    expect([...loaded.stepLosses(canon(9))]).toEqual([...model.stepLosses(canon(9))]);
    expect(loaded.generate({ steps: 9, seed: 4 })).toEqual(model.generate({ steps: 9, seed: 4 }));
  }
  const bytes = joint.save();
  expect(() => MusicModel.load(bytes.subarray(0, 99))).toThrow(FormatError);
});

test("a run that is cut off and resumed ends with the same bits, long pieces cut at random among it", async () => {
  const fit = {
    epochs: 4,
    batchSize: 2,
    sequenceLength: 12,
    transpose: 3,
    validation: [canon(12)],
  };
  const begin = () => {
    manualSeed(2);
    return MusicModel.build(PIECES, { ...SIZES, dropout: 0.3 });
  };
  const whole = begin();
  const { steps } = await whole.fit(PIECES, fit);
  expect(steps).toBe(4 * 4);
  let kept: Uint8Array | undefined;
  await begin().fit(PIECES, {
    ...fit,
    checkpoint: { every: 6, save: (bytes) => void (kept ??= bytes) },
  });
  const resumed = MusicModel.build(PIECES, { ...SIZES, dropout: 0.3 });
  await resumed.fit(PIECES, { ...fit, checkpoint: { save: () => {}, resume: kept! } });
  expect(resumed.save()).toEqual(whole.save());
});

describe("refuses", () => {
  test.each<[string, () => unknown, string]>([
    [
      "notes beyond its range",
      () => joint.evaluate([canon(4), [[60], [81]]]),
      "notes from 40 to 80, got 81 at step 1 in piece 1",
    ],
    ["a single step", () => joint.fit([[[60]]]), "at least two steps"],
    ["no piece", () => joint.evaluate([]), "at least one piece"],
    ["what is no piece", () => MusicModel.build([[60, 62]] as never), "in piece 0"],
    [
      "pieces of several grids",
      () =>
        MusicModel.build([
          { steps: [[60]], stepsPerBeat: 4 },
          { steps: [[60]], stepsPerBeat: 2 },
        ]),
      "4 stepsPerBeat",
    ],
    [
      "topP of independent notes",
      () => independent.generate({ topP: 0.9 }),
      "each of which is drawn alone, got topP",
    ],
    [
      "held independent notes",
      () => new MusicModel({ notes: "independent", held: true }),
      'held with notes "joint"',
    ],
    ["a decoder of independent notes", () => independent.decoder(), 'notes "joint"'],
    ["no steps to write", () => joint.generate({ steps: 0 }), "steps"],
    [
      "a temperature below 0",
      () => independent.generate({ temperature: -1 }),
      "temperature at least 0",
    ],
  ])("%s", async (_, run, message) => {
    const refused = async () => await run();
    await expect(refused()).rejects.toThrow(OptionError);
    await expect(refused()).rejects.toThrow(message);
  });
});

test("bytes of a MIDI file are told how they are read", () => {
  const bytes = Uint8Array.of(77, 84, 104, 100) as never;
  expect(() => MusicModel.build([bytes])).toThrow(/bytes of a file in piece 0.*readMidi\(bytes\)/);
});
