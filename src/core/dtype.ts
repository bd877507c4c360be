/** Element types of a tensor. Both take four bytes an element. */
export type DType = "float32" | "int32";

/** The typed array that holds elements of a dtype. */
export type DataOf<D extends DType> = D extends "float32" ? Float32Array : Int32Array;

export const BYTES_PER_ELEMENT = 4;
