// What users' compilers are told. Checked by `npm run check`, never run.
import { expectTypeOf } from "vitest";
import {
  Adam,
  add,
  argmax,
  backend,
  buffer,
  concat,
  crossEntropy,
  div,
  Dropout,
  Embedding,
  GRU,
  GRUCell,
  init,
  initSync,
  Linear,
  LogSoftmax,
  LSTM,
  LSTMCell,
  matmul,
  Module,
  mul,
  noGrad,
  Parameter,
  RNN,
  RNNCell,
  scope,
  Sequential,
  sub,
  tensor,
  zeros,
  type Stream,
  type Tensor,
} from "../../src/index.js";
import {
  confusionMatrix,
  entityScores,
  spansOf,
  type EntityScore,
} from "../../src/metrics/index.js";
import {
  SequenceClassifier,
  SequenceTagger,
  series,
  type TaggedSentence,
} from "../../src/models/index.js";
import { scanCell } from "../../src/nn/index.js";
import { Vocabulary } from "../../src/text/index.js";

// Dtypes follow from the data, or from the option.
expectTypeOf(tensor([1, 2])).toEqualTypeOf<Tensor>();
expectTypeOf(tensor(new Int32Array(2))).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf(tensor([1], { dtype: "int32" })).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf(zeros([2])).toEqualTypeOf<Tensor>();
expectTypeOf(zeros([2], { dtype: "int32" })).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf(tensor([1]).data()).toEqualTypeOf<Float32Array>();
expectTypeOf(zeros([2], { dtype: "int32" }).data()).toEqualTypeOf<Int32Array>();
expectTypeOf(zeros([2], { dtype: "int32" }).to("float32")).toEqualTypeOf<Tensor>();
expectTypeOf(argmax(zeros([2]))).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf(concat([zeros([2], { dtype: "int32" })])).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf<Tensor["grad"]>().toEqualTypeOf<Tensor | undefined>();
// @ts-expect-error no such dtype
tensor([1], { dtype: "float64" });
// @ts-expect-error no such option
tensor([1], { requireGrad: true });
// @ts-expect-error strings are no numbers
tensor(["a"]);
// @ts-expect-error an array of the other dtype to fill
tensor([1]).data(new Int32Array(1));
// @ts-expect-error no promotion: ids are not multiplied with weights
matmul(zeros([2, 2]), zeros([2, 2], { dtype: "int32" }));

// Arithmetic keeps the dtype, and mixes none.
const counts = zeros([2], { dtype: "int32" });
expectTypeOf(add(counts, 1)).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf(sub(1, counts)).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf(mul(zeros([2]), 0.5)).toEqualTypeOf<Tensor>();
expectTypeOf(counts.mul(counts).add(1)).toEqualTypeOf<Tensor<"int32">>();
// @ts-expect-error no promotion
add(zeros([2]), counts);
// @ts-expect-error nor by a method
counts.add(zeros([2]));
// @ts-expect-error quotients are float32
div(counts, 2);

// A scope gives what its function returns, and nothing that would outlive it.
expectTypeOf(scope(() => 1)).toEqualTypeOf<number>();
expectTypeOf(scope(() => ({ a: zeros([1]) }))).toEqualTypeOf<{ a: Tensor }>();
expectTypeOf(noGrad(() => zeros([1]))).toEqualTypeOf<Tensor>();
// @ts-expect-error a promise is read after the scope has ended
scope(async () => zeros([1]));
// @ts-expect-error so is a generator
scope(function* () {
  yield zeros([1]);
});

// Layers.
const lstm = new LSTM(3, 4, { numLayers: 2, bias: true, dropout: 0.1, bidirectional: false });
const { output, state } = lstm.forward(zeros([1, 2, 3]), { lengths: [2] });
expectTypeOf(output).toEqualTypeOf<Tensor>();
expectTypeOf(state.h).toEqualTypeOf<Tensor>();
expectTypeOf(state.c).toEqualTypeOf<Tensor>();
expectTypeOf(lstm.step(zeros([1, 3]), state).state).toEqualTypeOf(state);
expectTypeOf(lstm.stream().push(new Float32Array(3))).toEqualTypeOf<Float32Array>();
expectTypeOf(lstm.carry(2).h).toEqualTypeOf<Tensor>();
lstm.carry(2).set(state);
expectTypeOf(new LSTMCell(2, 3).forward).parameter(0).toEqualTypeOf<Tensor>();
const gru = new GRU(3, 4, {
  resetAfter: false,
  bidirectional: true,
  mergeMode: "sum",
  skip: "none",
});
expectTypeOf(gru.forward(zeros([1, 2, 3])).state).toEqualTypeOf<{ readonly h: Tensor }>();
expectTypeOf(new RNN(3, 4, { nonlinearity: "relu" }).stream()).toEqualTypeOf<Stream<"h">>();
expectTypeOf(lstm.stream()).toEqualTypeOf<Stream<"h" | "c">>();
expectTypeOf(new GRUCell(3, 4).forward(zeros([1, 3]))).toEqualTypeOf<{ readonly h: Tensor }>();
expectTypeOf(new RNNCell(3, 4).step(zeros([1, 3])).output).toEqualTypeOf<Tensor>();
const scanned = scanCell(
  (x, state: { a: Tensor; b: [Tensor] } = { a: x, b: [x] }) => ({ output: x, state }),
  zeros([1, 2, 3]),
);
expectTypeOf(scanned.state).toEqualTypeOf<{ a: Tensor; b: [Tensor] }>();
// @ts-expect-error a GRU has no projection
new GRU(3, 4, { projSize: 2 });
// @ts-expect-error no such way to merge
new LSTM(3, 4, { mergeMode: "max" });
// @ts-expect-error no such nonlinearity
new RNN(3, 4, { nonlinearity: "sigmoid" });
// @ts-expect-error a GRU's state has no c
gru.forward(zeros([1, 2, 3]), { state: { h: zeros([2, 1, 4]), c: zeros([2, 1, 4]) } });
// @ts-expect-error PyTorch's names, in camelCase
new LSTM(3, 4, { num_layers: 2 });
// @ts-expect-error a state has h and c
lstm.forward(zeros([1, 2, 3]), { state: { h: zeros([1, 1, 4]) } });
// @ts-expect-error sizes are numbers
new Linear("3", 4);
// @ts-expect-error ids are int32
new Embedding(3, 4).forward(zeros([2]));

// The first layer says what a chain takes.
const chain = new Sequential(
  new Embedding(5, 3),
  new LSTM(3, 4),
  new Linear(4, 5),
  new LogSoftmax(),
);
expectTypeOf(chain.forward).parameter(0).toEqualTypeOf<Tensor<"int32">>();
expectTypeOf(chain.forward).returns.toEqualTypeOf<Tensor>();
// @ts-expect-error ids are int32
chain.forward(zeros([2, 3]));

// Modules.
class Tagger extends Module {
  readonly scale = new Parameter(zeros([1]));
  readonly counts = buffer(zeros([1], { dtype: "int32" }));
  readonly dropout = new Dropout(0.5);
}
expectTypeOf(new Tagger().parameters()).toEqualTypeOf<Parameter[]>();
expectTypeOf(new Tagger().stateDict()).toExtend<Map<string, Tensor<"float32" | "int32">>>();

// Losses and optimizers.
const ids = zeros([2], { dtype: "int32" });
expectTypeOf(crossEntropy(zeros([2, 3]), ids, { reduction: "sum" })).toEqualTypeOf<Tensor>();
crossEntropy(zeros([2, 3]), zeros([2, 3]));
// @ts-expect-error no such reduction
crossEntropy(zeros([2, 3]), ids, { reduction: "average" });
new Adam(lstm.parameters(), { lr: 0.1, betas: [0.9, 0.99], weightDecay: 0 });
new Adam([{ params: lstm.parameters(), lr: 0.1 }]);
// @ts-expect-error SGD's option
new Adam(lstm.parameters(), { momentum: 0.9 });
// @ts-expect-error tensors are not parameters
new Adam([zeros([1])]);

// The backend.
expectTypeOf(backend().build).toEqualTypeOf<"plain" | "relaxed">();
expectTypeOf(backend().delivery).toEqualTypeOf<"inlined" | "imported" | "given">();
expectTypeOf(init({ build: "plain" })).toEqualTypeOf<Promise<void>>();
void init({ wasm: Promise.resolve(new Response()) });
initSync({ wasm: new Uint8Array() });
initSync({ wasm: new WebAssembly.Module(new Uint8Array()) });
// @ts-expect-error: nothing is awaited
initSync({ wasm: fetch("kernels.wasm") });
// @ts-expect-error: its body is read by init
initSync({ wasm: new Response() });
// @ts-expect-error no such build
initSync({ build: "fast" });

// Labels keep their literals, in a vocabulary and in spans.
const tags = new Vocabulary(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]);
type TagName = "O" | "B-PER" | "I-PER" | "B-LOC" | "I-LOC";
expectTypeOf(tags.decode([0, 1])).toEqualTypeOf<TagName[]>();
expectTypeOf(tags.token(0)).toEqualTypeOf<TagName>();
expectTypeOf(spansOf(tags.decode([0]))[0]!.type).toEqualTypeOf<"PER" | "LOC">();
expectTypeOf(spansOf(["B-PER"] as string[])[0]!.type).toEqualTypeOf<string>();
expectTypeOf(entityScores([tags.decode([0])], [tags.decode([1])]).byType).toEqualTypeOf<
  Readonly<Record<"PER" | "LOC", EntityScore>>
>();
expectTypeOf(Vocabulary.build("text".split(""))).toEqualTypeOf<Vocabulary>();
expectTypeOf(confusionMatrix(["a"], ["b"]).labels).toEqualTypeOf<readonly ("a" | "b")[]>();

// What a tagger says is one of the labels it was made for.
declare const bytes: Uint8Array;
declare const tagged: TaggedSentence<"O" | "B-PER" | "I-PER", "ask" | "tell">[];
const tagger = SequenceTagger.build(tagged, { scheme: "IOB2" });
expectTypeOf(tagger.predict("a text").tags).toEqualTypeOf<readonly ("O" | "B-PER" | "I-PER")[]>();
expectTypeOf(tagger.predict(["a", "text"]).spans[0]!.type).toEqualTypeOf<"PER">();
expectTypeOf(tagger.predict("a text").intent).toEqualTypeOf<"ask" | "tell" | undefined>();
const nouns = SequenceTagger.build([{ words: ["dogs"], tags: ["NOUN"] }]);
expectTypeOf(nouns.predict("cats").tags).toEqualTypeOf<readonly "NOUN"[]>();
expectTypeOf(SequenceTagger.load(bytes, { labels: ["O", "B"] }).predict("").tags).toEqualTypeOf<
  readonly ("O" | "B")[]
>();
// @ts-expect-error a scheme that nobody knows
SequenceTagger.build(tagged, { scheme: "BIO" });

// A classifier predicts the labels of its examples; a loaded one those that the program names.
const moods = [
  { input: "fine", label: "good" },
  { input: "awful", label: "bad" },
] as const;
const classifier = SequenceClassifier.build(moods, { encoder: "convolutional", filters: 8 });
expectTypeOf(classifier.predict("a film").label).toEqualTypeOf<"good" | "bad">();
expectTypeOf(classifier.predictBatch(["a film"])[0]!.probabilities).toEqualTypeOf<
  Readonly<Record<"good" | "bad", number>>
>();
expectTypeOf((await classifier.evaluate(moods)).details.confusion.labels).toEqualTypeOf<
  readonly ("good" | "bad")[]
>();
const loadedClassifier = SequenceClassifier.load(classifier.save(), { labels: ["good", "bad"] });
expectTypeOf(loadedClassifier.predict("a film").label).toEqualTypeOf<"good" | "bad">();
expectTypeOf(SequenceClassifier.load(classifier.save()).predict([[1]]).label).toBeString();
// @ts-expect-error it reads texts
classifier.predict([[1, 2]]);
// @ts-expect-error "so-so" is none of its labels
void classifier.fit([{ input: "well", label: "so-so" }]);
// @ts-expect-error a mean has no pooling
SequenceClassifier.build(moods, { encoder: "mean", pooling: "max" });
// @ts-expect-error no such score
void classifier.fit(moods, { validation: moods, metric: "f1" });
const speakers = [{ input: [[1, 2]], label: "a" }] as { input: number[][]; label: "a" | "b" }[];
const ofSeries = SequenceClassifier.build(speakers, { input: series() });
expectTypeOf(ofSeries.predict(Float32Array.of(1, 2)).label).toEqualTypeOf<"a" | "b">();
