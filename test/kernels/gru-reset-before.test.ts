import { afterEach, describe } from "vitest";
import { builds } from "./harness.js";
import { testCell } from "./recurrent-harness.js";
import { gruResetBefore } from "./recurrent-reference.js";

describe.each(builds())("gru that resets before the product, $name build", (bench) => {
  afterEach(bench.checkCanaries);

  testCell(bench, {
    cell: gruResetBefore,
    forward(run) {
      const { k, out, slabs, gates, lengths, mask, masked, outRow, outTime, T, B, H, reverse } =
        run;
      const resets = run.buffer(T * B * H);
      k.gruResetBeforeForward(
        out,
        slabs[0]!.ptr,
        gates.ptr,
        resets.ptr,
        run.product(0, H),
        run.product(1, H),
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
      return resets;
    },
    kept: ({ gates }, resets) => ({ gates: gates.view, resets: resets.view }),
    backward(run, resets, dOut, [dh]) {
      const { k, slabs, gates, lengths, mask, masked, outRow, outTime, T, B, H, reverse } = run;
      k.gruResetBeforeBackward(
        dh!.ptr,
        gates.ptr,
        slabs[0]!.ptr,
        dOut,
        run.gradient(0, H),
        run.gradient(1, H),
        lengths,
        mask,
        masked,
        run.buffer(B * H).ptr,
        outRow,
        outTime,
        T,
        B,
        H,
        reverse,
      );
      const dy = gates.view;
      return {
        input: dy,
        weights: [
          { dy, rows: 2 * H, x: run.read() },
          { dy, from: 2 * H, rows: H, x: resets.view },
        ],
      };
    },
    step(run, [h], x, wx, bias, features) {
      const { k, B, H } = run;
      const [gates, reset] = [run.buffer(B * 3 * H).ptr, run.buffer(B * H).ptr];
      const [whGates, whCandidate] = [run.product(0, H), run.product(1, H)];
      k.gruResetBeforeStep(h!, gates, reset, x, wx, whGates, whCandidate, bias, B, features, H);
    },
  });
});
