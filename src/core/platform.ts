// Types of the platform as far as the library needs them: a program's TypeScript may know neither the DOM's nor Node's.

/** What ends a long run: an `AbortSignal`, of any runtime. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  /** What the run throws. */
  readonly reason: unknown;
}

/** `Response`, where the compiler knows it. */
export type KnownResponse = typeof globalThis extends {
  Response: { prototype: infer Response };
}
  ? Response
  : never;
