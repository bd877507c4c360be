// The model of worker.mjs: an LSTM that forecasts the next reading of a series. Both the training and the worker make
// it, each from its own build of the library.

/** @param {Pick<typeof import("hiddenstate"), "LSTM" | "Linear" | "Module">} library */
export function forecaster({ LSTM, Linear, Module }, hiddenSize = 64) {
  return new (class Forecaster extends Module {
    lstm = new LSTM(1, hiddenSize);
    head = new Linear(hiddenSize, 1);

    forward(x) {
      return this.head.forward(this.lstm.forward(x).output);
    }
  })();
}
