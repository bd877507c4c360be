// A Cloudflare Worker that scores live series: each reading by how far it is from what an LSTM expected. Every series
// is a Durable Object; what the LSTM has seen of it lies in its storage between requests, as stream.toBytes() gave it.
//   curl -d '[0.1, 0.4, 0.7]' https://…/sensor-1     ->  {"scores":[…],"wasmBytes":…}
import * as library from "hiddenstate/infer";
// A data module: an ArrayBuffer. In wrangler.jsonc: "rules": [{ "type": "Data", "globs": ["**/*.safetensors"] }]
import file from "./forecaster.safetensors";
import { forecaster } from "./model.mjs";

const model = forecaster(library);
model.loadStateDict(library.loadSafetensors(new Uint8Array(file)));
model.eval();

export class Series {
  #storage;

  constructor({ storage }) {
    this.#storage = storage;
  }

  async fetch(request) {
    const readings = await request.json();
    const stream = model.lstm.stream();
    try {
      const saved = await this.#storage.get("state");
      if (saved) stream.fromBytes(saved.bytes);
      let expected = saved?.expected ?? 0;
      const hidden = new Float32Array(model.lstm.hiddenSize);
      const scores = readings.map((reading) => {
        const score = Math.abs(reading - expected);
        stream.push(Float32Array.of(reading), hidden);
        expected = forecast(hidden);
        return score;
      });
      await this.#storage.put("state", { bytes: stream.toBytes(), expected });
      return Response.json({ scores, wasmBytes: library.memoryUsage().wasmBytes });
    } catch (error) {
      // Such as the state of an earlier model, of other sizes: a FormatError, before anything is changed.
      return Response.json({ error: String(error) }, { status: 409 });
    } finally {
      stream.dispose();
    }
  }
}

function forecast(hidden) {
  return library.scope(() =>
    model.head.forward(library.tensor(hidden, { shape: [1, hidden.length] })).item(),
  );
}

export default {
  fetch(request, env) {
    const name = new URL(request.url).pathname;
    return env.SERIES.get(env.SERIES.idFromName(name)).fetch(request);
  },
};
