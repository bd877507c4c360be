// How a forecaster's steps ahead come about: which network says them, and how what it says becomes forecasts of a series.
import { noGrad } from "../../autograd/mode.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { scope } from "../../tensor/scope.js";
import { DecoderNetwork } from "./decoder-network.js";
import { saidAtOnce, writeForecast, type Forecast } from "./forecast.js";
import { ForecastNetwork } from "./network.js";
import { inputOf } from "./network-input.js";
import { featuresIn, type Prepared, type Preparation } from "./prepared.js";
import { readRecursively } from "./sample-paths.js";
import type { Widening } from "./widening.js";

/** Puts the forecast from step t there. One call after another has no earlier step. */
export type SeriesReader = (t: number, widening: Widening, to: Forecast) => void;

/** A network, and how it is used. */
export interface Head {
  readonly network: ForecastNetwork | DecoderNetwork;
  /** How it reads, and what it is to say: of a recursive one a single step ahead. */
  readonly preparation: Preparation;
  /** Begins to forecast a series. */
  read(prepared: Prepared): SeriesReader;
}

export function makeHead(preparation: Preparation): Head {
  const { options, targets, covariates } = preparation;
  const sizes = { targets, covariates, features: featuresIn(preparation) };
  if (options.head === "recursive") {
    const step = { ...preparation, options: { ...options, horizon: 1 } };
    const network = new ForecastNetwork(sizes, step.options);
    return {
      network,
      preparation: step,
      read: (prepared) => readRecursively(network, step, prepared, options.horizon),
    };
  }
  const network = new (options.head === "seq2seq" ? DecoderNetwork : ForecastNetwork)(
    sizes,
    options,
  );
  return { network, preparation, read: (prepared) => readAtOnce(network, preparation, prepared) };
}

/** One pass over a series says everything that is forecast of it. */
function readAtOnce(
  network: Head["network"],
  preparation: Preparation,
  prepared: Prepared,
): SeriesReader {
  const { options, targets } = preparation;
  const whole = { prepared, start: 0, length: prepared.steps };
  const say = (): Float32Array => {
    const { x, ahead } = inputOf([whole], preparation);
    return network.forward(x, ahead).data();
  };
  const said = inEvaluation(network, () => scope(() => noGrad(say)));
  const each = saidAtOnce(options, targets);
  return (t, widening, to) => writeForecast(prepared, preparation, t, said, t * each, widening, to);
}
