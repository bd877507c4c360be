// What `hiddenstate/train` exports.
export {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
} from "./early-stopping.js";
