// The model of a tokenizer.json: its tokens, its merges, and how a piece is spelled before they are made.
import { Vocabulary } from "../vocabulary.js";
import { byteToken, bytesOf } from "../subwords/bytes.js";
import type { Merge } from "../subwords/merges.js";
import type { AddedToken } from "./added-tokens.js";
import { field, listOf, partOf, refused, type Part } from "./fields.js";

export interface BpeModel {
  readonly vocabulary: Vocabulary;
  readonly merges: readonly Merge[];
  spell(piece: string, ids: number[]): void;
  /** The id of a piece that is a token itself, where merges are not asked then. */
  whole(piece: string): number | undefined;
}

const PLACE = "model";

export function bpeModelOf(
  value: unknown,
  added: readonly AddedToken[],
  padding: unknown,
): BpeModel {
  const model = partOf(value, PLACE);
  // Files from before types were written have merges.
  const type = model.type ?? (Array.isArray(model.merges) ? "BPE" : undefined);
  if (type !== "BPE")
    throw refused('"BPE"', type, "model.type", "Unigram, WordPiece and WordLevel are not read.");
  if (field(model, "dropout", 0, PLACE) > 0)
    throw refused(
      "0 or null",
      model.dropout,
      "model.dropout",
      "Set it to null, and ask for it: encode(text, { dropout }).",
    );
  const ids = idsOf(model);
  const text = (name: string) =>
    (model[name] ?? null) !== null ? field(model, name, "", PLACE) : undefined;
  const unknown = text("unk_token");
  const vocabulary = vocabularyOf(ids, added, { unknown, padding });
  const flag = (name: string) => field(model, name, false, PLACE);
  return {
    vocabulary,
    merges: mergesOf(model, ids, text("continuing_subword_prefix")?.length ?? 0),
    spell: spellerOf(ids, {
      ...{
        prefix: text("continuing_subword_prefix") ?? "",
        suffix: text("end_of_word_suffix") ?? "",
      },
      ...{ unknown, fuses: flag("fuse_unk"), bytes: flag("byte_fallback") },
    }),
    whole: flag("ignore_merges") ? (piece) => ids.get(piece) : () => undefined,
  };
}

function idsOf(model: Part): Map<string, number> {
  const entries = Object.entries(partOf(model.vocab, "model.vocab"));
  for (const [token, id] of entries)
    if (!Number.isSafeInteger(id) || (id as number) < 0)
      throw refused("an id", id, `model.vocab[${JSON.stringify(token)}]`);
  return new Map(entries as [string, number][]);
}

/** Tokens by id. An id that the file leaves out has a token that no text is encoded as. */
function vocabularyOf(
  ids: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
  { unknown, padding }: { unknown: string | undefined; padding: unknown },
): Vocabulary {
  const all = [...ids, ...added.map(({ content, id }) => [content, id] as const)];
  const size = all.reduce((most, [, id]) => Math.max(most, id + 1), 0);
  // Ids far apart would make a list of nothing else.
  if (size > 2 * all.length + 1000)
    throw refused(`ids below ${2 * all.length + 1000}`, size - 1, "model.vocab");
  const tokens = Array.from({ length: size }, (_, id) => `[unused ${id}]`);
  const owners = new Map<number, string>();
  for (const [token, id] of all) {
    const owner = owners.get(id) ?? token;
    if (id < 0 || owner !== token || (ids.get(token) ?? id) !== id)
      throw refused(
        "an id of its own for each token",
        `${token} with ${id}`,
        "model.vocab and added_tokens",
      );
    owners.set(id, token);
    tokens[id] = token;
  }
  const known = new Set(tokens);
  if (unknown !== undefined && !known.has(unknown))
    throw refused("a token of model.vocab", unknown, "model.unk_token");
  const pad = (Object(padding) as Part).pad_token;
  return new Vocabulary(tokens, {
    unknown,
    ...(typeof pad === "string" && known.has(pad) && { padding: pad }),
  });
}

/** A pair that comes twice has the place of its last. */
function mergesOf(model: Part, ids: ReadonlyMap<string, number>, prefixLength: number): Merge[] {
  const merges = new Map<string, Merge>();
  listOf(model.merges, "model.merges").forEach((one, i) => {
    const place = `model.merges[${i}]`;
    const pair: unknown = typeof one === "string" ? one.split(" ") : one;
    if (
      !Array.isArray(pair) ||
      pair.length !== 2 ||
      !pair.every((part) => typeof part === "string")
    )
      throw refused("two tokens", one, place);
    const [left, right] = pair as [string, string];
    const [leftId, rightId, id] = [left, right, left + right.slice(prefixLength)].map((token) => {
      const id = ids.get(token);
      if (id === undefined) throw refused("tokens of model.vocab", token, place);
      return id;
    }) as [number, number, number];
    const key = `${leftId} ${rightId}`;
    merges.delete(key);
    merges.set(key, [leftId, rightId, id]);
  });
  return [...merges.values()];
}

interface Spelling {
  /** Before each symbol but a piece's first. */
  readonly prefix: string;
  /** Behind a piece's last. */
  readonly suffix: string;
  readonly unknown: string | undefined;
  /** Whether unknown characters side by side are one. */
  readonly fuses: boolean;
  readonly bytes: boolean;
}

/** What is unknown comes with the next symbol that is known, as in the library that wrote the file: bytes go before it. */
function spellerOf(ids: ReadonlyMap<string, number>, spelling: Spelling): BpeModel["spell"] {
  const { prefix, suffix, fuses, bytes } = spelling;
  const unknown = spelling.unknown === undefined ? undefined : ids.get(spelling.unknown);
  if (spelling.unknown !== undefined && unknown === undefined)
    throw refused("a token of model.vocab", spelling.unknown, "model.unk_token");
  return (piece, out) => {
    const characters = [...piece];
    let open = 0;
    const flush = () => {
      for (; open > 0; open--) out.push(unknown!);
    };
    characters.forEach((character, i) => {
      const symbol =
        (i > 0 ? prefix : "") + character + (i === characters.length - 1 ? suffix : "");
      const id = ids.get(symbol);
      if (id !== undefined) {
        flush();
        out.push(id);
        return;
      }
      const spelled = bytes ? bytesOfSymbol(symbol, ids) : undefined;
      if (spelled) out.push(...spelled);
      else if (unknown !== undefined) {
        if (!fuses) flush();
        open = 1;
      }
    });
    flush();
  };
}

function bytesOfSymbol(symbol: string, ids: ReadonlyMap<string, number>): number[] | undefined {
  const spelled = Array.from(symbol, (one) => bytesOf(one.codePointAt(0)!))
    .flat()
    .map((byte) => ids.get(byteToken(byte)));
  return spelled.includes(undefined) ? undefined : (spelled as number[]);
}
