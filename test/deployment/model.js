import { Linear, loadSafetensors, LSTM, scope, Sequential, tensor } from "hiddenstate/infer";

/**
 * Takes the bytes of a model, gives a function that says the next value of a series.
 *
 * @param {Uint8Array} bytes
 */
export function forecaster(bytes) {
  const model = new Sequential(new LSTM(1, 16), new Linear(16, 1)).eval();
  model.loadStateDict(loadSafetensors(bytes));
  /** @param {number[]} series */
  return (series) =>
    scope(() => {
      const input = tensor(series, { shape: [1, series.length, 1] }); // [batch, time, features]
      return model.forward(input).data().at(-1);
    });
}

/**
 * Answers `?series=1,2,3` with the next value, and anything else with 400.
 *
 * @param {Request} request
 * @param {ReturnType<typeof forecaster>} forecast
 */
export function answer(request, forecast) {
  const text = new URL(request.url).searchParams.get("series") ?? "";
  const series = text.split(",").map((each) => (each.trim() === "" ? NaN : Number(each)));
  if (!series.every(Number.isFinite))
    return new Response("Give a series of numbers: ?series=1,2,3\n", { status: 400 });
  return Response.json({ next: forecast(series) });
}
