// Damaged files of PyTorch, NumPy, Keras and TensorFlow.js: each is read, or refused as one. bench/damaged.mjs runs thirty thousand.
import { expect, it, vi } from "vitest";
import { HiddenstateError } from "../../src/core/errors.js";
import { loadNpy } from "../../src/io/npy.js";
import { loadNpz } from "../../src/io/npz.js";
import { loadKeras } from "../../src/keras/load.js";
import { loadTorch } from "../../src/pytorch/load-torch.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import { damagedFormats } from "../helpers/damaged-formats.js";
import { readMutations } from "../helpers/mutations.js";

const formats = damagedFormats({ loadTorch, loadNpy, loadNpz, loadKeras, tensor, scope });

it.each([...formats])("%s", (name, files) => {
  // jsfive tells what attributes it does not know.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const isRefusal = (error: unknown): boolean => error instanceof HiddenstateError;
  const read = files.map(({ bytes, read }) =>
    readMutations(bytes, read, isRefusal, 1 / files.length),
  );
  // Some change values alone, so both ways are covered.
  if (name !== ".pt of before 1.6") expect(Math.max(...read)).toBeGreaterThan(0);
});
