// A training step of the recurrent decoders: the share of the SIMD128 ceiling, beside an LSTM's in the same run; the operation
// over a whole target against the same steps composed of other operations.
// node bench/decoders.mjs [plain | relaxed] [--only inputFeeding]   (after a build)
import { parseArgs } from "node:util";
import { initSync, LSTM, randn, scope } from "hiddenstate";
import { RecurrentDecoder, scanCell } from "hiddenstate/nn";
import { ceiling, printMachine } from "./kernels/lib.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" } },
});
const [build = "plain"] = positionals;
initSync({ build });
printMachine();

const [T, S] = [15, 15];
const FORMS = [
  { placement: "output" },
  { placement: "inputFeeding" },
  { placement: "inputFeeding", attention: "additive" },
  { placement: "inputFeeding", numLayers: 2 },
  { placement: "gnmt", numLayers: 2 },
];
const SHAPES = [
  { B: 64, H: 256 },
  { B: 128, H: 256 },
  { B: 64, H: 512 },
];

/** Floating point operations of the products of a forward pass; those of its gradient are twice as many. */
function flops({ B, H }, { numLayers = 1, placement, attention = "general" }) {
  const [I, M, A] = [H, H, H];
  const fed = { output: 0, inputFeeding: A, gnmt: M }[placement];
  const above = placement === "gnmt" ? M : 0;
  const layers = 4 * H * (I + fed + H) + (numLayers - 1) * 4 * H * (2 * H + above);
  const combine = placement === "gnmt" ? 0 : A * (M + H);
  const query = attention === "additive" ? H * H : 0;
  const attended = S * (H + M);
  const step = layers + combine + query + attended;
  return { all: 2 * B * (T * step + S * M * H), attended: 2 * B * T * attended };
}

/** Fewest seconds of processor time of each of several calls, in turns. */
function fastest(calls, rounds) {
  const clock = () => Object.values(process.cpuUsage()).reduce((a, b) => a + b) / 1e6;
  const best = calls.map(() => Infinity);
  for (let round = 0; round < rounds; round++)
    calls.forEach((call, i) => {
      const start = clock();
      call();
      best[i] = Math.min(best[i], clock() - start);
    });
  return best;
}

function train(module, run) {
  scope(() => {
    run().backward();
    module.zeroGrad();
  });
}

const exchanged = ({ feed, ...layers }) => ({
  ...Object.fromEntries(Object.entries(layers).map(([k, x]) => [k, x.permute([1, 0, 2])])),
  ...(feed ? { feed } : {}),
});

for (const shape of SHAPES)
  for (const form of FORMS) {
    if (values.only && form.placement !== values.only) continue;
    const { B, H } = shape;
    const decoder = new RecurrentDecoder(H, H, { memorySize: H, ...form });
    const lstm = new LSTM(H, H);
    const x = randn([B, T, H], { requiresGrad: true });
    const source = randn([B, S, H], { requiresGrad: true });
    const state = Object.fromEntries(
      Object.entries(decoder.step(x.select(1, 0), { memory: decoder.memory(source) }).state).map(
        ([name, part]) => [name, part.detach()],
      ),
    );
    const fused = () =>
      train(decoder, () =>
        decoder.forward(x, { memory: decoder.memory(source), state }).output.sum(),
      );
    const composed = () =>
      train(decoder, () => {
        const memory = decoder.memory(source);
        const step = (frame, from) => {
          const { output, state } = decoder.step(frame, { memory, state: exchanged(from) });
          return { output, state: exchanged(state) };
        };
        return scanCell(step, x, { state: exchanged(state) }).output.sum();
      });
    const plain = () => train(lstm, () => lstm.forward(x).output.sum());
    const top = ceiling(build);
    const [one, other, reference] = fastest([fused, composed, plain], 12);
    const { all, attended } = flops(shape, form);
    const share = (work, seconds) => `${((100 * work) / seconds / 1e9 / top).toFixed(0)} %`;
    const work = 3 * all;
    const lstmWork = 3 * 2 * B * T * 4 * H * 2 * H;
    const name = Object.values({ attention: "general", ...form }).join(" ");
    console.log(
      `B ${B} H ${H} ${name}: ${(1e3 * one).toFixed(1)} ms, ${share(work, one)} of ${top.toFixed(1)} GFLOP/s (LSTM ${share(lstmWork, reference)}); ` +
        `composed ${(1e3 * other).toFixed(1)} ms, ${(other / one).toFixed(2)} times as long; attention ${((100 * attended) / all).toFixed(1)} % of the flops`,
    );
  }
