import { afterEach, describe } from "vitest";
import { at } from "../../src/wasm/ptr.js";
import { builds } from "./harness.js";
import { testCell } from "./recurrent-harness.js";
import { gru } from "./recurrent-reference.js";

describe.each(builds())("gru, $name build", (bench) => {
  afterEach(bench.checkCanaries);

  testCell(bench, {
    cell: gru,
    forward(run) {
      const { k, out, slabs, gates, lengths, mask, masked, outRow, outTime, T, B, H, reverse } =
        run;
      const candidate = run.buffer(T * B * H);
      k.gruForward(
        out,
        slabs[0]!.ptr,
        gates.ptr,
        candidate.ptr,
        run.product(0, H),
        run.bias(1),
        lengths,
        mask,
        masked,
        run.buffer(B * 3 * H).ptr,
        outRow,
        outTime,
        T,
        B,
        H,
        reverse,
      );
      return candidate;
    },
    kept: ({ gates }, candidate) => ({ gates: gates.view, candidate: candidate.view }),
    backward(run, candidate, dOut, [dh]) {
      const { k, slabs, gates, lengths, mask, outRow, outTime, T, B, H, reverse } = run;
      k.gruBackward(
        dh!.ptr,
        gates.ptr,
        candidate.ptr,
        slabs[0]!.ptr,
        dOut,
        run.gradient(0, H),
        lengths,
        mask,
        run.buffer(mask ? B * H : 0).ptr,
        outRow,
        outTime,
        T,
        B,
        H,
        reverse,
      );
      const dy = gates.view.slice();
      k.copyRows(at(gates.ptr, 2 * H), candidate.ptr, T * B, H, 3 * H, H);
      const rows = 3 * H;
      return {
        input: gates.view,
        weights: [
          { dy, rows, x: run.read() },
          { dy, rows },
        ],
      };
    },
    step(run, [h], x, wx, bias, features) {
      const { k, B, H } = run;
      const [gates, hidden] = [run.buffer(B * 3 * H).ptr, run.buffer(B * 3 * H).ptr];
      k.gruStep(h!, gates, hidden, x, wx, run.product(0, H), bias, run.bias(1), B, features, H);
    },
  });
});
