// Networks of forecasts.
import type { DecoderNetwork } from "../../models/forecaster/decoder-network.js";
import type { ForecastNetwork } from "../../models/forecaster/network.js";
import type { SeriesForecaster } from "../../models/forecaster/series-forecaster.js";
import type { Axis, GraphBuilder, Ref } from "./builder.js";
import { writeLinear } from "./layers.js";
import type { Notes } from "./models.js";
import { writeRecurrent } from "./recurrent.js";
import { writeRepeated } from "./sequences.js";

/**
 * Features of each step, and `ahead` what is known of the steps ahead of each → what is said of these, counted from the reference in
 * its units: `[batch, time, numbers]`.
 */
export function writeForecaster(b: GraphBuilder, model: SeriesForecaster): Notes {
  const { network, options } = model;
  // A recursive one says a single step.
  const horizon = options.head === "recursive" ? 1 : options.horizon;
  const { recurrent } = network;
  const features = recurrent.inputSize;
  const x = b.input("x", "float", ["batch", "time", features]);
  const covariates =
    "decoder" in network
      ? network.decoder.inputSize - 1
      : network.context
        ? network.head.weight.shape[1]! - network.context.weight.shape[0]! / horizon
        : 0;
  const ahead =
    covariates > 0 ? b.input("ahead", "float", ["batch", "time", horizon, covariates]) : undefined;
  const { output } = writeRecurrent(b, recurrent, "network.recurrent", x);
  const width = recurrent.hiddenSize + features;
  const seen = b.node("Concat", [output, x], ["batch", "time", width], { axis: 2 });
  const said =
    "decoder" in network
      ? decoded(b, network, { x, seen, ahead, horizon })
      : forked(b, network, seen, ahead, horizon);
  const size = b.node(
    "Concat",
    [b.node("Slice", [b.node("Shape", [x], [3]), b.ints([0]), b.ints([2])], [2]), b.ints([-1])],
    [3],
    { axis: 0 },
  );
  b.output("said", b.node("Reshape", [said, size], ["batch", "time", "numbers"]));
  return { horizon: String(horizon), output: options.output };
}

/** All steps ahead by one layer; where something is known of them, each by what the state says to it and that. */
function forked(
  b: GraphBuilder,
  { context, head }: ForecastNetwork,
  seen: Ref,
  ahead: Ref | undefined,
  horizon: number,
): Ref {
  if (!context || !ahead) return writeLinear(b, head, "network.head", seen);
  const said = writeLinear(b, context, "network.context", seen);
  const size = context.weight.shape[0]! / horizon;
  const axes: Axis[] = ["batch", "time", horizon, size];
  const apart = b.node("Reshape", [said, b.ints([0, 0, horizon, size])], axes);
  const shown = b.node("Tanh", [apart], axes);
  const width = size + (ahead.axes[3] as number);
  const joined = b.node("Concat", [shown, ahead], ["batch", "time", horizon, width], { axis: 3 });
  return writeLinear(b, head, "network.head", joined);
}

/** A decoder over the steps ahead of each step. */
function decoded(
  b: GraphBuilder,
  { bridge, decoder, head }: DecoderNetwork,
  {
    x,
    seen,
    ahead,
    horizon,
  }: Record<"x" | "seen", Ref> & { ahead: Ref | undefined; horizon: number },
): Ref {
  const rows = "rows";
  const flat = (y: Ref, ...sizes: number[]): Ref =>
    b.node("Reshape", [y, b.ints([-1, ...sizes])], [rows, ...sizes]);
  const first = writeLinear(b, bridge, "network.bridge", flat(seen, seen.axes[2] as number));
  const h = b.node(
    "Unsqueeze",
    [b.node("Tanh", [first], first.axes), b.ints([0])],
    [1, ...first.axes],
  );
  const zero = b.node("Mul", [h, b.scalar(0)], h.axes);
  const initial = decoder.cell.parts.length > 1 ? [h, zero] : [h];
  const share = Float32Array.from({ length: horizon }, (_, i) => (i + 1) / horizon);
  const features = x.axes[2] as number;
  const steps = flat(x, features);
  const count = b.node("Slice", [b.node("Shape", [steps], [2]), b.ints([0]), b.ints([1])], [1]);
  const sizes = b.node("Concat", [count, b.ints([horizon, 1])], [3], { axis: 0 });
  const far = b.node(
    "Expand",
    [b.floats("far", share, [1, horizon, 1]), sizes],
    [rows, horizon, 1],
  );
  const covariates = ahead ? (ahead.axes[3] as number) : 0;
  const read = ahead
    ? b.node("Concat", [far, flat(ahead, horizon, covariates)], [rows, horizon, 1 + covariates], {
        axis: 2,
      })
    : far;
  const { output } = writeRecurrent(b, decoder, "network.decoder", read, { initial });
  const again = writeRepeated(b, steps, output);
  const width = decoder.hiddenSize + features;
  const both = b.node("Concat", [output, again], [rows, horizon, width], { axis: 2 });
  return writeLinear(b, head, "network.head", both);
}
