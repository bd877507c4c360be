/** @jest-environment jsdom */
import { loadSafetensors, LSTM, saveSafetensors, tensor } from "hiddenstate";

test("a model reads its weights from a file, and runs", () => {
  const lstm = new LSTM(2, 3);
  lstm.loadStateDict(loadSafetensors(saveSafetensors(lstm.stateDict())));
  const { output } = lstm.forward(tensor([[[1, 2]]]));
  document.body.textContent = String(output.shape);
  expect(document.body.textContent).toBe("1,1,3");
});
