// What a Seq2Seq model is made of.
import {
  api,
  byTheData,
  checkOptions,
  choice,
  flag,
  number,
  probability,
  readOptions,
  whole,
  type OptionNaming,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { definedOnly } from "../../core/check.js";
import type { WordVectors } from "../../vectors/word-vectors.js";
import { tableOf, type ArchitectureOptions } from "../kit/architecture.js";
import { PAIR_TOKEN_OPTIONS, type PairTokenOptions } from "./token-options.js";

export interface Seq2SeqOptions {
  /**
   * What reads and writes: `"recurrent"`, layers that carry a state from token to token, or `"transformer"`, layers of
   * attention (Vaswani et al. 2017). Default `"recurrent"`.
   */
  architecture?: "recurrent" | "transformer" | undefined;
  /** Recurrent: size of a token's vector. Default 256. */
  embeddingSize?: number | undefined;
  /**
   * Size of the recurrent decoder's state, and of the encoder's in both directions together; of a Transformer, features of a
   * token everywhere. Default: 256, of a Transformer 192.
   */
  hiddenSize?: number | undefined;
  /**
   * Recurrent: whether the vectors of the source's tokens stay as they are in training, such as those of `vectors`. Not with
   * tieEmbeddings `"all"`. Default false.
   */
  freezeVectors?: boolean | undefined;
  /** Recurrent: the cell of encoder and decoder. Default `"lstm"`. */
  cell?: "lstm" | "gru" | undefined;
  /** Layers of encoder and decoder, each. Default: 1, of a Transformer 3. */
  numLayers?: number | undefined;
  /** Recurrent: whether the encoder reads backwards too. Default true. */
  bidirectional?: boolean | undefined;
  /**
   * Recurrent: whether the source is read from its end on (Sutskever et al. 2014), for an encoder of one direction. Default
   * false.
   */
  reverseSource?: boolean | undefined;
  /**
   * Recurrent: how the decoder looks at the source, as in `Attention`; `"none"`: it has the encoder's last state alone.
   * Default `"general"`.
   */
  attention?: "none" | "dot" | "scaledDot" | "general" | "additive" | undefined;
  /**
   * Recurrent: where attention stands, behind the decoder (`"output"`, Luong et al. 2015), there and read again in the next
   * step (`"inputFeeding"`, ibid.), or from the first layer into all others (`"gnmt"`, Wu et al. 2016). Default:
   * `"inputFeeding"`; without attention none.
   */
  placement?: "output" | "inputFeeding" | "gnmt" | undefined;
  /**
   * Recurrent: whether each step reads the encoder's last state again, without attention say (Cho et al. 2014). Default false.
   */
  peeky?: boolean | undefined;
  /**
   * Recurrent: what the decoder begins with, tanh of a linear map of the encoder's last state (`"bridge"`), that state itself
   * (`"copy"`), or zeros, as `Bridge` has it. Default `"bridge"`.
   */
  bridge?: "bridge" | "copy" | "zeros" | undefined;
  /** Recurrent: whether layers from the second on add what they read to what they write. Default false. */
  residual?: boolean | undefined;
  /** Transformer: heads of attention, a divisor of hiddenSize. Default 4. */
  numHeads?: number | undefined;
  /** Transformer: size of the hidden layer of the feed-forward networks. Default: twice hiddenSize. */
  dimFeedforward?: number | undefined;
  /**
   * Transformer: whether each part of a layer normalizes what it reads (Xiong et al. 2020) instead of its sum, as Vaswani et al.
   * have it, which needs a longer warmup. Default true.
   */
  normFirst?: boolean | undefined;
  /**
   * Transformer: `"rotary"`, queries and keys of self-attention turned by their positions (Su et al. 2021); `"sinusoidal"`, sines
   * and cosines added to the vectors (Vaswani et al. 2017); or `"learned"`, vectors that end at contextLength. Default `"rotary"`.
   */
  positions?: "rotary" | "sinusoidal" | "learned" | undefined;
  /**
   * Transformer with learned positions: tokens of a source or a target at the most, end marks among them. Default: 1024; of
   * other positions there is no end.
   */
  contextLength?: number | undefined;
  /**
   * Which weights are one: none; the target's embedding and the output layer (Press & Wolf 2017); the source's embedding
   * too, where both sides have one vocabulary. Default `"target"`; `Seq2Seq.build`: `"all"` for one vocabulary.
   */
  tieEmbeddings?: "none" | "target" | "all" | undefined;
  /**
   * Probability of dropping, in training: of embeddings, between recurrent layers, and before the output, the same units at
   * every step of a sequence (Gal & Ghahramani 2016); in a Transformer's layers as in `TransformerEncoderLayer`. Default 0.3;
   * `Seq2Seq.build`: by the data.
   */
  dropout?: number | undefined;
  /**
   * Tokens that are written at the most, where `maxLength` does not say: so many for each of the source and 10 more,
   * and 1,000 of any text. Default 1.5; `Seq2Seq.build`: a quarter more than any example has that is not odd: at most 2.5
   * times as many as 99 % of the examples have.
   */
  lengthRatio?: number | undefined;
  /** Whether texts are read in lower case, and so written and scored. Default false. */
  lowercase?: boolean | undefined;
}

type OfBoth =
  | ("architecture" | "hiddenSize" | "numLayers" | "tieEmbeddings")
  | ("dropout" | "lengthRatio" | "lowercase");
type OfTransformer = "numHeads" | "dimFeedforward" | "normFirst" | "positions" | "contextLength";
type OfRecurrent = Exclude<keyof Seq2SeqOptions, OfBoth | OfTransformer>;

/** The options of recurrent layers, and of a Transformer. */
export type RecurrentSettings = Settings<
  Pick<Seq2SeqOptions, OfBoth | OfRecurrent>,
  "placement"
> & { readonly architecture: "recurrent" };
export type TransformerSettings = Settings<
  Pick<Seq2SeqOptions, OfBoth | OfTransformer>,
  "contextLength"
> & { readonly architecture: "transformer" };
/** Undefined is what the architecture does not have. */
export type Seq2SeqSettings = Settings<Seq2SeqOptions, OfRecurrent | OfTransformer>;

export const SEQ2SEQ_OPTIONS: OptionTable<Seq2SeqOptions> = {
  architecture: choice(["recurrent", "transformer"], "recurrent", "what reads and writes"),
  embeddingSize: whole(1, 256, "recurrent: size of a token's vector"),
  hiddenSize: whole(
    1,
    undefined,
    "size of the decoder's state, or of a Transformer's vectors (default: 256, of a Transformer 192)",
  ),
  freezeVectors: flag(false, "recurrent: keep the vectors of the source's tokens as they are"),
  cell: choice(["lstm", "gru"], "lstm", "recurrent: the cell of encoder and decoder"),
  numLayers: whole(
    1,
    undefined,
    "layers of encoder and decoder, each (default: 1, of a Transformer 3)",
  ),
  bidirectional: flag(true, "recurrent: read the source forwards only"),
  reverseSource: flag(false, "recurrent: read the source from its end on"),
  attention: choice(
    ["none", "dot", "scaledDot", "general", "additive"],
    "general",
    "recurrent: how the decoder looks at the source",
  ),
  placement: choice(
    ["output", "inputFeeding", "gnmt"],
    undefined,
    "recurrent: where attention stands in the decoder (default: inputFeeding)",
  ),
  peeky: flag(false, "recurrent: each step reads the encoder's last state again"),
  bridge: choice(["bridge", "copy", "zeros"], "bridge", "recurrent: what the decoder begins with"),
  residual: flag(false, "recurrent: layers from the second on add what they read"),
  numHeads: whole(1, 4, "Transformer: heads of attention"),
  dimFeedforward: whole(
    1,
    undefined,
    "Transformer: size of the hidden layers (default: twice the hidden size)",
  ),
  normFirst: flag(true, "Transformer: normalize the sums of the layers, not what they read"),
  positions: choice(
    ["rotary", "sinusoidal", "learned"],
    "rotary",
    "Transformer: how it knows positions",
  ),
  contextLength: whole(
    1,
    undefined,
    "Transformer with learned positions: tokens of a text at the most (default: 1024)",
  ),
  tieEmbeddings: choice(
    ["none", "target", "all"],
    "target",
    "one matrix for target and output, or for the source too",
  ),
  dropout: probability(0.3, "share of values dropped in training"),
  lengthRatio: number(
    { above: 0, below: Infinity },
    1.5,
    "tokens that are written for one of the source, at the most",
  ),
  lowercase: flag(false, "read texts in lower case, and write so"),
};

type Architecture = Exclude<Seq2SeqOptions["architecture"], undefined>;

const OF_RECURRENT: readonly OfRecurrent[] = [
  ...([
    "embeddingSize",
    "freezeVectors",
    "cell",
    "bidirectional",
    "reverseSource",
    "attention",
  ] as const),
  ...(["placement", "peeky", "bridge", "residual"] as const),
];
const OF_TRANSFORMER: readonly OfTransformer[] = [
  ...(["numHeads", "dimFeedforward", "normFirst", "positions", "contextLength"] as const),
];

const ARCHITECTURES: Readonly<Record<Architecture, ArchitectureOptions<Seq2SeqOptions>>> = {
  recurrent: { without: OF_TRANSFORMER, defaults: { hiddenSize: 256, numLayers: 1 } },
  transformer: { without: OF_RECURRENT, defaults: { hiddenSize: 192, numLayers: 3 } },
};

/** Tokens that learned positions are for, where nothing else is said. */
const CONTEXT_LENGTH = 1024;

/**
 * Every option of a table that one architecture has, with its value.
 *
 * @throws OptionError for a value that cannot be, or an option that the architecture does not have
 */
export function settingsFor<O extends Seq2SeqOptions>(
  op: string,
  table: OptionTable<O>,
  given: O,
  named: OptionNaming = (name) => name,
): Settings<O, (OfRecurrent | OfTransformer) & keyof O> {
  const { architecture } = given;
  const other = ARCHITECTURES[architecture === "transformer" ? "transformer" : "recurrent"];
  checkOptions(op, table, definedOnly({ architecture }), named);
  const foreign = other.without.some((name) => given[name] !== undefined);
  const { default: usual } = SEQ2SEQ_OPTIONS.architecture;
  const where = `${op} with ${named("architecture")} ${architecture ?? usual!}`;
  return readOptions(foreign ? where : op, tableOf(table, other), given, {}, named);
}

/**
 * The settings of a model: sizes that follow from others are filled in.
 *
 * @throws OptionError as {@link settingsFor}
 */
export function seq2seqSettings(
  op: string,
  given: Seq2SeqOptions,
  named?: OptionNaming,
): Seq2SeqSettings {
  const settings = settingsFor(op, SEQ2SEQ_OPTIONS, given, named);
  if (settings.architecture !== "transformer") return settings;
  const { hiddenSize, dimFeedforward = 2 * hiddenSize, positions } = settings;
  const { contextLength = positions === "learned" ? CONTEXT_LENGTH : undefined } = settings;
  return { ...settings, dimFeedforward, contextLength };
}

/** Where attention stands; undefined: there is none. */
export function placementOf({
  attention,
  placement = "inputFeeding",
}: Pick<RecurrentSettings, "attention" | "placement">):
  Exclude<Seq2SeqOptions["placement"], undefined> | undefined {
  return attention === "none" ? undefined : placement;
}

/** Options of `Seq2Seq.build`: those of the model, and what tokens are. */
export interface BuildSeq2SeqOptions extends Seq2SeqOptions, PairTokenOptions {
  /**
   * Recurrent, with words as the source's tokens: vectors that they begin with, of each word as it is written, else in lower
   * case; words without one begin at random. The words of the vectors join the source's vocabulary. Default: none.
   */
  vectors?: WordVectors | undefined;
}

export const BUILD_SEQ2SEQ_OPTIONS: OptionTable<BuildSeq2SeqOptions> = {
  vectors: api("object", "word vectors that the source's words begin with"),
  ...PAIR_TOKEN_OPTIONS,
  ...byTheData(SEQ2SEQ_OPTIONS, ["tieEmbeddings", "dropout", "lengthRatio"]),
};
