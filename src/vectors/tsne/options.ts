// The options of t-SNE.
import {
  api,
  choice,
  number,
  whole,
  type Option,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import type { AbortSignalLike } from "../../core/platform.js";
import type { VectorRows } from "../rows.js";

export interface TSNEOptions {
  /** How many neighbours a point minds, about. Default 30, of fewer than 91 points a third of them. */
  perplexity?: number | undefined;
  /** Neighbours of each point that have an affinity to it. Default: three times the perplexity. */
  neighbors?: number | undefined;
  /** What vectors are compared by: `"cosine"` divides each by its length first. Default `"euclidean"`. */
  metric?: "euclidean" | "cosine" | undefined;
  /** Where points start: along two principal components, at random, or rows of two numbers. Default `"pca"`. */
  initialization?: "pca" | "random" | VectorRows | undefined;
  /** Decides what is drawn at random. Default 0. */
  seed?: number | undefined;
  /** Iterations with exaggerated affinities, so that groups form. Default 250. */
  earlyExaggerationIterations?: number | undefined;
  /** What the affinities are multiplied by in them. Default 12. */
  earlyExaggeration?: number | undefined;
  /** Iterations after them. Default 500. */
  iterations?: number | undefined;
  /** The step for a quarter of the gradient, as openTSNE counts it. Default: points / exaggeration, in each of the two phases. */
  learningRate?: number | undefined;
  /** Barnes and Hut's: a cell of the plane stands for its points from its width / theta on. 0: exact forces. Default 0.5. */
  theta?: number | undefined;
  /** Ends the search for neighbours, which takes minutes of 100,000 points: `signal.reason` is thrown. Default: none. */
  signal?: AbortSignalLike | undefined;
}

/** How a run tells of itself and ends early. */
export interface TSNERunOptions {
  /** Called every `reportEvery` iterations, and after the last. Default: none. */
  onProgress?: ((report: TSNEProgress) => void) | undefined;
  /** Default 10. */
  reportEvery?: number | undefined;
  /** Ends the run between two iterations: `signal.reason` is thrown. Default: none. */
  signal?: AbortSignalLike | undefined;
}

/** Where a run stands, as plain data. */
export interface TSNEProgress {
  /** Iterations done, of all since the start. */
  readonly iteration: number;
  /** All there are to do, with those of early exaggeration. */
  readonly iterations: number;
  /** KL(P ‖ Q) of the layout, in nats, without exaggeration. */
  readonly klDivergence: number;
}

const INITIALIZATION: Option<"pca" | "random" | VectorRows> = {
  kind: "api",
  default: "pca",
  help: "where points start",
  form: '"pca", "random" or rows of two numbers',
  fits: (value) =>
    value === "pca" || value === "random" || (typeof value === "object" && value !== null),
  parse: (given) => given,
};

export const TSNE_OPTIONS: OptionTable<TSNEOptions> = {
  perplexity: number(
    { least: 1 },
    undefined,
    "how many neighbours a point minds, about (default: 30, of fewer than 91 points a third of them)",
  ),
  neighbors: whole(
    1,
    undefined,
    "neighbours with an affinity (default: three times the perplexity)",
  ),
  metric: choice(["euclidean", "cosine"], "euclidean", "what vectors are compared by"),
  initialization: INITIALIZATION,
  seed: whole(0, 0, "decides what is drawn at random"),
  earlyExaggerationIterations: whole(0, 250, "iterations with exaggerated affinities"),
  earlyExaggeration: number({ above: 0 }, 12, "what the affinities are multiplied by in them"),
  iterations: whole(0, 500, "iterations after them"),
  learningRate: number(
    { above: 0 },
    undefined,
    "step of the descent (default: points / exaggeration)",
  ),
  theta: number({ least: 0, most: 1 }, 0.5, "how coarse far forces may be; 0: exact"),
  signal: api("object", "ends the search for neighbours"),
};

export const TSNE_RUN_OPTIONS: OptionTable<TSNERunOptions> = {
  onProgress: api("function", "called every few iterations"),
  reportEvery: whole(1, 10, "iterations between two reports"),
  signal: api("object", "ends the run"),
};

export type TSNESettings = Omit<
  Settings<TSNEOptions, "perplexity" | "neighbors" | "learningRate" | "signal">,
  "signal"
>;
