/** Keras' name of a class among paths: `MaxPooling1D` is `max_pooling1d`, `LSTM` is `lstm`. */
export function snakeCase(type: string): string {
  return type
    .replaceAll(/\W+/g, "")
    .replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}
