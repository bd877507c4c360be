/** Whether this build trains: false in the inference build. A constant of the bundler (scripts/inference-build.mjs). */
declare const TRAINING: boolean;
