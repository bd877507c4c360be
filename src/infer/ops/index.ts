/**
 * What `hiddenstate/infer/ops` exports: every operation of `hiddenstate/ops`, forward.
 *
 * @packageDocumentation
 */
export * from "../../ops/index.js";
