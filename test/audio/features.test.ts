// Features against torchaudio, and against librosa's formulas in double precision (fixtures/make.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as audio from "../../src/audio/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { expectClose } from "../helpers/expect-close.js";
import { floats } from "./fixtures/floats.js";

interface Case {
  readonly name: string;
  readonly call: "stft" | "spectrogram" | "melSpectrogram" | "logMel" | "mfcc";
  readonly options: object;
  readonly shape: readonly number[];
  readonly relative: boolean;
  readonly values: string;
}

const file = new URL("./fixtures/features.json", import.meta.url);
const fixture = JSON.parse(readFileSync(file, "utf8")) as {
  readonly signal: string;
  readonly presets: Readonly<Record<"librosa" | "torchaudio", readonly Case[]>>;
  readonly deltas: Readonly<Record<"features" | "torchaudio" | "wide" | "librosa", string>>;
};
const signal = floats(fixture.signal);

describe.each(Object.entries(fixture.presets))("as %s", (_, cases) => {
  it.each(cases.map((each) => [each.name, each] as const))("%s", (name, each) => {
    const got: Tensor = audio[each.call](signal, each.options);
    expect(got.shape).toEqual(each.shape);
    const expected = floats(each.values);
    const most = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    // Powers: of the largest, as what is far below it is rounding in float32, of torchaudio's too.
    const tolerance = each.relative ? { absolute: 1e-7 * most, relative: 1e-4 } : 1e-4;
    expectClose(got.data(), expected, tolerance, name);
  });
});
