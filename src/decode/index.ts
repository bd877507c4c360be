// What `hiddenstate/decode` exports.
export {
  stopAfter,
  stopAtAny,
  stopAtSequence,
  stopAtToken,
  type StopCondition,
} from "./stop.js";
