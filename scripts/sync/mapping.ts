/**
 * JSONata mappings, in threads of their own: bounded in time and memory,
 * without access to anything, deterministic.
 *
 * The limits inside JSONata end what loops or recurses; a regular expression
 * that backtracks for ever, or a result that eats the memory, is ended by
 * ending its thread. Neither stops the service or another endpoint's mapping.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** What a mapping gave: a JSON value, or what is wrong and where. */
export type MappingResult<T> = { value: T } | { error: string };

/** What an expression may see beside its document. */
export interface MappingBindings {
  /** ISO 8601; `$document_time`. Absent for documents that come in. */
  documentTime?: string;
}

interface Task {
  expression: string;
  input: unknown;
  documentTime?: string;
  settle: (result: { json: string } | { error: string }) => void;
}

/** Milliseconds after which a thread is ended; JSONata's own limit is 2 s. */
const LIMIT = 4_000;
/** Threads: one bad expression does not hold up the others. */
const THREADS = 2;
const MEMORY = { maxOldGenerationSizeMb: 256, stackSizeMb: 4 };

/** Beside this file in the sources, and from the bundle's place too. */
function workerFile(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    for (const path of [
      "mapping-worker.mjs",
      "scripts/sync/mapping-worker.mjs",
    ])
      if (existsSync(join(folder, path))) return join(folder, path);
    const parent = dirname(folder);
    if (parent === folder) throw new Error("mapping-worker.mjs is missing");
    folder = parent;
  }
}

/** One thread; takes one task at a time and is replaced when it fails. */
class MappingThread {
  private worker: Worker | undefined;
  private task: Task | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly onIdle: () => void;

  constructor(onIdle: () => void) {
    this.onIdle = onIdle;
  }

  get idle(): boolean {
    return this.task === undefined;
  }

  run(task: Task): void {
    this.task = task;
    const worker = (this.worker ??= this.start());
    worker.ref();
    this.timer = setTimeout(() => {
      this.fail(`takes longer than ${LIMIT / 1000} seconds`);
    }, LIMIT);
    const { expression, input, documentTime } = task;
    worker.postMessage({ expression, input, documentTime });
  }

  private start(): Worker {
    const worker = new Worker(workerFile(), {
      resourceLimits: MEMORY,
      // Nothing of this process's secrets.
      env: {},
      argv: [],
      execArgv: [],
    });
    worker.on("message", (result: { json: string } | { error: string }) => {
      worker.unref();
      this.finish(result);
    });
    worker.on("error", (error: Error & { code?: string }) => {
      const memory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.fail(memory ? "takes too much memory" : error.message, worker);
    });
    worker.on("exit", () => this.fail("was ended", worker));
    return worker;
  }

  /** Ends the thread and the task with it; the next task starts another. */
  private fail(why: string, worker = this.worker): void {
    if (worker === undefined || worker !== this.worker) return;
    this.worker = undefined;
    void worker.terminate();
    this.finish({ error: `mapping: the expression ${why}` });
  }

  private finish(result: { json: string } | { error: string }): void {
    clearTimeout(this.timer);
    const { task } = this;
    this.task = undefined;
    task?.settle(result);
    this.onIdle();
  }
}

const waiting: Task[] = [];
const threads: MappingThread[] = [];

function dispatch(): void {
  while (waiting.length > 0) {
    let thread = threads.find((one) => one.idle);
    if (!thread && threads.length < THREADS)
      threads.push((thread = new MappingThread(dispatch)));
    const task = thread && waiting.shift();
    if (!thread || !task) return;
    thread.run(task);
  }
}

/**
 * Applies an expression to a JSON value. Never throws.
 * @returns the JSON value it gives (null for nothing), or what is wrong
 */
export async function evaluate(
  expression: string,
  input: unknown,
  bindings: MappingBindings = {},
): Promise<MappingResult<unknown>> {
  const result = await new Promise<{ json: string } | { error: string }>(
    (settle) => {
      waiting.push({ expression, input, ...bindings, settle });
      dispatch();
    },
  );
  if ("error" in result) return result;
  return { value: JSON.parse(result.json) as unknown };
}

/**
 * Applies a mapping to a document; the result must be one document.
 * @returns the new document, or what is wrong and where in the mapping
 */
export async function applyMapping(
  expression: string,
  document: Record<string, unknown>,
  bindings: MappingBindings = {},
): Promise<MappingResult<Record<string, unknown>>> {
  const result = await evaluate(expression, document, bindings);
  if ("error" in result) return result;
  const { value } = result;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { error: "the mapping's result is not one document" };
  return { value: value as Record<string, unknown> };
}
