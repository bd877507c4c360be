// hiddenstate/metrics: scores.
export { tokenAccuracy, type Accuracy } from "./accuracy.js";
export { perplexity, unigramPerplexity } from "./perplexity.js";
