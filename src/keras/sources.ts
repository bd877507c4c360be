// Where arrays are in each kind of file.
import type { H5File } from "./h5.js";
import type { NamedArray, WeightSource } from "./weights.js";

/** Keras 2's files: a list for each layer. */
export function listSource(ordered: (layer: string) => NamedArray[]): WeightSource {
  return { ordered, at: () => undefined };
}

/** TensorFlow.js: names that begin with the layer's, `lstm/kernel`, or have it within them. */
export function namedSource(arrays: readonly NamedArray[]): WeightSource {
  return {
    ordered(layer) {
      const first = arrays.filter(({ name }) => name.startsWith(`${layer}/`));
      return first.length > 0 ? first : arrays.filter(({ name }) => name.includes(`/${layer}/`));
    },
    at: () => undefined,
  };
}

/** Paths as Keras has had them: today's first. */
const OLDER: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => path.replaceAll(/\/(query|key|value|output)_dense\//g, "/_$1_dense/"),
  (path) => path.replaceAll(/(^|\/)layers\//g, "$1_layer_checkpoint_dependencies/"),
];

/** Keras 3's files. */
export function h5Source(file: H5File): WeightSource {
  return {
    ordered: () => undefined,
    at(path) {
      const found = OLDER.map((older) => older(path)).find((each) => file.has(each));
      return found === undefined ? undefined : file.array(found);
    },
    others: (paths) =>
      file
        .arrays("")
        .filter(
          (path) => path.includes("/vars/") && !path.startsWith("optimizer") && !paths.has(path),
        )
        .map((path) => file.array(path)),
  };
}
