// What a file that is no safetensors file looks like, by its first bytes, and the way from there.
/* eslint-disable no-control-regex -- binary formats begin with such bytes. */

const LOOKED_AT = 200;

const READ_BY = (name: string, entry: string) => `${name}() of hiddenstate/${entry} reads it.`;
const KERAS = READ_BY("loadKeras", "keras");
const TORCH = READ_BY("loadTorch", "pytorch");
const LEGACY = "In Python, by PyTorch from 1.6 on: torch.save(torch.load(path), path).";
const ARRAYS = "In Python, save its arrays by safetensors.numpy.save_file().";
const JSON_TEXT = "Weights in JSON become a state dict by tensor().";

/** The first that fits counts. Characters stand for bytes. */
const FORMATS: readonly (readonly [pattern: RegExp, what: string, cure: string])[] = [
  [/^[\s\xef\xbb\xbf]*<[a-z!?]/i, "an HTML or XML page", "Check the URL and response.ok."],
  [
    /^version .*git-lfs/,
    "a Git LFS pointer",
    "Run git lfs pull, or download by a URL with /resolve/.",
  ],
  [/^$/, "an empty file", "Its download did not finish."],
  [/^\x1f\x8b/, "a gzip file", "Unpack it first: gunzip, or DecompressionStream."],
  [/^PK.{26,}\.pkl/s, "a file of torch.save", TORCH],
  [/^\x80[\x02-\x05]/, "a Python pickle, as of old torch.save", LEGACY],
  [/^PK.{26,}\.npy/s, "NumPy's .npz", READ_BY("loadNpz", "pytorch")],
  [/^PK/, "a zip archive, as .keras", KERAS],
  [/^\x89HDF/, "an HDF5 file, as .h5 of Keras", KERAS],
  [/^\x08[^\0][\x12:]/, "an ONNX model", READ_BY("readOnnx", "onnx")],
  [/^\x93NUMPY/, "NumPy's .npy", READ_BY("loadNpy", "pytorch")],
  [/^GGUF/, "a GGUF file", ARRAYS],
  [/^\s*\{\s*"(modelTopology|format": ?"layers)/, "TensorFlow.js' model.json", KERAS],
  [/^hsst/, "the state of a stream", "stream.fromBytes() reads it."],
  [/^[\s\xef\xbb\xbf]*[{[]["\s[{\d\]}-]/, "JSON", JSON_TEXT],
  [/^([\t\n\r\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]+)+[\xc2-\xf4]?$/, "a text", "Is it the right file?"],
];

/** What a file looks like and what to do; nothing where it looks like no format known here. */
export interface Appearance {
  readonly what?: string | undefined;
  readonly cure?: string | undefined;
}

export function appearance(bytes: Uint8Array): Appearance {
  const start = String.fromCharCode(...bytes.subarray(0, LOOKED_AT));
  const [, what, cure] = FORMATS.find(([pattern]) => pattern.test(start)) ?? [];
  return { what, cure };
}
