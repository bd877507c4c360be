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
  /** Tensors over heap memory that go with this scope: gradients of its leaves, views of heap tensors. */
  readonly attached: Set<{ expire(): void }>;
  /** Live tensors in its part of the arena; those that share memory count once. */
  tensors: number;
}

/** Stands for any scope that has ended. */
export const ENDED_SCOPE: Scope = newScope(undefined, { chunk: 0, offset: 0 }, false);

let current: Scope | undefined;

export function currentScope(): Scope | undefined {
  return current;
}

/** Live tensors in every open scope. */
export function scopedTensors(): number {
  let count = 0;
  for (let scope = current; scope; scope = scope.parent) count += liveTensors(scope);
  return count;
}

function liveTensors({ tensors, merged }: Scope): number {
  return merged.reduce((sum, inner) => sum + liveTensors(inner), tensors);
}

export function enterScope(): Scope {
  return (current = newScope(current, arena().mark(), true));
}

function newScope(parent: Scope | undefined, mark: Mark, open: boolean): Scope {
  return { parent, mark, open, merged: [], attached: new Set(), tensors: 0 };
}

/** Ends the innermost scope and takes back what it allocated. */
export function endScope(scope: Scope): void {
  current = scope.parent;
  close(scope);
  arena().reset(scope.mark);
}

/** `scope(run)` for a function that leaves no tensor behind. */
export function scopeWithin(run: () => void): void {
  const entered = enterScope();
  try {
    run();
  } finally {
    endScope(entered);
  }
}

/** Ends the innermost scope but leaves what it allocated to its parent. */
export function mergeScope(scope: Scope): void {
  current = scope.parent;
  scope.parent!.merged.push(scope);
}

function close(scope: Scope): void {
  scope.open = false;
  for (const tensor of scope.attached) tensor.expire();
  for (const inner of scope.merged) close(inner);
}
