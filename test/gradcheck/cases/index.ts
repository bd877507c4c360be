// The cases of every operation, by its name.
import type { GradientCase } from "../check.js";
import { attention } from "./attention.js";
import { composed } from "./composed.js";
import { crf } from "./crf.js";
import { ctc } from "./ctc.js";
import { decoders } from "./decoders.js";
import { elementwise } from "./elementwise.js";
import { layers } from "./layers.js";
import { losses } from "./losses.js";
import { ntm } from "./ntm.js";
import { products } from "./products.js";
import { recurrent } from "./recurrent.js";
import { reductions } from "./reductions.js";
import { sequences } from "./sequences.js";
import { shape } from "./shape.js";
import { windowed } from "./windows.js";

export const CASES: Record<string, GradientCase[]> = {
  ...composed,
  ...crf,
  ...ctc,
  ...decoders,
  ...elementwise,
  ...reductions,
  ...shape,
  ...products,
  ...layers,
  ...recurrent,
  ...losses,
  ...ntm,
  ...sequences,
  ...attention,
  ...windowed,
};
