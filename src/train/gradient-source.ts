/** What computes the gradients of a batch elsewhere: a `DataParallel` of `hiddenstate/parallel`. */
export interface GradientSource<Batch> {
  /** Gives each parameter of the model the gradient of the batch's loss, as `backward` would, and that loss. */
  gradients(batch: Batch): Promise<number>;
}
