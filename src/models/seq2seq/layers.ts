// The encoder and the writer that an architecture has.
import type { RecurrentSettings, Seq2SeqSettings, TransformerSettings } from "./options.js";
import { RecurrentEncoder } from "./recurrent-encoder.js";
import { RecurrentWriter } from "./recurrent-writer.js";
import type { Side } from "./side.js";
import { TransformerSourceEncoder } from "./transformer-encoder.js";
import { TransformerWriter } from "./transformer-writer.js";

export interface Layers {
  readonly encoder: RecurrentEncoder | TransformerSourceEncoder;
  readonly writer: RecurrentWriter | TransformerWriter;
}

export function layersOf(source: Side, target: Side, options: Seq2SeqSettings): Layers {
  if (options.architecture === "transformer") {
    const settings = options as TransformerSettings;
    const encoder = new TransformerSourceEncoder(source, settings);
    return { encoder, writer: new TransformerWriter(target, encoder, settings) };
  }
  const settings = options as RecurrentSettings;
  const encoder = new RecurrentEncoder(source, settings);
  return { encoder, writer: new RecurrentWriter(target, encoder, settings) };
}
