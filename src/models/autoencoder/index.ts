export type { AutoencoderExample, Reconstruction } from "./example.js";
export type {
  AutoencoderFitExtra,
  AutoencoderFitOptions,
  AutoencoderOptions,
  AutoencoderScores,
  BuildAutoencoderOptions,
} from "./options.js";
export type { AutoencoderDetails } from "./scorer.js";
export { SequenceAutoencoder } from "./sequence-autoencoder.js";
