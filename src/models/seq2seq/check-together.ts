// Options that do not fit together.
import { OptionError } from "../../core/errors.js";
import type { OptionNaming } from "../../core/options.js";
import { checkHeads } from "../parts/check-heads.js";
import {
  seq2seqSettings,
  type RecurrentSettings,
  type Seq2SeqOptions,
  type TransformerSettings,
} from "./options.js";

type Refuse = (expected: string, got: string) => never;

/**
 * Refuses options that do not fit together, or that the architecture does not have.
 *
 * @param given before defaults are filled in
 * @param joint whether both sides have one vocabulary, or may have one as far as options say
 */
export function checkTogether(
  op: string,
  given: Seq2SeqOptions,
  joint: boolean,
  named: OptionNaming = (name) => name,
): void {
  const refuse: Refuse = (expected, got) => {
    throw new OptionError({ op, expected, got });
  };
  const settings = seq2seqSettings(op, given, named);
  if (given.tieEmbeddings === "all" && !joint)
    refuse(`one vocabulary for both sides with ${named("tieEmbeddings")} all`, "one each");
  if (settings.architecture === "transformer")
    checkTransformer(op, settings as TransformerSettings, refuse, named);
  else checkRecurrent(settings as RecurrentSettings, refuse, named);
}

function checkRecurrent(settings: RecurrentSettings, refuse: Refuse, named: OptionNaming): void {
  const { placement, numLayers, bidirectional, hiddenSize, residual } = settings;
  checkPlacement(settings, refuse, named);
  if (bidirectional && placement !== "gnmt" && hiddenSize % 2 > 0)
    refuse(
      `an even ${named("hiddenSize")}, half of it for each direction of the encoder`,
      String(hiddenSize),
    );
  if (settings.freezeVectors && settings.tieEmbeddings === "all")
    refuse(
      `${named("freezeVectors")} without ${named("tieEmbeddings")} all, whose matrix writes too`,
      "both",
    );
  if (residual && numLayers === 1)
    refuse(
      `${named("numLayers")} above 1 with ${named("residual")}, which goes past a layer`,
      "one layer",
    );
}

/** Refuses a place for attention that there is none for. */
export function checkPlacement(
  {
    attention,
    placement,
    numLayers,
  }: Pick<RecurrentSettings, "attention" | "placement" | "numLayers">,
  refuse: Refuse,
  named: OptionNaming = (name) => name,
): void {
  if (attention === "none" && placement !== undefined)
    refuse(`no ${named("placement")} where ${named("attention")} is none`, placement);
  if (placement === "gnmt" && numLayers < 2)
    refuse(
      `${named("numLayers")} of at least 2 for ${named("placement")} "gnmt"`,
      String(numLayers),
    );
}

function checkTransformer(
  op: string,
  settings: TransformerSettings,
  refuse: Refuse,
  named: OptionNaming,
): void {
  const { hiddenSize, numHeads, positions, contextLength } = settings;
  const features = { name: "hiddenSize", size: hiddenSize };
  checkHeads(op, features, { numHeads, rotary: positions === "rotary" }, named);
  if (positions === "sinusoidal" && hiddenSize % 2 > 0)
    refuse(
      `an even ${named("hiddenSize")} for ${named("positions")} "sinusoidal"`,
      String(hiddenSize),
    );
  if (contextLength !== undefined && positions !== "learned")
    refuse(
      `${named("contextLength")} beside ${named("positions")} "learned" only`,
      `${contextLength} with "${positions}", which have no end`,
    );
}
