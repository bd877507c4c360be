import { Linear, loadSafetensors, LSTM, scope, Sequential, tensor } from "hiddenstate/infer";

/** Takes the bytes of a model, gives a function that says the next value of a series. */
export function forecaster(bytes) {
  const model = new Sequential(new LSTM(1, 16), new Linear(16, 1)).eval();
  model.loadStateDict(loadSafetensors(bytes));
  return (series) =>
    scope(() => {
      const input = tensor(series, { shape: [1, series.length, 1] }); // [batch, time, features]
      return model.forward(input).data().at(-1);
    });
}

/** `?series=1,2,3` as numbers. */
export function seriesOf(request) {
  return new URL(request.url).searchParams.get("series").split(",").map(Number);
}
