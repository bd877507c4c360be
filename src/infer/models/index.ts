// What `hiddenstate/infer/models` exports: the models of `hiddenstate/models`, without their training.
export * from "../../models/index.js";
