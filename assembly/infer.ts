// The ABI of the inference build: what its entries call, nothing that trains.
export { abi, heapBase, relaxedSimd } from "./module";
export {
  add, sub, mul, div, addBroadcast, subBroadcast, mulBroadcast, divBroadcast, maximumBroadcast, minimumBroadcast,
  equalBroadcast, lessBroadcast, lessEqualBroadcast, equalIntBroadcast, lessIntBroadcast, lessEqualIntBroadcast,
  addIntBroadcast, subIntBroadcast, mulIntBroadcast, floorDivideIntBroadcast, maximumIntBroadcast, minimumIntBroadcast,
  whereBroadcast,
} from "./ops/broadcast";
export { fill, scale, absForward, sqrtForward, floatToInt, intToFloat } from "./ops/elementwise";
export { expForward, logForward, sigmoidForward, tanhForward } from "./ops/activation-gates";
export { reluForward } from "./ops/activation-rectifiers";
export { packedBytes } from "./gemm/panels";
export { packB, packBT, packRowBT } from "./gemm/pack";
export { gemm, gemmAcc } from "./gemm/gemm";
export { gemv } from "./gemm/gemv";
export { toTimeMajor } from "./rnn/rows";
export { rnnForward, rnnStep } from "./rnn/rnn";
export { gruForward, gruStep } from "./rnn/gru";
export { gruResetBeforeForward, gruResetBeforeStep } from "./rnn/gru-reset-before";
export { lstmForward, lstmStep } from "./rnn/lstm";
export { lstmProjectedForward, lstmProjectedStep } from "./rnn/lstm-projected";
export { sumAxis, expandAxis, maxAxis } from "./ops/reduce";
export { softmaxForward, logSoftmaxForward, logSumExpForward } from "./ops/softmax";
export { layerNormForward } from "./ops/norm";
export { copyStrided, scatterStrided, copyRows } from "./ops/layout";
export { gatherRows, gatherAxis, scatterAddAxis } from "./ops/embedding";
export { targetWeightSum, crossEntropyForward } from "./loss/cross-entropy";
