// The LSTM's time loop, its products apart from the rest of a step, beside the ceiling of the same run.
// node bench/kernels/lstm.mjs [plain] [relaxed]
import { builds, ceiling, fastest, load, printMachine } from "./lib.mjs";

const SHAPES = [
  [64, 32, 128],
  [64, 32, 256],
  [50, 16, 32],
  [35, 20, 650],
  [64, 1, 128],
];

printMachine();
for (const build of builds()) {
  const { kernels: k, memory, buffer, scratch } = load(build);
  const top = ceiling(build);
  console.log(`\n${build}: ceiling ${top.toFixed(1)} GFLOP/s; µs a step: whole = products + rest`);
  for (const [T, B, H] of SHAPES)
    scratch(() => {
      const weights = buffer(4 * H * H);
      const forwards = buffer(4 * H * (H + 64));
      const backwards = buffer(4 * H * (H + 64));
      (B === 1 ? k.packRowBT : k.packBT)(forwards, weights, H, 4 * H, H);
      (B === 1 ? k.packRowB : k.packB)(backwards, weights, 4 * H, H, H);
      const [hs, cs] = [buffer((T + 1) * B * H), buffer((T + 1) * B * H)];
      const [gates, out] = [buffer(T * B * 4 * H), buffer(T * B * H)];
      const [dh, dc] = [buffer(B * H), buffer(B * H)];
      // Backward turns activations into gradients: each call starts from the same ones again.
      const input = new Float32Array(memory.buffer, gates, T * B * 4 * H).slice();
      const restore = (values) => new Float32Array(memory.buffer, gates, values.length).set(values);
      const forward = () => {
        restore(input);
        k.lstmForward(out, hs, cs, gates, forwards, 0, 0, 0, T * H, H, T, B, H, 0);
      };
      forward();
      const activations = new Float32Array(memory.buffer, gates, input.length).slice();
      const backward = () => {
        restore(activations);
        k.lstmBackward(dh, dc, gates, cs, out, backwards, 0, 0, T * H, H, T, B, H, 0);
      };
      const copying = fastest(() => restore(input));
      const report = (label, run, products) => {
        const whole = (fastest(run, 300) - copying) / T / 1e3;
        const product =
          fastest(() => {
            for (let t = 0; t < T; t++) products(t);
          }) /
          T /
          1e3;
        const rate = (8 * B * H * H) / product / 1e3;
        const columns = [whole.toFixed(2), product.toFixed(2), (whole - product).toFixed(2)];
        console.log(
          `${`${label} T=${T} B=${B} H=${H}`.padEnd(30)}${columns.map((x) => x.padStart(9)).join("")}` +
            `   products at ${((100 * rate) / top).toFixed(0)} %, rest ${((100 * (whole - product)) / whole).toFixed(0)} %` +
            `, ${(((whole - product) * 1e3) / (B * H)).toFixed(2)} ns an element`,
        );
      };
      const slab = B * H * 4;
      report("forward", forward, (t) =>
        B === 1
          ? k.gemvAcc(gates + t * 4 * slab, hs + t * slab, forwards, 4 * H, H)
          : k.gemmAcc(gates + t * 4 * slab, hs + t * slab, forwards, B, 4 * H, H, H, 4 * H),
      );
      report("backward", backward, (t) =>
        B === 1
          ? k.gemv(dh, gates + t * 4 * slab, backwards, 0, H, 4 * H)
          : k.gemm(dh, gates + t * 4 * slab, backwards, 0, B, H, 4 * H, 4 * H, H),
      );
    });
}
