/**
 * What `hiddenstate/infer/models` exports: the models of `hiddenstate/models`, without their training.
 *
 * @packageDocumentation
 */
export * from "../../models/index.js";
