// A model's stream: with its weights as they are, and what scales the series.
import { OptionError } from "../../core/errors.js";
import type { Head } from "./heads.js";
import { ForecastNetwork } from "./network.js";
import { featuresIn, type Preparation } from "./prepared.js";
import { heightOf, valueOf, type Height } from "./scaling.js";
import type { ReadSeries } from "./series.js";
import { ForecasterStream } from "./stream.js";
import { StreamLayers } from "./stream-layers.js";
import type { Widening } from "./widening.js";

interface Streamed {
  readonly network: Head["network"];
  readonly preparation: Preparation;
  readonly widening: Widening;
  /** What came already. */
  readonly history: ReadSeries | undefined;
  /** Tells the model, and what scales the series, from others. */
  printOf(height: Height): string;
}

/** @throws OptionError for a head that takes more than one step, and where a series that scales itself has not begun */
export function openStream(
  op: string,
  { network, preparation, widening, history, printOf }: Streamed,
): ForecasterStream {
  const { head } = preparation.options;
  if (head !== "direct" || !(network instanceof ForecastNetwork))
    throw new OptionError({
      op,
      expected: 'a model with head "direct", which says all steps ahead in the time of one',
      got: `head "${head}"`,
      cure: "predict() takes all that came.",
    });
  const height = heightFor(op, preparation, history);
  const stream = new ForecasterStream({
    ...{ preparation, height, widening },
    layers: new StreamLayers(network),
    print: printOf(height),
    features: featuresIn(preparation),
  });
  if (history) stream.begin(history);
  return stream;
}

function heightFor(
  op: string,
  { scaling, options, targets }: Preparation,
  history: ReadSeries | undefined,
): Height {
  if (options.scaling === "all")
    return {
      mean: Float64Array.from(scaling.mean),
      deviation: Float64Array.from(scaling.deviation),
    };
  if (history) return heightOf(targets, [history.values.map((value) => valueOf(value, options))]);
  throw new OptionError({
    op,
    expected: 'a history, whose mean and deviation scale the series (scaling "series")',
    got: "none",
  });
}
