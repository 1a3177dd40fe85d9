/** Odoo's side of the fault tests: see py/odoo_side.py. */
import { spawn, type ChildProcess } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A document to be queued. */
export interface Queued {
  number: string;
  endpoint: string;
  ordering_key: string;
  /** 0 urgent, 1 normal, 2 bulk. */
  priority: number;
}

interface Answer {
  result?: unknown;
  error?: string;
}

export class OdooSide {
  private readonly child: ChildProcess;
  private readonly waiting: ((answer: Answer) => void)[] = [];

  private constructor(child: ChildProcess) {
    this.child = child;
    const lines = createInterface({ input: child.stdout! });
    lines.on("line", (line) => {
      if (!line.startsWith("{")) return;
      this.waiting.shift()?.(JSON.parse(line) as Answer);
    });
    child.once("exit", (code) => {
      for (const one of this.waiting.splice(0))
        one({ error: `odoo_side.py ended with ${code}` });
    });
  }

  /** @throws Error when Odoo cannot open the database */
  static async start(options: {
    python: string;
    conf: string;
    db: string;
    env: NodeJS.ProcessEnv;
    logFile: string;
  }): Promise<OdooSide> {
    const script = join(import.meta.dirname, "..", "py", "odoo_side.py");
    const child = spawn(options.python, [script, options.conf, options.db], {
      env: { ...options.env, PYTHONUNBUFFERED: "1" },
      stdio: ["pipe", "pipe", openSync(options.logFile, "a", 0o600)],
    });
    const side = new OdooSide(child);
    await side.answer();
    return side;
  }

  /** Makes endpoints; writes the service's API key to a file. */
  async setup(endpoints: object[], keyFile: string): Promise<void> {
    await this.ask("setup", { endpoints, key_file: keyFile });
  }

  /** @returns how many were not there before */
  enqueue(documents: Queued[]): Promise<number> {
    return this.ask("enqueue", { documents });
  }

  /** Confirms an order at the endpoint's partner. */
  confirmOrder(
    endpoint: string,
  ): Promise<{ number: string; trace_id: string }> {
    return this.ask("confirm_order", { endpoint });
  }

  writeEndpoint(code: string, values: object): Promise<boolean> {
    return this.ask("write_endpoint", { code, values });
  }

  query<Row extends unknown[]>(
    sql: string,
    parameters: unknown[] = [],
  ): Promise<Row[]> {
    return this.ask("query", { sql, parameters });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
  }

  private async ask<T>(command: string, args: object): Promise<T> {
    this.child.stdin?.write(`${JSON.stringify({ command, ...args })}\n`);
    return (await this.answer()) as T;
  }

  private async answer(): Promise<unknown> {
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.push(resolve);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }
}
