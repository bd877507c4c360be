import { afterEach, describe } from "vitest";
import { builds } from "./harness.js";
import { testCell } from "./recurrent-harness.js";
import { rnn } from "./recurrent-reference.js";

const CELLS = { tanh: rnn("tanh"), relu: rnn("relu") };

describe.each((["tanh", "relu"] as const).flatMap((f) => builds().map((bench) => ({ f, bench }))))(
  "rnn with $f, $bench.name build",
  ({ f, bench }) => {
    const relu = +(f === "relu");
    afterEach(bench.checkCanaries);

    testCell(bench, {
      cell: CELLS[f],
      forward(run) {
        const { k, out, slabs, gates, lengths, mask, masked, outRow, outTime, T, B, H, reverse } =
          run;
        const wh = run.product(0, H);
        k.rnnForward(
          out,
          slabs[0]!.ptr,
          gates.ptr,
          wh,
          lengths,
          mask,
          masked,
          outRow,
          outTime,
          T,
          B,
          H,
          reverse,
          relu,
        );
      },
      backward(run, _, dOut, [dh]) {
        const { k, slabs, gates, lengths, mask, outRow, outTime, T, B, H, reverse } = run;
        const wh = run.gradient(0, H);
        const hs = slabs[0]!.ptr;
        k.rnnBackward(
          dh!.ptr,
          gates.ptr,
          hs,
          dOut,
          wh,
          lengths,
          mask,
          outRow,
          outTime,
          T,
          B,
          H,
          reverse,
          relu,
        );
        return { input: gates.view, weights: [{ dy: gates.view, rows: H, x: run.read() }] };
      },
      step(run, [h], x, wx, bias, features) {
        const { k, B, H } = run;
        k.rnnStep(h!, run.buffer(B * H).ptr, x, wx, run.product(0, H), bias, B, features, H, relu);
      },
    });
  },
);
