// Music: MIDI files and piano rolls; what comes next.
import { log } from "../../core/exp-log.js";
import { definedOnly } from "../../core/check.js";
import { Fingerprint } from "../../core/fingerprint.js";
import { number, text, whole } from "../../core/options.js";
import { holdOut } from "../../data/hold-out.js";
import { pianoRoll } from "../../inspect/piano-roll.js";
import { scoresText } from "../../metrics/metric.js";
import type { MusicDetails } from "../../models/music/scorer.js";
import { MusicModel } from "../../models/music/music-model.js";
import { BUILD_MUSIC_OPTIONS, MUSIC_FIT_OPTIONS } from "../../models/music/options.js";
import type { Piece } from "../../music/piece.js";
import { readMidi } from "../../music/read-midi.js";
import { writeMidi } from "../../music/write-midi.js";
import { checkWritable, readBytes, writeBytes } from "../../platform/node/files.js";
import { counted } from "../counted.js";
import { fewNote, withPlaces } from "../data/example-files.js";
import {
  MUSIC_READING,
  readMusicFiles,
  titleOf,
  type FilePiece,
  type PartName,
} from "../data/music-files.js";
import { defineTask, type Given, type Part } from "../task.js";
import { checkUsage, UsageError } from "../usage.js";
import { PROMPT, SAMPLING, WRITING } from "./write-text.js";

type Source = readonly Piece[];

/** A piece is long: a tenth of these is hundreds of steps. */
const FEWEST_PIECES = 20;

const HELD_OUT = number(
  { least: 0, below: 1 },
  0.1,
  "share of the pieces, by chance, kept for validation where there are no others",
);

function part(name: string, pieces: readonly FilePiece[]): Part<Source> {
  const print = new Fingerprint();
  print.add(JSON.stringify(pieces.map(({ piece }) => piece)));
  return {
    source: pieces.map(({ piece }) => piece),
    name,
    fingerprint: String(print),
    where: (number) => Promise.resolve(pieces[number]!.place),
  };
}

const nameOf = (files: readonly string[]): string =>
  files.length === 1 ? files[0]! : `${files[0]!} and ${counted(files.length - 1, "other")}`;

/** The pieces of one part: what no file names is of it, too. */
async function partOf(
  files: readonly string[],
  name: PartName,
  given: Given,
): Promise<Part<Source>> {
  const { pieces, parts } = await readMusicFiles(files, given);
  return part(nameOf(files), [...pieces, ...(parts[name] ?? [])]);
}

const stepsIn = (pieces: Source): number => pieces.reduce((sum, one) => sum + one.steps.length, 0);

export const music = defineTask<Source, MusicModel>({
  name: "music",
  noun: "model of music",
  kind: "music-model",
  summary: "pieces of music, MIDI files: learn to write like them",
  description: "Learn to write music like some pieces: MIDI files, or piano rolls in JSON.",
  help: `Examples:
  hiddenstate train --task music --train *.mid
  hiddenstate train --task music --train chorales.json --steps-per-beat 1
  hiddenstate train --task music --train chorales.json --notes independent
  hiddenstate generate --model music.safetensors --out piece.mid --svg piece.svg
  hiddenstate generate --model music.safetensors --prompt begin.mid --steps 128 --out piece.mid

Pieces are MIDI files, folders of them, or JSON: a list of pieces, each a list of steps, each the list of notes that sound; or an
object with such lists as train, valid and test, as the data sets of the literature have it.
The score is the negative log-likelihood of a step given those before it, in nats; the first step of a piece is read only.`,
  reading: MUSIC_READING,
  data: { heldOut: HELD_OUT },
  model: BUILD_MUSIC_OPTIONS,
  training: MUSIC_FIT_OPTIONS,
  severalFiles: true,

  async parts(given) {
    const { train, valid, test } = given as Partial<Record<PartName, string[]>>;
    if (train === undefined)
      throw new UsageError({ op: "train", expected: "--train FILES", got: "none" });
    const { pieces, parts } = await readMusicFiles(train, given);
    const all = [...pieces, ...(parts.train ?? [])];
    const other = async (name: "valid" | "test", files: string[] | undefined) =>
      files
        ? partOf(files, name, given)
        : parts[name] && part(`${name} of ${nameOf(train)}`, parts[name]);
    const { heldOut = HELD_OUT.default!, seed = 1 } = given as Record<string, number>;
    const given_ = await other("valid", valid);
    const fewest = given.heldOut === undefined ? FEWEST_PIECES : 2;
    const split = given_ ? undefined : holdOut(all, heldOut, seed, undefined, fewest);
    const learnt = part(nameOf(train), split?.learnt ?? all);
    const few = !given_ && given.heldOut === undefined && all.length < fewest;
    const kept =
      split && part(`a part of ${nameOf(train)} (${split.kept.length} by chance)`, split.kept);
    const validation = given_ ?? kept;
    const sizes = `${counted(learnt.source.length, "piece")} of ${stepsIn(learnt.source)} steps to learn from`;
    return {
      train: few ? { ...learnt, notes: [fewNote(fewest)] } : learnt,
      valid: validation,
      test: await other("test", test),
      summary: validation ? `${sizes}; ${validation.name} is for validation` : sizes,
    };
  },

  read: (file, given, { notes: { data = {} } }, others = []) =>
    partOf([file, ...others], "test", { ...data, ...given }),

  async examine(model, part, training) {
    await withPlaces(part, () => model.check(part.source, { training }));
    return part.notes ?? [];
  },
  lengthUnit: () => "step",

  build: ({ train }, given) => withPlaces(train, () => MusicModel.build(train.source, given)),
  load: (bytes) => MusicModel.load(bytes),
  progress: ({ batchSize }) => ({ items: batchSize, unit: "piece" }),

  report: ({ scores, details }, { metrics }) =>
    `${scoresText(metrics, scores)} nats a step, of ${(details as MusicDetails).steps} steps`,
  details: ({ details }) => details as MusicDetails,
  evaluation: {
    options: {},
    run: (model, source) => model.evaluate(source),
    endsWithJson: true,
  },
  baseline: ({ train }, { source }, { events }) => ({
    name: "Each note by how often it sounds",
    scores: { loss: lossByFrequency(train.source, source, events) },
  }),

  generate: {
    options: {
      prompt: PROMPT,
      out: { ...text("piece.mid", "music: the MIDI file that it writes"), form: "a file" },
      svg: {
        ...text(undefined, "music: a piano roll of it too, as SVG (default: none)"),
        form: "a file",
      },
      steps: whole(1, 64, "music: steps to write, beside those of the prompt"),
      seed: WRITING.seed,
      ...SAMPLING,
    },
    run: (model, given) => writePiece(model, given),
  },
});

/** What counting says: each note sounds as often as in training, whatever was before. Add-one estimates. */
function lossByFrequency(
  learnt: Source,
  scored: Source,
  { lowest, notes }: { lowest: number; notes: number },
): number {
  const count = new Float64Array(notes).fill(1);
  for (const { steps } of learnt) for (const note of steps.flat()) count[note - lowest]!++;
  const total = stepsIn(learnt) + 2;
  const silent = count.reduce((sum, one) => sum - log(1 - one / total), 0);
  const sounds = count.map((one) => log(1 - one / total) - log(one / total));
  let [loss, counted] = [0, 0];
  for (const { steps } of scored)
    for (const step of steps.slice(1)) {
      loss += step.reduce((sum, note) => sum + sounds[note - lowest]!, silent);
      counted++;
    }
  return loss / counted;
}

async function writePiece(model: MusicModel, given: Given): Promise<string> {
  const {
    prompt,
    out = "piece.mid",
    svg,
    steps,
    seed = 1,
    ...sampling
  } = given as {
    prompt?: string;
    out?: string;
    svg?: string;
    steps?: number;
    seed?: number;
    temperature?: number;
    topK?: number;
    topP?: number;
  };
  for (const file of [out, svg]) if (file !== undefined) await checkWritable(file);
  const { stepsPerBeat } = model.timing;
  const read =
    prompt === undefined
      ? undefined
      : readMidi(await readBytes(prompt), definedOnly({ name: prompt, stepsPerBeat }));
  const { temperature, topP } = SAMPLING;
  // Independent notes are drawn one by one: there is nothing to choose among.
  const own = model.options.notes === "joint" && { topP: topP.default };
  const options = {
    temperature: temperature.default,
    ...own,
    seed,
    ...sampling,
    ...definedOnly({ prompt: read, steps }),
  };
  const piece = checkUsage(() => model.generate(options));
  await writeBytes(out, writeMidi(piece));
  const mark = read?.steps.length;
  if (svg !== undefined) {
    const drawn = pianoRoll(piece, { title: titleOf(out), ...definedOnly({ mark }) });
    await writeBytes(svg, new TextEncoder().encode(drawn));
  }
  const notes = piece.steps.reduce((sum, step) => sum + step.length, 0);
  const told = JSON.stringify({
    midiFile: out,
    ...(svg !== undefined && { svgFile: svg }),
    steps: piece.steps.length,
    notes,
  });
  console.log(told);
  return told;
}
