import type { KernelBytes } from "./instantiate.js";

/** `"plain"` gives the same bits on every engine; `"relaxed"` may fuse multiply and add. */
export type Build = "plain" | "relaxed";

/** The modules beside the main one: the kernels of a family, or those that only subpaths use. */
export type FamilyName = "structured" | "extra" | "attention" | "vectors" | "audio";

/** @internal */
export type ModuleName = "main" | FamilyName;

/**
 * How the builds of a module reach this runtime; `#kernels/…` in package.json chooses the file. A build is missing where
 * a module that some engine cannot compile must not even be imported, or where it would be a burden.
 */
export interface KernelSource {
  readonly delivery: "inlined" | "imported";
  readonly builds: { readonly [build in Build]?: () => KernelBytes };
}
