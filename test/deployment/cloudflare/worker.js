import bytes from "./model.bin";
import { answer, forecaster } from "./model.js";

const forecast = forecaster(new Uint8Array(bytes));

export default {
  fetch(request) {
    return answer(request, forecast);
  },
};
