// The scopes that are open now. Kept apart from scope() itself, which needs tensors.
import { arena } from "../wasm/backend.js";
import type { Mark } from "../wasm/arena.js";

/** One run of `scope(fn)`. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly mark: Mark;
  /** False once its memory is gone. */
  open: boolean;
  /** Inner scopes whose tensors live as long as this one. */
  readonly merged: Scope[];
  /** What lives on the heap but goes with this scope: gradients of its leaves. */
  readonly attached: Set<{ free(): void }>;
}

let current: Scope | undefined;

export function currentScope(): Scope | undefined {
  return current;
}

export function enterScope(): Scope {
  current = { parent: current, mark: arena().mark(), open: true, merged: [], attached: new Set() };
  return current;
}

/** Ends the innermost scope and takes back what it allocated. */
export function endScope(scope: Scope): void {
  current = scope.parent;
  close(scope);
  arena().reset(scope.mark);
}

/** Ends the innermost scope but leaves what it allocated to its parent. */
export function mergeScope(scope: Scope): void {
  current = scope.parent;
  scope.parent!.merged.push(scope);
}

function close(scope: Scope): void {
  scope.open = false;
  for (const block of scope.attached) block.free();
  for (const inner of scope.merged) close(inner);
}
