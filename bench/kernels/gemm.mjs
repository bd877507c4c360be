// Matrix products beside the ceiling of the same run.   node bench/kernels/gemm.mjs [plain] [relaxed]
import { builds, ceiling, fastest, load, printMachine } from "./lib.mjs";

const PACKED = [
  [24, 480, 128],
  [32, 512, 64],
  [32, 512, 128],
  [60, 480, 600],
  [128, 1024, 256],
  [2048, 512, 64],
  [2048, 96, 128],
  [2048, 128, 512],
  [700, 2600, 650],
  [32, 97, 101],
  [37, 131, 127],
];
const PACKING = [
  [128, 128, 128],
  [128, 512, 128],
  [256, 257, 255],
  [512, 512, 512],
];
const TRANSPOSED = [
  [512, 64, 2048],
  [512, 128, 2048],
  [96, 128, 2048],
  [800, 200, 400],
  [2600, 650, 700],
];
const ONE_ROW = [
  [128, 32],
  [256, 64],
  [512, 128],
  [1024, 256],
  [500, 100],
  [96, 128],
];

printMachine();
for (const build of builds()) {
  const { kernels: k, buffer, scratch } = load(build);
  const top = ceiling(build);
  console.log(`\n${build}: ceiling ${top.toFixed(1)} GFLOP/s`);
  const report = (label, m, n, depth, call) => {
    const repeat = Math.max(1, Math.round(4e5 / (m * n * depth)));
    const ns = fastest(() => {
      for (let i = 0; i < repeat; i++) call();
    });
    const rate = (2 * m * n * depth * repeat) / ns;
    const share = ((100 * rate) / top).toFixed(0).padStart(4);
    console.log(
      `${label.padEnd(22)}${`${m}×${n}×${depth}`.padEnd(16)}${rate.toFixed(1).padStart(6)} ${share} %`,
    );
  };

  for (const [m, n, d] of PACKED)
    scratch(() => {
      const a = buffer(m * d),
        b = buffer(n * d),
        c = buffer(m * n),
        packed = buffer(n * d + 8 * d);
      k.packB(packed, b, d, n, n);
      report("packed before", m, n, d, () => k.gemm(c, a, packed, 0, m, n, d, d, n));
    });
  for (const [m, n, d] of PACKING)
    for (const pack of ["packB", "packBT"])
      scratch(() => {
        const a = buffer(m * d),
          b = buffer(n * d),
          c = buffer(m * n),
          packed = buffer(n * d + 8 * d);
        report(`${pack} + gemm`, m, n, d, () => {
          k[pack](packed, b, d, n, pack === "packB" ? n : d);
          k.gemm(c, a, packed, 0, m, n, d, d, n);
        });
      });
  for (const [m, n, d] of TRANSPOSED)
    scratch(() => {
      const a = buffer(m * d),
        b = buffer(n * d),
        c = buffer(m * n),
        packed = buffer(n * d + 8 * d);
      const space = buffer(k.gemmTNScratchBytes(m) / 4);
      report("packB + gemmTN", m, n, d, () => {
        k.packB(packed, b, d, n, n);
        k.gemmTN(c, a, packed, space, m, n, d, m, n);
      });
    });
  for (const [n, d] of ONE_ROW)
    scratch(() => {
      const x = buffer(d),
        b = buffer(n * d),
        y = buffer(n),
        packed = buffer(n * d + 64 * d);
      k.packRowBT(packed, b, d, n, d);
      report("one row", 1, n, d, () => k.gemv(y, x, packed, 0, n, d));
    });
}
