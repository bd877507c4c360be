// Pieces of music from files: MIDI, and piano rolls in JSON as the data sets of the literature have them.
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { choice, whole, type OptionTable } from "../../core/options.js";
import { quoted } from "../../core/code-points.js";
import { FormatError, HiddenstateError } from "../../core/errors.js";
import { jsonFaultIn } from "../../data/json-fault.js";
import { readPiece, type Piece } from "../../music/piece.js";
import { readMidi } from "../../music/read-midi.js";
import { readBytes } from "../../platform/node/files.js";
import type { Given } from "../task.js";
import { readWholeText } from "./read-text.js";

/** A piece, and where it is from. */
export interface FilePiece {
  readonly piece: Piece;
  readonly place: string;
}

export type PartName = "train" | "valid" | "test";

/** What some files hold: pieces that are all of one part, or parts that a file names itself. */
export interface MusicFiles {
  readonly pieces: readonly FilePiece[];
  readonly parts: Readonly<Partial<Record<PartName, readonly FilePiece[]>>>;
}

/** How files are read. */
export const MUSIC_READING: OptionTable = {
  stepsPerBeat: whole(
    1,
    4,
    "steps of a beat, a quarter note: the grid of MIDI files, the tempo of rolls",
  ),
  numbering: choice(
    ["midi", "keys"],
    "midi",
    "numbers of notes in JSON: midi, 60 is middle C; keys, of a piano from 0, 39 is middle C",
  ),
};

const A0 = 21;
const MIDI = [".mid", ".midi", ".smf"];
const PARTS = ["train", "valid", "test"] as const;

/** The pieces of files, and of the files of folders. */
export async function readMusicFiles(paths: readonly string[], given: Given): Promise<MusicFiles> {
  const pieces: FilePiece[] = [];
  const parts: Partial<Record<PartName, FilePiece[]>> = {};
  for (const file of (await Promise.all(paths.map(filesIn))).flat()) {
    if (MIDI.includes(extname(file).toLowerCase())) {
      const bytes = await readBytes(file);
      const { stepsPerBeat } = given as { stepsPerBeat?: number };
      const piece = readMidi(bytes, { name: file, stepsPerBeat });
      if (piece.steps.length === 0)
        throw new FormatError({
          op: "read",
          expected: "a piece with notes, those of percussion aside",
          got: `none (${file})`,
        });
      pieces.push({ piece, place: file });
      continue;
    }
    const found = await rollsIn(file, given);
    if (Array.isArray(found)) pieces.push(...found);
    else
      for (const name of PARTS)
        if (found[name]) parts[name] = [...(parts[name] ?? []), ...found[name]];
  }
  return { pieces, parts };
}

async function filesIn(path: string): Promise<string[]> {
  const there = await stat(path).catch(() => undefined);
  if (!there?.isDirectory()) return [path];
  const names = (await readdir(path)).sort();
  const files = names.filter((name) => [...MIDI, ".json"].includes(extname(name).toLowerCase()));
  if (files.length > 0) return files.map((name) => join(path, name));
  throw new FormatError({
    op: "read",
    expected: "files that end in .mid, .midi or .json",
    got: `none in ${path}`,
  });
}

type Rolls = FilePiece[] | Partial<Record<PartName, FilePiece[]>>;

/** A list of pieces, or `{ train, valid, test }` of such lists. */
async function rollsIn(file: string, given: Given): Promise<Rolls> {
  const text = await readWholeText(file);
  let json: unknown;
  try {
    json = JSON.parse(text) as unknown;
  } catch (cause) {
    const at = jsonFaultIn(text);
    const line = text.slice(0, at).split("\n").length;
    const got = at < text.length ? quoted(text.slice(at, at + 20)) : "the end of the file";
    throw new FormatError(
      {
        op: "read",
        expected: "JSON, or a MIDI file that ends in .mid",
        got: `${got} (${file}, line ${line})`,
      },
      { cause },
    );
  }
  const listOf = (list: unknown, part: string): FilePiece[] => {
    if (!Array.isArray(list))
      throw new FormatError({
        op: "read",
        expected: `a list of pieces${part}, each a list of steps, each a list of notes`,
        got: `${typeof list} (${file})`,
      });
    return list.map((piece: unknown, i) => {
      const place = `${file}, piece ${i}${part}`;
      return { piece: rollOf(piece, place, given), place };
    });
  };
  if (Array.isArray(json)) return listOf(json, "");
  const named = Object(json) as Record<string, unknown>;
  // Both names are common.
  const found = PARTS.map(
    (name) => [name, named[name] ?? (name === "valid" ? named.validation : undefined)] as const,
  );
  const there = found.filter(([, list]) => list !== undefined);
  if (there.length === 0)
    throw new FormatError({
      op: "read",
      expected: "a list of pieces, or an object with train, valid, test",
      got: `${quoted(JSON.stringify(json).slice(0, 40))} (${file})`,
    });
  return Object.fromEntries(there.map(([name, list]) => [name, listOf(list, ` of ${name}`)]));
}

function rollOf(piece: unknown, place: string, { numbering, stepsPerBeat }: Given): Piece {
  const first = numbering === "keys" ? A0 : 0;
  try {
    const steps = Array.isArray(piece)
      ? piece.map((notes: unknown) =>
          // A voice that is silent is -1 in chorales by their voices.
          Array.isArray(notes)
            ? notes.filter((note) => note !== -1).map((note: number) => note + first)
            : notes,
        )
      : piece;
    const read = readPiece("read", steps);
    return stepsPerBeat === undefined ? read : { ...read, stepsPerBeat: stepsPerBeat as number };
  } catch (cause) {
    if (!(cause instanceof HiddenstateError)) throw cause;
    throw new FormatError({ ...cause, got: `${cause.got} (${place})` }, { cause });
  }
}

/** A file's name without its folder and its end. */
export function titleOf(path: string): string {
  return basename(path.replace(/[/\\]$/, ""), extname(path));
}
