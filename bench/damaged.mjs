// Damaged files of PyTorch, NumPy, Keras and TensorFlow.js: each is read, and run where it is a model, or refused by a named error; a
// process a format, which can make no code of texts, and whose memory is watched.
//   node bench/damaged.mjs [mutations a format] [format]   (after a build, Node 24)
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { HiddenstateError, scope, tensor } from "hiddenstate";
import { loadKeras } from "hiddenstate/keras";
import { loadNpy, loadNpz, loadTorch } from "hiddenstate/pytorch";
import { damagedFormats } from "../test/helpers/damaged-formats.ts";

const [count = "30000", only] = process.argv.slice(2);
const formats = damagedFormats({ loadTorch, loadNpy, loadNpz, loadKeras, tensor, scope });
const megabytes = () => process.resourceUsage().maxRSS / 1024;

if (process.send) {
  // COUNT of the tests' mutations is read when they are imported.
  process.env.MUTATIONS = count;
  const { readMutations } = await import("../test/helpers/mutations.ts");
  console.warn = () => {};
  const files = formats.get(only);
  for (const { bytes, read } of files) if (only !== ".pt of before 1.6") read(bytes);
  const before = megabytes();
  let largest = 0;
  const kinds = new Map();
  let loaded = 0;
  const refused = (error) => {
    kinds.set(error.name, (kinds.get(error.name) ?? 0) + 1);
    return error instanceof HiddenstateError;
  };
  for (const { bytes, read } of files) {
    const timed = (file) => {
      const began = performance.now();
      try {
        read(file);
      } finally {
        largest = Math.max(largest, performance.now() - began);
      }
    };
    loaded += readMutations(bytes, timed, refused, 1 / files.length);
  }
  process.send({ loaded, kinds: Object.fromEntries(kinds), before, after: megabytes(), largest });
  process.disconnect();
} else
  for (const format of only ? [only] : formats.keys()) {
    const child = fork(fileURLToPath(import.meta.url), [count, format], {
      execArgv: ["--disallow-code-generation-from-strings", "--no-warnings"],
    });
    child.on("message", ({ loaded, kinds, before, after, largest }) =>
      console.log(
        `${format}: ${count} mutations, ${loaded} read, refused ${JSON.stringify(kinds)}; ` +
          `${before.toFixed(0)} MB, then ${after.toFixed(0)} MB; the slowest ${largest.toFixed(0)} ms`,
      ),
    );
    await new Promise((resolve) => child.on("exit", resolve));
  }
