export { abi, heapBase, relaxedSimd } from "./module";
export {
  add, sub, mul, div, addBroadcast, subBroadcast, mulBroadcast, divBroadcast, maximumBroadcast, minimumBroadcast,
  equalBroadcast, lessBroadcast, lessEqualBroadcast, equalIntBroadcast, lessIntBroadcast, lessEqualIntBroadcast,
  whereBroadcast,
} from "./ops/broadcast";
export {
  fill, scale, addScalar, axpy, absForward, absBackward, sqrtForward, sqrtBackward, clampForward, clampBackward,
  floatToInt, intToFloat, firstNonFinite,
} from "./ops/elementwise";
export {
  expForward, logForward, sigmoidForward, sigmoidBackward, tanhForward, tanhBackward, reluForward, reluBackward,
} from "./ops/activate";
export { packedBytes } from "./gemm/panels";
export { packB, packBT, packRowB, packRowBT } from "./gemm/pack";
export { gemm, gemmAcc, gemmTN, gemmTNAcc, gemmTNScratchBytes } from "./gemm/gemm";
export { gemv, gemvAcc } from "./gemm/gemv";
export { toTimeMajor, toBatchFirst } from "./rnn/rows";
export { packRecurrentB, packRecurrentBT } from "./rnn/recurrent-product";
export { lstmForward, lstmStep, lstmBackward } from "./rnn/lstm";
