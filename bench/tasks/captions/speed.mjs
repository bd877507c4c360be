// How fast a captioner trains: a step by share of the SIMD128 ceiling, and where it goes.
//   node bench/tasks/captions/speed.mjs [plain | relaxed] [strips | scenes] [--steps 12] [--functions]
import { parseArgs } from "node:util";
import {
  AdamW,
  clipGradNorm,
  crossEntropy,
  initSync,
  manualSeed,
  scope,
  tensor,
} from "hiddenstate";
import { Captioner } from "hiddenstate/models";
import { ceiling, namedKernels, printMachine } from "../../kernels/lib.mjs";
import { cpuSeconds } from "../../measure.mjs";
import { profiled } from "../../profile.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string", default: "12" },
    functions: { type: "boolean", default: false },
  },
});
const B = 32;
/** Pictures as the recipes read them, and tokens of a caption with its end mark. */
const SHAPES = {
  strips: { width: 128, height: 26, tokens: 5, vocabulary: 12 },
  scenes: { width: 64, height: 64, tokens: 20, vocabulary: 36 },
};
const build = positionals.includes("relaxed") ? "relaxed" : "plain";
initSync(
  values.functions
    ? { wasm: namedKernels(build), modules: { extra: namedKernels(build, "extra") } }
    : { build },
);
printMachine();
for (const [name, shape] of Object.entries(SHAPES))
  if (positionals.includes(name) || !Object.keys(SHAPES).some((one) => positionals.includes(one)))
    measure(name, shape);

/** Floating point operations of the products of a forward pass; those of its gradient are twice as many. */
function flops(
  { width, height, tokens, vocabulary },
  { channels, hiddenSize: H, embeddingSize: E },
) {
  let [convolutions, from] = [0, 1];
  let [w, h] = [width, height];
  channels.forEach((to, stage) => {
    const inside = stage === 0 ? 9 * from : 9 * from + 9 * to + from;
    convolutions += w * h * to * inside;
    [w, h, from] = [w >> 1, h >> 1, to];
  });
  const places = w * h;
  const first = places * from * H + 2 * H * H;
  const keys = places * from * H;
  const step = 4 * H * (2 * E + H) + H * H + places * (H + from) + E * (H + from) + E * vocabulary;
  return {
    all: 2 * B * (convolutions + first + keys + tokens * step),
    convolutions: 2 * B * convolutions,
  };
}

function measure(name, shape) {
  manualSeed(1);
  const { width, height, tokens, vocabulary } = shape;
  const letters = Array.from({ length: vocabulary - 2 }, (_, i) => String.fromCharCode(97 + i));
  const examples = Array.from({ length: B }, (_, i) => ({
    image: {
      data: Uint8Array.from({ length: width * height }, (_, at) => (i * 7919 + at * 104_729) % 251),
      ...{ width, height },
    },
    text: Array.from({ length: tokens - 1 }, (_, t) => letters[(i * 31 + t) % letters.length]).join(
      "",
    ),
  }));
  const options = {
    tokens: "characters",
    hiddenSize: 128,
    captionLength: 30,
    channels: [16, 32, 64],
  };
  const model = Captioner.build(examples, options).train();
  const parameters = model.parameters();
  const optimizer = new AdamW(parameters, { lr: 1e-3 });
  const images = examples.map(({ image }) => image.data);
  const captions = examples.map(({ text }) => model.target.encode(text));
  const ids = Int32Array.from(captions.flatMap((each) => [...each]));
  const step = () =>
    scope(() => {
      const loss = crossEntropy(model.forward(images, captions), tensor(ids));
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(parameters, 1);
      optimizer.step();
    });
  step();
  let [best, top] = [Infinity, 0];
  for (let i = 0; i < Number(values.steps); i++) {
    const began = cpuSeconds();
    step();
    best = Math.min(best, cpuSeconds() - began);
    if (i % 6 === 0) top = Math.max(top, ceiling(build));
  }
  const { javascript, functions } = profiled(() => {
    for (let i = 0; i < 6; i++) step();
  });
  const { all, convolutions } = flops(shape, model.options);
  const reached = (3 * all) / best / 1e9;
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${name}, ${B} pictures of ${width} × ${height}, ${tokens} tokens, ${build}: ${(1e3 * best).toFixed(0)} ms; products at ${reached.toFixed(1)} GFLOP/s, ` +
      `${percent(reached / top)} of the ceiling of ${top.toFixed(1)}; convolutions ${percent(convolutions / all)} of the flops; JavaScript ${percent(javascript)}`,
  );
  if (values.functions)
    for (const { name, share } of functions.slice(0, 30))
      console.log(`  ${percent(share).padStart(7)}  ${name}`);
}
