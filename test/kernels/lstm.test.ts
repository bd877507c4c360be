import { afterEach, describe } from "vitest";
import { builds } from "./harness.js";
import { testCell } from "./recurrent-harness.js";
import { lstm } from "./recurrent-reference.js";

describe.each(builds())("lstm, $name build", (bench) => {
  afterEach(bench.checkCanaries);

  testCell(bench, {
    cell: lstm,
    forward(run) {
      const { k, out, slabs, gates, lengths, mask, masked, outRow, outTime, T, B, H, reverse } =
        run;
      const [hs, cs] = slabs;
      k.lstmForward(
        out,
        hs!.ptr,
        cs!.ptr,
        gates.ptr,
        run.product(0, H),
        lengths,
        mask,
        masked,
        outRow,
        outTime,
        T,
        B,
        H,
        reverse,
      );
    },
    kept: ({ gates }) => ({ gates: gates.view }),
    backward(run, _, dOut, [dh, dc]) {
      const { k, slabs, gates, lengths, mask, outRow, outTime, T, B, H, reverse } = run;
      k.lstmBackward(
        dh!.ptr,
        dc!.ptr,
        gates.ptr,
        slabs[1]!.ptr,
        dOut,
        run.gradient(0, H),
        lengths,
        mask,
        outRow,
        outTime,
        T,
        B,
        H,
        reverse,
      );
      return { input: gates.view, weights: [{ dy: gates.view, rows: 4 * H, x: run.read() }] };
    },
    step(run, [h, c], x, wx, bias, features) {
      const { k, B, H } = run;
      const gates = run.buffer(4 * B * H).ptr;
      k.lstmStep(h!, c!, gates, x, wx, run.product(0, H), bias, B, features, H);
    },
  });
});
