// Writes an ONNX file of a language model (an embedding, an LSTM, a Linear), and prints what the model says of IDS.
import { writeFileSync } from "node:fs";
import { init, manualSeed, tensor } from "hiddenstate";
import { LanguageModel } from "hiddenstate/models";
import { toOnnx } from "hiddenstate/onnx";
import { CharTokenizer } from "hiddenstate/text";
import { IDS } from "./run.mjs";

await init({ build: "plain" });
manualSeed(3);
const tokenizer = CharTokenizer.build("abcdefgh");
const model = new LanguageModel(tokenizer, { embeddingSize: 10, hiddenSize: 24 });
writeFileSync(process.argv[2], toOnnx(model));
const { logits } = model.forward(tensor([IDS], { dtype: "int32" }));
console.log(JSON.stringify({ logits: [...logits.data()] }));
