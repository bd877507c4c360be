// Files of PyTorch, NumPy, Keras and TensorFlow.js to be damaged, and how each is read: by the tests, and by bench/damaged.mjs in
// processes of their own. Nothing is imported here but for its types, so that Node runs this file as it is.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { unzipSync, zipSync } from "fflate";
import type { loadKeras } from "../../src/keras/load.js";
import type { loadNpy } from "../../src/io/npy.js";
import type { loadNpz } from "../../src/io/npz.js";
import type { loadTorch } from "../../src/pytorch/load-torch.js";
import type { tensor } from "../../src/tensor/create.js";
import type { scope } from "../../src/tensor/scope.js";

/** What reads: of the sources, or of the built package. */
export interface Library {
  readonly loadTorch: typeof loadTorch;
  readonly loadNpy: typeof loadNpy;
  readonly loadNpz: typeof loadNpz;
  readonly loadKeras: typeof loadKeras;
  readonly tensor: typeof tensor;
  readonly scope: typeof scope;
}

/** Bytes to damage, and how they are read: a part of an archive is packed first, with checksums made right. */
export interface Damaged {
  readonly bytes: Uint8Array;
  readonly read: (bytes: Uint8Array) => void;
}

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../${name}`, import.meta.url));
const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** The formats by their names; of each one or several files. */
export function damagedFormats(library: Library): ReadonlyMap<string, readonly Damaged[]> {
  const { loadTorch, loadNpy, loadNpz, loadKeras, tensor, scope } = library;
  const drop = (tensors: ReadonlyMap<string, { dispose(): void }>): void =>
    tensors.forEach((each) => each.dispose());
  const torch = (bytes: Uint8Array): void => drop(loadTorch(bytes, { unknown: "skip" }));
  const npz = (bytes: Uint8Array): void => drop(loadNpz(bytes));
  const x = Float32Array.from({ length: 30 }, (_, i) => ((i * 7) % 5) - 2);
  /** Loads a model, and runs it. */
  const keras = (bytes: Uint8Array, options = {}): void => {
    const model = loadKeras(bytes, options);
    try {
      scope(() => {
        model.outputs(tensor(x, { shape: [2, 5, 3] }));
      });
    } finally {
      model.dispose();
    }
  };
  const parts = (
    archive: Uint8Array,
    which: (name: string) => boolean,
    read: (bytes: Uint8Array) => void,
  ): Damaged[] => {
    const all = unzipSync(archive);
    return Object.keys(all)
      .filter(which)
      .map((name) => ({
        bytes: all[name]!,
        read: (part) => read(zipSync({ ...all, [name]: part }, { level: 0 })),
      }));
  };

  const checkpoint = fixture("pytorch/fixtures/checkpoint.pt");
  const arrays = fixture("pytorch/fixtures/numpy.npz");
  const h5 = unzipSync(fixture("keras/fixtures/h5py.zip"));
  const model = unzipSync(fixture("keras/fixtures/keras.zip"))["lstm_sigmoid.keras"]!;
  const npy = Object.values(unzipSync(arrays))[0]!;
  const cases = JSON.parse(
    new TextDecoder().decode(gunzipSync(fixture("keras/fixtures/tfjs.json.gz"))),
  ) as { name: string; weights: string }[];
  const { weights, ...json } = cases.find(({ name }) => name === "gru hardSigmoid false")!;
  const shard = new Uint8Array(Buffer.from(weights, "base64"));
  return new Map<string, readonly Damaged[]>([
    [
      ".pt",
      [
        { bytes: checkpoint, read: torch },
        { bytes: fixture("pytorch/fixtures/strided.pt"), read: torch },
        ...parts(checkpoint, (name) => name.endsWith("data.pkl"), torch),
      ],
    ],
    [
      ".pt of before 1.6",
      [{ bytes: unzipSync(fixture("pytorch/fixtures/others.zip")).legacy!, read: torch }],
    ],
    [".npy", [{ bytes: npy, read: (bytes) => loadNpy(bytes).dispose() }]],
    [
      ".npz",
      [
        { bytes: arrays, read: npz },
        ...parts(arrays, (name) => name === "scalar.npy" || name === "none.npy", npz),
      ],
    ],
    [
      ".h5",
      ["earliest", "latest", "chunked"].map((kind) => ({
        bytes: h5[`gru hardSigmoid false.${kind}.h5`]!,
        read: keras,
      })),
    ],
    [
      ".keras",
      [
        { bytes: model, read: keras },
        ...parts(model, (name) => name === "config.json" || name.endsWith(".h5"), keras),
      ],
    ],
    [
      "model.json and shards",
      [
        { bytes: text(json), read: (bytes) => keras(bytes, { shards: [shard] }) },
        { bytes: shard, read: (bytes) => keras(text(json), { shards: [bytes] }) },
      ],
    ],
  ]);
}
