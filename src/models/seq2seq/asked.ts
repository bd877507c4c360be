// What a text is written about: a source, and what else a search for texts needs to know of it.

/** @typeParam Source as the encoder reads it */
export interface Asked<Source> {
  readonly source: Source;
  /** Sources of about one length are read together. */
  readonly length: number;
  /** Tokens that a text about it has at the most, where nothing else is said. */
  readonly longest: number;
  /** Tokens that no text about it can be longer than: learned positions end there. */
  readonly most: number;
  /** What attention looks at: names of its columns, in the order of the source. */
  places(): readonly string[];
  /** Whether the encoder reads them from their end on, but for the last. */
  readonly reversed: boolean;
}
