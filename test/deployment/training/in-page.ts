import { trainingCurve } from "hiddenstate/inspect";
import { series, SequenceClassifier } from "hiddenstate/models";
import { readings } from "./data.js";

const examples = readings(600);
const model = SequenceClassifier.build(examples, { input: series(), hiddenSize: 24 });
const losses: number[] = [];
const frame = setInterval(() => {
  if (losses.length > 0)
    document.querySelector("figure")!.innerHTML = trainingCurve({ train: losses });
}, 100);
await model.fit(examples, {
  epochs: 4,
  learningRate: 0.01,
  onStep: ({ loss }) => losses.push(loss),
});
clearInterval(frame);
document.querySelector("output")!.value = model.predict(examples[0]!.input).label;
