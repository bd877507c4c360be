// Workers of every runtime behind one face: `Worker` of browsers, Deno and Bun, and that of Node's worker_threads.
import { checkCall } from "../core/check.js";

/** A worker of any runtime: what `new Worker(new URL("./worker.js", import.meta.url), { type: "module" })` makes. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: never[]): void;
  terminate(): unknown;
}

/** What a runtime has of workers and shared memory. */
export interface ParallelSupport {
  /** Threads that run at once here, as the runtime says. */
  readonly cores: number;
  /** How numbers travel between them: one memory for all, or copies that are sent. */
  readonly transport: "shared memory" | "messages";
  /** Why. */
  readonly reason: string;
}

/** A URL, where the types of no platform are there. */
interface Address {
  readonly href: string;
}

/** The parts of worker_threads and os that are used; bundlers for browsers see no import of either. */
interface NodeModules {
  "node:worker_threads": {
    readonly Worker: new (url: Address) => WorkerLike;
    readonly parentPort: Port | null;
  };
  "node:os": { availableParallelism?(): number; cpus(): unknown[] };
}

interface Port {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  on(event: "message", listener: (message: unknown) => void): void;
  close(): void;
}

interface Globals {
  readonly process?: { getBuiltinModule?<K extends keyof NodeModules>(id: K): NodeModules[K] };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (url: Address, options: { type: "module" }) => WorkerLike;
  readonly document?: unknown;
  readonly WorkerGlobalScope?: unknown;
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

const globals = globalThis as unknown as Globals;

function builtin<K extends keyof NodeModules>(id: K): NodeModules[K] | undefined {
  return globals.process?.getBuiltinModule?.(id);
}

/**
 * What this runtime has of workers and shared memory, and why.
 *
 * @example
 * ```ts
 * const { cores, transport, reason } = parallelSupport();
 * console.log(`${cores} threads, ${transport}: ${reason}`);
 * ```
 */
export function parallelSupport(): ParallelSupport {
  checkCall("parallelSupport", arguments, "");
  const os = builtin("node:os");
  const known = globals.navigator?.hardwareConcurrency ?? os?.availableParallelism?.();
  const cores = known ?? os?.cpus().length ?? 1;
  if (typeof SharedArrayBuffer !== "function" || globals.crossOriginIsolated === false)
    return {
      cores,
      transport: "messages",
      reason:
        "the page is not cross-origin isolated: its server sends no Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy",
    };
  return { cores, transport: "shared memory", reason: "the runtime has SharedArrayBuffer" };
}

/** How a program of the package is started where no worker file is given; undefined where it cannot be: on pages. */
export function ownWorker(url: Address): (() => WorkerLike) | undefined {
  if (globals.document !== undefined || globals.WorkerGlobalScope !== undefined)
    if (builtin("node:worker_threads") === undefined) return undefined;
  const { Worker } = globals;
  if (Worker) return () => new Worker(url, { type: "module" });
  const threads = builtin("node:worker_threads");
  return threads && (() => new threads.Worker(url));
}

/** What can end a worker without an answer. */
export interface WorkerEvents {
  message(data: unknown): void;
  /** It ended, or never began; `why` completes "got …". */
  lost(why: string, cause?: unknown): void;
}

/** Listens to a worker. */
export function listen(worker: WorkerLike, { message, lost }: WorkerEvents): void {
  const { on } = worker as { on?: (event: string, listener: (value: never) => void) => void };
  if (on && !("addEventListener" in worker)) {
    on.call(worker, "message", (data: never) => message(data));
    on.call(worker, "error", (error: Error & { code?: string }) =>
      error.code === "ERR_WORKER_OUT_OF_MEMORY"
        ? lost("one that ran out of memory", error)
        : lost(`one that failed: ${error.message}`, error),
    );
    on.call(worker, "exit", (code: number) => lost(`one that ended, with code ${code}`));
    return;
  }
  const web = worker as unknown as {
    addEventListener(type: string, listener: (event: ErrorEventLike) => void): void;
  };
  web.addEventListener("message", (event) => message(event.data));
  web.addEventListener("error", (event) => {
    // Else Deno ends the main program, too.
    event.preventDefault?.();
    lost(`one that failed: ${event.message ?? "its program could not be loaded"}`, event.error);
  });
  web.addEventListener("messageerror", () => lost("a message that could not be read"));
  // Bun's.
  web.addEventListener("close", () => lost("one that ended"));
}

interface ErrorEventLike {
  readonly data?: unknown;
  readonly message?: string;
  readonly error?: unknown;
  preventDefault?(): void;
}

/** The side of the main program, as a worker sees it. */
export interface MainSide {
  send(message: unknown, transfer: readonly ArrayBuffer[]): void;
  receive(listener: (message: unknown) => void): void;
}

/** Undefined outside of a worker. */
export function mainSide(): MainSide | undefined {
  const port = builtin("node:worker_threads")?.parentPort;
  const isWeb = globals.WorkerGlobalScope !== undefined && globals.document === undefined;
  if (isWeb && typeof globals.postMessage === "function")
    return {
      send: (message, transfer) => globals.postMessage(message, transfer),
      receive: (listener) => globals.addEventListener("message", ({ data }) => listener(data)),
    };
  return (
    (port && {
      send: (message, transfer) => port.postMessage(message, transfer),
      receive: (listener) => port.on("message", listener),
    }) ||
    undefined
  );
}
