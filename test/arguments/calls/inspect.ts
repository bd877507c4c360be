// What shows gradients and gates, as data and as pages.
import { GRU, Linear, ones, Parameter, type Tensor } from "../../../src/index.js";
import * as hs from "../../../src/inspect/index.js";
import { NTM } from "../../../src/nn/index.js";
import { floats } from "../values.js";
import { call, type Call } from "../wrong-calls.js";

const FIGURE = { title: "A figure", description: "What it shows." };
const gru = () => new GRU(2, 3);
const x = () => floats(1, 2, 2);
const state = () => ({ h: floats(1, 1, 3) });
const LENGTHS = ["int tensor", "typed array"] as const;
const lastOf = (output: Tensor) => output.sum();
const run = () => hs.gateActivations(gru(), x())[0];

const SIZES = { controllerSize: 3, memoryRows: 4, memoryWidth: 2 };
const ntm = () => new NTM(2, 1, SIZES);
const traced = () => hs.memoryTrace(ntm(), x());

const trained = () => {
  const model = new Linear(2, 1);
  model
    .forward(ones([1, 2]))
    .sum()
    .backward();
  return model;
};

export const INSPECT_CALLS: Readonly<Record<string, Call>> = {
  gateActivations: call(hs.gateActivations, () => [gru(), x(), { state: state(), lengths: [2] }], {
    also: { "2.lengths": LENGTHS },
  }),
  saturation: call(hs.saturation, () => [run(), "z", { low: 0.1, high: 0.9 }], { named: [0] }),
  gradientFlow: call(
    hs.gradientFlow,
    () => [gru(), x(), lastOf, { state: state(), lengths: [2] }],
    { also: { "3.lengths": LENGTHS } },
  ),
  jacobianFlow: call(hs.jacobianFlow, () => [gru(), x(), { state: state() }]),
  gradientNorms: call(hs.gradientNorms, () => [trained()]),
  outputShapes: call(hs.outputShapes, () => [gru(), x()], { variadic: true }),
  watchGradient: call(hs.watchGradient, () => [new Parameter(floats(2)), () => {}]),
  barChart: call(hs.barChart, () => [
    { ...FIGURE, bars: [{ label: "a", value: 1 }], x: "size", logScale: true, width: 300 },
  ]),
  lineChart: call(hs.lineChart, () => [
    {
      ...FIGURE,
      ...{ series: [{ name: "a", values: [1, 2] }], x: "step", y: "loss", logScale: true },
      ...{ start: 1, width: 300, height: 200 },
    },
  ]),
  heatMap: call(hs.heatMap, () => [
    {
      ...FIGURE,
      ...{ values: [1, 2], rows: 1, columns: 2, rowLabels: ["a"], columnLabels: ["b", "c"] },
      ...{ y: "unit", x: "step", range: [0, 2], diverging: false },
    },
  ]),
  captionFigure: call(
    hs.captionFigure,
    () => [
      {
        tokens: ["a"],
        image: { data: new Uint8Array(4), width: 2, height: 2 },
        ...{ rows: 1, columns: 2, weights: [0.5, 0.5] },
      },
      FIGURE,
    ],
    { named: [0] },
  ),
  memoryTrace: call(hs.memoryTrace, () => {
    const machine = ntm();
    return [machine, x(), { state: machine.start(1) }];
  }),
  memoryChart: call(hs.memoryChart, () => [traced(), { ...FIGURE, rows: [1, 3] }]),
  reconstructionChart: call(hs.reconstructionChart, () => [
    [1, 2],
    [1, 3],
    { ...FIGURE, features: 1 },
  ]),
  htmlPage: call(hs.htmlPage, () => [
    "A page",
    [{ heading: "One", text: ["a"], figure: "<svg/>" }],
  ]),
  scatterPage: call(hs.scatterPage, () => [
    [
      [0, 1],
      [2, 3],
    ],
    { ...FIGURE, labels: ["a", "b"], groups: ["c", "c"] },
  ]),
  forecastPage: call(hs.forecastPage, () => [
    [
      {
        ...{ name: "a", values: [1, null, 2], times: ["1", "2", "3"] },
        forecast: { from: 3, point: [3], lower: [2], upper: [4] },
        backtests: [{ from: 2, point: [2] }],
      },
    ],
    { ...FIGURE, interval: "90 %" },
  ]),
  gradientFlowChart: call(
    hs.gradientFlowChart,
    () => [{ GRU: [{ layer: 0, direction: "forward", h: [1, 2] }] }, FIGURE],
    { named: [0] },
  ),
  gradientNormChart: call(hs.gradientNormChart, () => [hs.gradientNorms(trained()), FIGURE]),
  trainingCurve: call(
    hs.trainingCurve,
    () => [{ train: [1, 2] }, { ...FIGURE, logScale: true, smoothing: 2 }],
    { named: [0] },
  ),
  gateHeatMap: call(hs.gateHeatMap, () => [run(), "z", { ...FIGURE, labels: "ab", row: 0 }], {
    named: [0],
    also: { "2.labels": "array" },
  }),
  spectrogramChart: call(hs.spectrogramChart, () => [
    floats(4, 3),
    { words: [{ word: "a", start: 0, end: 1 }], frameSeconds: 0.5, y: "filter", ...FIGURE },
  ]),
  attentionMap: call(hs.attentionMap, () => [
    [0.5, 0.5],
    { queries: ["a"], keys: ["b", "c"] },
    FIGURE,
  ]),
};
