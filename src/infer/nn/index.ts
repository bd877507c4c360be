/**
 * What `hiddenstate/infer/nn` exports: every layer of `hiddenstate/nn`, to run it. What trains throws.
 *
 * @packageDocumentation
 */
export * from "../../nn/index.js";
