// How texts are cut before they are merged, spelled in symbols, and put together again.
/** Gives the text that each id adds. */
export interface SubwordDecoder {
  push(id: number): string;
  /** What the last ids left open. */
  end(): string;
}

export interface SubwordScheme {
  /** Pieces of a text, across which nothing is merged; an id where a piece is a token as it is. */
  pieces(text: string): readonly (string | number)[];
  /** Puts the ids of a piece's symbols into `ids`; a negative one where `apart` says what stands there instead. */
  spell(piece: string, ids: number[], apart: (readonly number[])[]): void;
  /** The id of a piece that is not to be taken apart. */
  whole?(piece: string): number | undefined;
  /** @param before the text that it goes on from */
  decoder(before?: string): SubwordDecoder;
}

/** Options of one encoding. */
export interface EncodeSubwordsOptions {
  /**
   * Probability that a merge is passed over, each time that one is looked for: words come in other subwords each time, for
   * training (BPE-dropout, Provilkov et al. 2020). Drawn from the library's generator: see `manualSeed`. Default 0.
   */
  dropout?: number;
}
