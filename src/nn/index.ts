/**
 * Every layer, and the functions that only layers beyond the main entry need.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";
import * as initializers from "./initializers.js";

/** Initial values, set in place: `initializers.orthogonal(gru.weight_hh_l0, { blocks: 3 })`. */
export { initializers };
export { LogSoftmax, ReLU, Sigmoid, Softmax, Tanh } from "./activation.js";
export {
  Attention,
  type AttentionMemory,
  type AttentionOptions,
  type AttentionScore,
  type MemoryOptions,
} from "./attention.js";
export {
  AttentionPooling,
  type AttentionPoolingForwardOptions,
  type AttentionPoolingOptions,
} from "./attention-pooling.js";
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from "./batch-norm.js";
export type { Carry } from "./carry.js";
export { GRUCell, LSTMCell, RNNCell, type CellOptions } from "./cells.js";
export {
  CharacterCNN,
  CharacterLSTM,
  type CharacterCNNOptions,
  type CharacterForwardOptions,
  type CharacterLSTMOptions,
} from "./characters.js";
export { Conv1d, Conv2d, type Conv1dModuleOptions, type Conv2dModuleOptions } from "./conv.js";
export { ConvTranspose1d, type ConvTranspose1dModuleOptions } from "./conv-transpose.js";
export { CRF, type CRFLengths, type CRFLossOptions, type CRFOptions } from "./crf.js";
export {
  Bridge,
  type BridgeKind,
  type BridgeOptions,
  type EncoderState,
} from "./decoder/bridge.js";
export { GNMTEncoder, type GNMTEncoderOptions } from "./decoder/gnmt-encoder.js";
export type { DecoderInputs, RecurrentDecoderState } from "./decoder/inputs.js";
export type {
  AttentionPlacement,
  DecoderCell,
  RecurrentDecoderOptions,
} from "./decoder/options.js";
export {
  RecurrentDecoder,
  type Decoded,
  type DecodedWithWeights,
  type DecoderForwardOptions,
  type DecoderStepOptions,
} from "./decoder/recurrent-decoder.js";
export type { DecoderStream, DecoderStreamOptions } from "./decoder/stream.js";
export { Dropout } from "./dropout.js";
export { Embedding, type EmbeddingOptions, type PretrainedOptions } from "./embedding.js";
export { Flatten, Identity } from "./flatten.js";
export { GPT, type FromGPT2Options } from "./gpt/gpt.js";
export type { GPTOptions } from "./gpt/options.js";
export type { GPTStream } from "./gpt/stream.js";
export { GRU, type GRUForwardOptions, type GRUOptions, type GRUState } from "./gru.js";
export {
  JordanCell,
  type Activation,
  type JordanCellOptions,
  type JordanState,
} from "./jordan-cell.js";
export { LayerNorm, type LayerNormModuleOptions } from "./layer-norm.js";
export { Linear, type LinearOptions } from "./linear.js";
export { LSTM, type LSTMForwardOptions, type LSTMOptions, type LSTMState } from "./lstm.js";
export { LSTMVariantCell, type LSTMVariantOptions } from "./lstm-variant-cell.js";
export { makeCarry, type CarryOptions } from "./make-carry.js";
export { Module } from "./module.js";
export type { StateDict, StateSource } from "./state-dict.js";
export {
  MultiheadAttention,
  type MultiheadAttentionOptions,
  type MultiheadForwardOptions,
} from "./multihead-attention.js";
export {
  NTMCell,
  type NTMForwardOptions,
  type NTMOutput,
  type NTMOutputWithWeights,
  type NTMState,
} from "./ntm/cell.js";
export { NTM } from "./ntm/ntm.js";
export type { NTMController, NTMHead, NTMOptions } from "./ntm/options.js";
export type { NTMStream } from "./ntm/stream.js";
export { AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from "./pooling.js";
export { LearnedPositions, SinusoidalPositions, sinusoids } from "./positions.js";
export { ELU, GELU, Hardtanh, LeakyReLU, SiLU, Softplus } from "./rectifiers.js";
export { RMSNorm, type RMSNormModuleOptions } from "./rms-norm.js";
export {
  RNN,
  type Nonlinearity,
  type RNNForwardOptions,
  type RNNOptions,
  type RNNState,
} from "./rnn.js";
export {
  Scan,
  scanCell,
  type ScanCell,
  type ScanOptions,
  type ScanState,
  type StepModule,
} from "./scan.js";
export type { SequentialStream } from "./sequential-stream.js";
export { streamOf } from "./stream-of.js";
export { Sequential, type Layer, type LayerFunction } from "./sequential.js";
export {
  TransformerDecoderLayer,
  type TransformerDecoderForwardOptions,
} from "./transformer/decoder-layer.js";
export { TransformerEncoderLayer } from "./transformer/encoder-layer.js";
export type { SelfAttentionOptions } from "./transformer/layer.js";
export type { FeedForwardActivation, TransformerLayerOptions } from "./transformer/options.js";
export {
  TransformerDecoder,
  TransformerEncoder,
  type TransformerDecoderStreamOptions,
  type TransformerStackOptions,
  type TransformerStreamOptions,
} from "./transformer/stack.js";
export type { TransformerStream } from "./transformer/stream.js";
export {
  Transformer,
  type TransformerForwardOptions,
  type TransformerOptions,
} from "./transformer/transformer.js";

export {
  scaledDotProductAttention,
  type Attended,
  type AttendedOutput,
  type AttendedWithWeights,
  type NeedWeightsOption,
  type ScaledDotProductOptions,
} from "../ops/attention.js";
export type { BestPath } from "../ops/crf/viterbi.js";
export type { CRFConstraints } from "../ops/crf/weights.js";
export { conv1d, conv2d, type Conv1dOptions, type Conv2dOptions } from "../ops/conv.js";
export { convTranspose1d, type ConvTranspose1dOptions } from "../ops/conv-transpose.js";
export {
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  type AvgPoolOptions,
  type MaxPoolOptions,
} from "../ops/pool.js";
export { poolSequence, type PoolSequenceOptions } from "../ops/pool-sequence.js";
export type { Padding, PairOption } from "../ops/window.js";
