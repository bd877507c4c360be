// The kernels that only subpaths of the package call: a module of its own, on the memory of the main one.
export { abi, heapBase, relaxedSimd } from "../module";
export { addScalar, clampForward, clampBackward, roundWhole } from "../ops/elementwise";
export { rectifyForward, rectifyBackward } from "../ops/activation-rectifiers";
export { cumsum } from "../ops/reduce";
export { powForward, powBaseBackward, powExponentBackward } from "../ops/power";
export { cumprodForward, cumprodBackward } from "../ops/cumprod";
export { sineForward } from "../ops/sine";
export { rmsNormForward, rmsNormBackward } from "../ops/rms-norm";
export { batchMoments, batchNormForward, batchNormSums, batchNormBackward } from "../ops/batch-norm";
export { rotate } from "../ops/rotary";
export { maxPoolForward, maxPoolBackwardAcc } from "../ops/pool";
export { unfold, unfoldPacked, foldAcc } from "../ops/convolution";
export {
  winogradScratchBytes, winogradForward, winogradBackward, winogradKernelsScratchBytes, winogradKernelsAcc,
} from "../ops/winograd";
export { attendForward, attendBackwardAcc } from "../rnn/attention";
export { ntmForward } from "../ntm/forward";
export { ntmBackward, ntmScratchSize } from "../ntm/backward";
export { ntmRecordSize } from "../ntm/record";
export { huberForward, huberBackward } from "../loss/elementwise";
export { rmsStep } from "../optim/rms";
