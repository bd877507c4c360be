// The time loop of each recurrent cell, its products apart from the rest of a step, beside the ceiling of the same run.
// node bench/kernels/recurrent.mjs [plain] [relaxed] [rnn] [gru] [gruResetBefore] [lstm]
import { builds, ceiling, fastest, load, printMachine } from "./lib.mjs";

// T so that a call takes about a millisecond: on a busy machine the fastest of many is then undisturbed.
const SHAPES = [
  [8, 32, 128],
  [2, 32, 256],
  [50, 16, 32],
  [1, 20, 650],
  [64, 1, 128],
];

/**
 * A cell: blocks of H in its gates, and for one shape the calls of its kernels. `x` are buffers common to all cells;
 * `parts` are the rows of the recurrent weights, which have products of their own where there are several.
 */
const CELLS = {
  rnn: {
    gates: 1,
    parts: [1],
    forward: (k, { out, hs, gates, T, B, H }, [wh]) =>
      k.rnnForward(out, hs, gates, wh, 0, 0, 0, T * H, H, T, B, H, 0, 0),
    backward: (k, { dh, hs, gates, out, T, B, H }, [wh]) =>
      k.rnnBackward(dh, gates, hs, out, wh, 0, 0, T * H, H, T, B, H, 0, 0),
  },
  gru: {
    gates: 3,
    parts: [3],
    forward: (k, { out, hs, gates, kept, scratch, bias, T, B, H }, [wh]) =>
      k.gruForward(out, hs, gates, kept, wh, bias, 0, 0, 0, scratch, T * H, H, T, B, H, 0),
    backward: (k, { dh, hs, gates, kept, scratch, out, T, B, H }, [wh]) =>
      k.gruBackward(dh, gates, kept, hs, out, wh, 0, 0, scratch, T * H, H, T, B, H, 0),
  },
  gruResetBefore: {
    gates: 3,
    parts: [2, 1],
    forward: (k, { out, hs, gates, kept, T, B, H }, [a, b]) =>
      k.gruResetBeforeForward(out, hs, gates, kept, a, b, 0, 0, 0, T * H, H, T, B, H, 0),
    backward: (k, { dh, hs, gates, scratch, out, T, B, H }, [a, b]) =>
      k.gruResetBeforeBackward(dh, gates, hs, out, a, b, 0, 0, 0, scratch, T * H, H, T, B, H, 0),
  },
  lstm: {
    gates: 4,
    parts: [4],
    forward: (k, { out, hs, kept, gates, T, B, H }, [wh]) =>
      k.lstmForward(out, hs, kept, gates, wh, 0, 0, 0, T * H, H, T, B, H, 0),
    backward: (k, { dh, dc, kept, gates, out, T, B, H }, [wh]) =>
      k.lstmBackward(dh, dc, gates, kept, out, wh, 0, 0, T * H, H, T, B, H, 0),
  },
};

/** The products of one step of a cell, forward and back. */
function stepProducts(k, { gates, parts }, { hs, gates: to, dh, B, H }, forwards, backwards) {
  const G = gates * H;
  let first = 0;
  const steps = parts.map((blocks, i) => {
    const from = first;
    first += blocks * H;
    const n = blocks * H;
    const c = (t) => to + (t * B * G + from) * 4;
    const h = (t) => hs + t * B * H * 4;
    return B === 1
      ? {
          forward: (t) => k.gemvAcc(c(t), h(t), forwards[i], n, H),
          backward: (t) => k.gemv(dh, c(t), backwards[i], 0, H, n),
        }
      : {
          forward: (t) => k.gemmAcc(c(t), h(t), forwards[i], B, n, H, H, G),
          backward: (t) => k.gemm(dh, c(t), backwards[i], 0, B, H, n, G, H),
        };
  });
  const all = (direction) => (t) => {
    for (const step of steps) step[direction](t);
  };
  return { forward: all("forward"), backward: all("backward") };
}

function measure(name, { kernels: k, memory, buffer }, [T, B, H], top) {
  const cell = CELLS[name];
  const G = cell.gates * H;
  const pack = (blocks, product) => {
    const [weights, to] = [buffer(blocks * H * H), buffer(blocks * H * (H + 64))];
    if (product) (B === 1 ? k.packRowBT : k.packBT)(to, weights, H, blocks * H, H);
    else (B === 1 ? k.packRowB : k.packB)(to, weights, blocks * H, H, H);
    return to;
  };
  const forwards = cell.parts.map((blocks) => pack(blocks, true));
  const backwards = cell.parts.map((blocks) => pack(blocks, false));
  const x = { T, B, H, hs: buffer((T + 1) * B * H), kept: buffer((T + 1) * B * H) };
  Object.assign(x, { gates: buffer(T * B * G), out: buffer(T * B * H), bias: buffer(G) });
  Object.assign(x, { dh: buffer(B * H), dc: buffer(B * H), scratch: buffer(B * G) });
  const at = (ptr, n) => new Float32Array(memory.buffer, ptr, n);
  /** A run that starts each time from what stands in these buffers now; and what restoring them costs. */
  const repeated = (run, ptrs) => {
    const values = ptrs.map(([ptr, n]) => [ptr, at(ptr, n).slice()]);
    const restore = () => values.forEach(([ptr, from]) => at(ptr, from.length).set(from));
    return [() => (restore(), run()), restore];
  };
  const products = stepProducts(k, cell, x, forwards, backwards);
  const report = (label, [run, restore], step) => {
    const whole = (fastest(run, 300) - fastest(restore)) / T / 1e3;
    const loop = () => {
      for (let t = 0; t < T; t++) step(t);
    };
    const product = fastest(loop) / T / 1e3;
    const rate = (2 * B * H * G) / product / 1e3;
    const columns = [whole, product, whole - product].map((us) => us.toFixed(2).padStart(9));
    console.log(
      `${`${name} ${label} T=${T} B=${B} H=${H}`.padEnd(42)}${columns.join("")}` +
        `   products at ${((100 * rate) / top).toFixed(0)} %, rest ${((100 * (whole - product)) / whole).toFixed(0)} %` +
        `, ${(((whole - product) * 1e3) / (B * H)).toFixed(2)} ns an element`,
    );
  };
  // Backward turns what forward left into gradients: each call starts from the same again.
  const gates = [x.gates, T * B * G];
  const forward = () => cell.forward(k, x, forwards);
  report("forward", repeated(forward, [gates]), products.forward);
  repeated(forward, [gates])[0]();
  const kept = [x.kept, T * B * H];
  const backward = () => cell.backward(k, x, backwards);
  report(
    "backward",
    repeated(backward, [gates, ...(name === "gru" ? [kept] : [])]),
    products.backward,
  );
}

printMachine();
const asked = process.argv.slice(2).filter((name) => name in CELLS);
for (const build of builds()) {
  const loaded = load(build);
  const top = ceiling(build);
  console.log(`\n${build}: ceiling ${top.toFixed(1)} GFLOP/s; µs a step: whole = products + rest`);
  for (const name of asked.length ? asked : Object.keys(CELLS))
    for (const shape of SHAPES) loaded.scratch(() => measure(name, loaded, shape, top));
}
