/** The Odoo that benchmarks run against, made by `local/bench-world.mjs`. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { loadConfig, type Config } from "../config.ts";
import { createOdooClient, type OdooClient } from "../odoo/client.ts";
import { ExchangeApi } from "../odoo/exchange.ts";

interface Ready {
  env: Record<string, string>;
  odoo: { pid: number; log: string };
}

interface Answer {
  ready?: Ready;
  failed?: string;
  id?: number;
  output?: string;
  error?: string;
}

/** A running Odoo on a database of its own. */
export class World {
  readonly config: Config;
  readonly odoo: { pid: number; log: string };
  private readonly child: ChildProcess;
  private readonly waiting: Map<number, (answer: Answer) => void>;
  private readonly clients: OdooClient[] = [];
  /** Ends, with the reason, when the world does. */
  private readonly ended: Promise<Answer>;
  private lastId = 0;

  private constructor(
    child: ChildProcess,
    ready: Ready,
    waiting: Map<number, (answer: Answer) => void>,
  ) {
    this.child = child;
    this.odoo = ready.odoo;
    this.waiting = waiting;
    this.ended = new Promise((resolve) =>
      child.once("exit", () => resolve({ error: "the world ended" })),
    );
    this.config = loadConfig({}, { ...process.env, ...ready.env });
  }

  /**
   * Installs what is missing, copies the database and starts Odoo.
   * @throws Error with the reason when that does not succeed
   */
  static async open(root: string): Promise<World> {
    const script = join(root, "scripts", "local", "bench-world.mjs");
    const child = spawn(process.execPath, [script], {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const waiting = new Map<number, (answer: Answer) => void>();
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.once("exit", () => reject(new Error("the world ended")));
      const lines = createInterface({ input: child.stdout });
      lines.on("line", (line) => {
        const answer = JSON.parse(line) as Answer;
        if (answer.ready) resolve(answer.ready);
        else if (answer.failed) reject(new Error(answer.failed));
        else if (answer.id !== undefined) {
          waiting.get(answer.id)?.(answer);
          waiting.delete(answer.id);
        }
      });
    });
    return new World(child, ready, waiting);
  }

  /** The exchange protocol as the service speaks it. */
  exchange(): ExchangeApi {
    const client = createOdooClient(this.config.odoo());
    this.clients.push(client);
    return new ExchangeApi(client);
  }

  /**
   * Runs a script of `bench/odoo` inside `odoo shell`.
   * @param env how the script is told what to do
   * @returns the JSON that its last line is
   * @throws Error when it fails
   */
  async script<T>(name: string, env: Record<string, string>): Promise<T> {
    const output = await this.ask({ script: name, env });
    return JSON.parse(output.trim().split("\n").at(-1) ?? "") as T;
  }

  /** Starts or stops `hcp sync serve`. */
  async service(running: boolean): Promise<void> {
    await this.ask({ service: running });
  }

  /** Stops everything. */
  async close(): Promise<void> {
    for (const client of this.clients) await client.close();
    this.child.stdin?.end();
    await this.ended;
  }

  private async ask(request: Record<string, unknown>): Promise<string> {
    const id = ++this.lastId;
    const said = new Promise<Answer>((resolve) => {
      this.waiting.set(id, resolve);
      this.child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
    });
    const answer = await Promise.race([said, this.ended]);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.output ?? "";
  }
}
