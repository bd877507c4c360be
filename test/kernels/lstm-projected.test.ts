import { afterEach, describe } from "vitest";
import { builds, type F32Buffer } from "./harness.js";
import { shapes, testCell } from "./recurrent-harness.js";
import { lstmProjected } from "./recurrent-reference.js";

describe.each(builds())("lstm with a projection, $name build", (bench) => {
  afterEach(bench.checkCanaries);

  testCell<F32Buffer>(
    bench,
    {
      cell: lstmProjected,
      forward(run) {
        const { k, out, slabs, gates, lengths, mask, masked, outRow, outTime } = run;
        const { T, B, H, P, reverse } = run;
        const ys = run.buffer(T * B * H);
        k.lstmProjectedForward(
          out,
          slabs[0]!.ptr,
          slabs[1]!.ptr,
          ys.ptr,
          gates.ptr,
          run.product(0, P),
          run.product(1, H),
          lengths,
          mask,
          masked,
          outRow,
          outTime,
          T,
          B,
          H,
          P,
          reverse,
        );
        return ys;
      },
      kept: ({ gates }, ys) => ({ gates: gates.view, ys: ys.view }),
      backward(run, ys, dOut, [dh, dc]) {
        const { k, slabs, gates, lengths, mask, outRow, outTime, T, B, H, P, reverse } = run;
        const dhs = run.buffer(T * B * P);
        k.lstmProjectedBackward(
          dh!.ptr,
          dc!.ptr,
          dhs.ptr,
          gates.ptr,
          slabs[1]!.ptr,
          dOut,
          run.gradient(0, P),
          run.gradient(1, H),
          lengths,
          mask,
          run.buffer(B * H).ptr,
          outRow,
          outTime,
          T,
          B,
          H,
          P,
          reverse,
        );
        return {
          input: gates.view,
          weights: [
            { dy: gates.view, rows: 4 * H, x: run.read() },
            { dy: dhs.view, rows: P, x: ys.view },
          ],
        };
      },
      step(run, [h, c], x, wx, bias, features) {
        const { k, B, H, P } = run;
        const [y, gates] = [run.buffer(B * H).ptr, run.buffer(4 * B * H).ptr];
        const [wh, wr] = [run.product(0, P), run.product(1, H)];
        k.lstmProjectedStep(h!, c!, y, gates, x, wx, wh, wr, bias, B, features, H, P);
      },
    },
    { all: shapes(true) },
  );
});
