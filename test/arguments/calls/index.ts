import type { Call } from "../wrong-calls.js";
import { AUDIO_CALLS } from "./audio.js";
import { AUTOENCODER_CALLS } from "./autoencoder.js";
import { DATA_CALLS } from "./data.js";
import { FILE_CALLS } from "./files.js";
import { INSPECT_CALLS } from "./inspect.js";
import { LOSS_CALLS } from "./losses.js";
import { MODEL_CALLS } from "./models.js";
import { MUSIC_CALLS } from "./music.js";
import { NN_CALLS } from "./nn.js";
import { NTM_CALLS } from "./ntm.js";
import { ONNX_CALLS } from "./onnx.js";
import { OPS_CALLS } from "./ops.js";
import { OPTIM_CALLS } from "./optim.js";
import { OUTPUT_CALLS } from "./outputs.js";
import { REST_CALLS } from "./rest.js";
import { SIAMESE_CALLS } from "./siamese.js";
import { TENSOR_CALLS } from "./tensor.js";
import { VECTOR_CALLS } from "./vectors.js";

/** A right call of everything that the package exports. */
export const CALLS: Readonly<Record<string, Call>> = {
  ...TENSOR_CALLS,
  ...OPS_CALLS,
  ...LOSS_CALLS,
  ...NN_CALLS,
  ...NTM_CALLS,
  ...OPTIM_CALLS,
  ...REST_CALLS,
  ...OUTPUT_CALLS,
  ...DATA_CALLS,
  ...INSPECT_CALLS,
  ...MODEL_CALLS,
  ...VECTOR_CALLS,
  ...AUTOENCODER_CALLS,
  ...SIAMESE_CALLS,
  ...AUDIO_CALLS,
  ...MUSIC_CALLS,
  ...ONNX_CALLS,
  ...FILE_CALLS,
};
