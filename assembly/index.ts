export { abi, heapBase, relaxedSimd } from "./module";
export {
  add, sub, mul, div, addBroadcast, subBroadcast, mulBroadcast, divBroadcast, maximumBroadcast, minimumBroadcast,
  equalBroadcast, lessBroadcast, lessEqualBroadcast, equalIntBroadcast, lessIntBroadcast, lessEqualIntBroadcast,
  addIntBroadcast, subIntBroadcast, mulIntBroadcast, floorDivideIntBroadcast, maximumIntBroadcast, minimumIntBroadcast,
  whereBroadcast,
} from "./ops/broadcast";
export {
  fill, scale, axpy, absForward, absBackward, sqrtForward, sqrtBackward, floatToInt, intToFloat, firstNonFinite,
} from "./ops/elementwise";
export {
  expForward, logForward, sigmoidForward, sigmoidBackward, tanhForward, tanhBackward,
} from "./ops/activation-gates";
export { reluForward, reluBackward } from "./ops/activation-rectifiers";
export { packedBytes } from "./gemm/panels";
export { packB, packBT, packRowB, packRowBT } from "./gemm/pack";
export { gemm, gemmAcc, gemmTN, gemmTNAcc, gemmTNScratchBytes } from "./gemm/gemm";
export { gemv, gemvAcc } from "./gemm/gemv";
export { toTimeMajor, toBatchFirst } from "./rnn/rows";
export { rnnForward, rnnStep, rnnBackward } from "./rnn/rnn";
export { gruForward, gruStep, gruBackward } from "./rnn/gru";
export { gruResetBeforeForward, gruResetBeforeStep, gruResetBeforeBackward } from "./rnn/gru-reset-before";
export { lstmForward, lstmStep, lstmBackward } from "./rnn/lstm";
export { lstmProjectedForward, lstmProjectedStep, lstmProjectedBackward } from "./rnn/lstm-projected";
export { sumAxis, sumAxisAcc, expandAxis, maxAxis } from "./ops/reduce";
export {
  softmaxForward, softmaxBackward, logSoftmaxForward, logSoftmaxBackward, logSumExpForward, logSumExpBackward,
} from "./ops/softmax";
export { layerNormForward, layerNormBackward, layerNormWeightAcc } from "./ops/norm";
export { copyStrided, scatterStrided, scatterStridedAcc, copyRows, copyRowsAcc } from "./ops/layout";
export { gatherRows, scatterAddRows, gatherAxis, scatterAddAxis } from "./ops/embedding";
export { uniformFill, normalFill, dropout } from "./ops/random";
export {
  targetWeightSum, nllForward, nllBackward, crossEntropyForward, crossEntropyBackward,
} from "./loss/cross-entropy";
export {
  mseForward, mseBackward, l1Forward, l1Backward, binaryCrossEntropyForward, binaryCrossEntropyBackward,
} from "./loss/elementwise";
export { gradSquaredNorm, gradAbsNorm, scaleGradients, clampGradients } from "./optim/table";
export { sgdStep } from "./optim/sgd";
export { adamStep } from "./optim/adam";
