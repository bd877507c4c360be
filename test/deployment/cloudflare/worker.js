import bytes from "./model.bin";
import { forecaster, seriesOf } from "./model.js";

const forecast = forecaster(new Uint8Array(bytes));

export default {
  fetch(request) {
    return Response.json({ next: forecast(seriesOf(request)) });
  },
};
