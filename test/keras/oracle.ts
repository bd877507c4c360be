// Models that Keras, TensorFlow.js and h5py wrote, with what Keras and TensorFlow.js predict (fixtures/make-*).
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { expect } from "vitest";
import type { KerasModel } from "../../src/keras/index.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import { expectClose } from "../helpers/expect-close.js";

interface Numbers {
  readonly shape: number[];
  readonly dtype?: string;
  readonly data: number[];
}

export interface Predicted {
  readonly inputs: Numbers[];
  readonly outputs: Numbers[];
}

/** A model of TensorFlow.js: the case is its model.json, too. */
export interface TfjsCase extends Predicted {
  readonly name: string;
  readonly weights: string;
}

const bytes = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const parsed = (data: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(data));

export const tfjsCases = parsed(gunzipSync(bytes("tfjs.json.gz"))) as TfjsCase[];
export const tfjsCase = (name: string): TfjsCase => tfjsCases.find((each) => each.name === name)!;
export const jsonOf = (value: TfjsCase): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value));
export const shardsOf = ({ weights }: TfjsCase): Uint8Array[] => [
  new Uint8Array(Buffer.from(weights, "base64")),
];

/** By name: `lstm_sigmoid.keras`, `lstm_sigmoid.json` with what Keras predicts. */
export const kerasFiles = unzipSync(bytes("keras.zip"));
export const kerasNames = Object.keys(kerasFiles).filter((name) => !name.endsWith(".json"));
export const kerasCase = (name: string): Predicted & { config: string } =>
  parsed(kerasFiles[`${name.split(".")[0]!}.json`]!) as Predicted & { config: string };

/** By name: `stacked.latest.h5`. */
export const h5pyFiles = unzipSync(bytes("h5py.zip"));

/** The model's outputs are those that were predicted, within 1e-5. */
export function expectPredicted(model: KerasModel, { inputs, outputs }: Predicted): void {
  scope(() => {
    const given = inputs.map(({ data, shape, dtype }) =>
      tensor(dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data), { shape }),
    );
    const all = model.outputs(...given);
    expect(all.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
    all.forEach((output, i) =>
      expectClose(output.data(), Float32Array.from(outputs[i]!.data), 1e-5, `output ${i}`),
    );
  });
}
