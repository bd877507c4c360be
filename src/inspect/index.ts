/**
 * Gradients and gates made visible, as data and as pages.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export {
  gateActivations,
  saturation,
  type GateActivations,
  type Saturation,
} from "./gate-activations.js";
export { gradientFlow, jacobianFlow, type GradientFlow } from "./gradient-flow.js";
export { gradientNorms, type GradientNorm } from "./gradient-norms.js";
export { outputShapes } from "./output-shapes.js";
export type { RecurrentLayer, UnrollOptions } from "./unroll.js";
export { watchGradient } from "./watch-gradient.js";
export { barChart, type BarChartOptions } from "./bar-chart.js";
export {
  attentionMap,
  gateHeatMap,
  gradientFlowChart,
  gradientNormChart,
  trainingCurve,
} from "./charts.js";
export { captionFigure, type AttentionOverImage } from "./caption-figure.js";
export { heatMap, type HeatMapOptions } from "./heat-map.js";
export {
  memoryChart,
  memoryTrace,
  type HeadTrace,
  type MemoryChartOptions,
  type MemoryTrace,
  type MemoryTraceOptions,
} from "./memory-trace.js";
export { lineChart, type LineChartOptions, type LineSeries } from "./line-chart.js";
export { htmlPage, type PageSection } from "./page.js";
export {
  forecastPage,
  type ForecastPageOptions,
  type PlottedForecast,
  type PlottedSeries,
} from "./forecast-page.js";
export { pianoRoll, type PianoRollOptions } from "./piano-roll.js";
export { reconstructionChart, type ReconstructionChartOptions } from "./reconstruction-chart.js";
export { scatterPage, type ScatterPageOptions } from "./scatter-page.js";
export {
  spectrogramChart,
  type SpectrogramChartOptions,
  type SpokenWord,
} from "./spectrogram-chart.js";
export type { FigureOptions } from "./svg.js";
