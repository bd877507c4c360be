// The chorales of Boulanger-Lewandowski et al. 2012 as JSON: { train, valid, test }, pieces of steps of keys of a piano, from 0.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const A0 = 21;

export function readChorales(folder) {
  const file = readFileSync(join(folder, "jsb", "jsb_chorales.json.gz"));
  const parts = JSON.parse(gunzipSync(file).toString());
  const pieceOf = (piece) => ({
    steps: piece.map((keys) => keys.map((key) => key + A0)),
    stepsPerBeat: 1,
  });
  return Object.fromEntries(
    Object.entries(parts).map(([name, pieces]) => [name, pieces.map(pieceOf)]),
  );
}
