export type { GenerateMusicOptions } from "./generate.js";
export { MusicModel } from "./music-model.js";
export type { MusicFitExtra, MusicFitOptions, MusicOptions, MusicScores } from "./options.js";
export type { MusicDetails } from "./scorer.js";
