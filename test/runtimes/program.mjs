// What every runtime runs from the installed package: train, save, load, stream.
import {
  Adam,
  backend,
  clipGradNorm,
  crossEntropy,
  Dropout,
  Embedding,
  init,
  Linear,
  loadSafetensors,
  LSTM,
  manualSeed,
  Module,
  saveSafetensors,
  scope,
  Tensor,
  tensor,
} from "hiddenstate";
import { LSTM as InferenceLSTM, loadSafetensors as loadForInference } from "hiddenstate/infer";
import { loadSafetensors as loadSafetensorsByIo } from "hiddenstate/io";
import { LanguageModel } from "hiddenstate/models";
import { CharTokenizer } from "hiddenstate/text";

const VOCABULARY = 11;
const BATCH = 5;
const TIME = 13;
const STEPS = 25;

class Net extends Module {
  embed = new Embedding(VOCABULARY, 18);
  dropout = new Dropout(0.2);
  lstm = new LSTM(18, 30);
  head = new Linear(30, VOCABULARY);

  forward(ids) {
    const { output } = this.lstm.forward(this.dropout.forward(this.embed.forward(ids)));
    return this.head.forward(output);
  }
}

/** Trains a small LSTM and gives checksums of the bits it ends with. */
export async function run(build) {
  await init({ build });
  manualSeed(20);
  const net = new Net();
  const optimizer = new Adam(net.parameters(), { lr: 0.02 });
  const losses = [];
  for (let step = 0; step < STEPS; step++) losses.push(train(net, optimizer, step));

  const file = saveSafetensors(net.stateDict());
  const loaded = new Net();
  loaded.loadStateDict(loadSafetensors(file));
  const streamed = stream(loaded);
  return {
    ...backend(),
    firstLoss: losses[0],
    lastLoss: losses.at(-1),
    checksum: checksum([file, bytesOf(streamed), bytesOf(Float32Array.from(losses))]),
    streamed: Array.from(streamed),
    checks: {
      "one Tensor class in all entries": isOneTensorClass(file),
      "hiddenstate/infer streams the same": streamsTheSame(loaded, streamed),
    },
  };
}

function train(net, optimizer, step) {
  return scope(() => {
    const { input, target } = batch(step);
    const loss = crossEntropy(net.forward(input), target);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(net.parameters(), 0.5);
    optimizer.step();
    return loss.item();
  });
}

/** Rows that count up by their own stride: the next token is predictable. */
function batch(step) {
  const at = (row, time) => (row + (1 + (row % 3)) * (time + step)) % VOCABULARY;
  const ids = (shift) =>
    tensor(
      Int32Array.from({ length: BATCH * TIME }, (_, i) =>
        at(Math.floor(i / TIME), (i % TIME) + shift),
      ),
      { shape: [BATCH, TIME] },
    );
  return { input: ids(0), target: ids(1) };
}

/** The LSTM's outputs, one time step at a time. */
function stream(net) {
  return outputsOf(net.lstm.stream(), net.embed.weight.data());
}

/** Whether the inference build, whose kernels are plain, gives those outputs: to the bit if they are of plain kernels. */
function streamsTheSame(net, streamed) {
  const lstm = new InferenceLSTM(18, 30);
  lstm.loadStateDict(loadForInference(saveSafetensors(net.lstm.stateDict())));
  const outputs = outputsOf(lstm.stream(), net.embed.weight.data());
  const tolerance = backend().build === "plain" ? 0 : 1e-4;
  return outputs.every((each, i) => Math.abs(each - streamed[i]) <= tolerance);
}

function outputsOf(lstm, table) {
  const outputs = [];
  for (let time = 0; time < 12; time++) {
    const id = (time * 4) % VOCABULARY;
    outputs.push(...lstm.push(table.subarray(id * 18, (id + 1) * 18)));
  }
  lstm.dispose();
  return Float32Array.from(outputs);
}

/** Whether the tensors of other entries are those of the main one. */
function isOneTensorClass(file) {
  const model = new LanguageModel(CharTokenizer.build("abc"), { embeddingSize: 4, hiddenSize: 4 });
  const tensors = [...loadSafetensorsByIo(file).values(), ...model.parameters()];
  return tensors.every((each) => each instanceof Tensor);
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** FNV-1a, in hexadecimal. */
function checksum(parts) {
  let hash = 0x811c9dc5;
  for (const bytes of parts) for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
