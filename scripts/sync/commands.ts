/**
 * Commands from Odoo: a person asks there, this service does it, for all
 * partner I/O is the service's. The result goes back over RPC, and Odoo tells
 * the person over its bus.
 *
 * Crash behaviour: a command whose service died is handed out again when its
 * lease has run out. Handlers present the command's uuid to the partner, so
 * that a repetition has no second effect.
 */
import { randomUUID } from "node:crypto";
import { OdooError } from "../odoo/client.ts";
import type { Command, CommandReport } from "../odoo/exchange.ts";
import { withRetries } from "../odoo/exchange.ts";
import { Bell, pause } from "../timing.ts";
import type { SyncContext } from "./context.ts";

/** What a handler says. `failed` is for what it could not even try. */
export type CommandOutcome = Omit<CommandReport, "uuid">;

/**
 * Carries out one kind of command. May be called again for the same command.
 * What it throws becomes the outcome `failed`.
 */
export type CommandHandler = (
  command: Command,
  context: SyncContext,
  signal: AbortSignal,
) => Promise<CommandOutcome>;

/** Kinds of commands and who carries them out. */
export type CommandRegistry = Map<string, CommandHandler>;

const handlers: CommandRegistry = new Map();

/**
 * Adds a kind of command.
 * @throws Error when the kind is taken: a mistake of ours
 */
export function registerCommand(kind: string, handler: CommandHandler): void {
  if (handlers.has(kind)) throw new Error(`Command ${kind} is there already.`);
  handlers.set(kind, handler);
}

/** All kinds that are known. */
export function commandKinds(): string[] {
  return [...handlers.keys()].sort();
}

/** Commands under lease at the same time. */
const CONCURRENCY = 4;

/** Seconds of a lease; extended while a handler is at work. */
const LEASE_SECONDS = 60;

/** Pause between looks in milliseconds when nothing wakes us. */
const POLL_INTERVAL = 10_000;

/** Longest pause between looks while Odoo does not answer. */
const MAX_BACKOFF = 30_000;

/** Takes commands and carries them out. */
export class CommandRunner {
  private readonly context: SyncContext;
  private readonly handlers: CommandRegistry;
  private readonly bell = new Bell();
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly aborting = new AbortController();

  constructor(context: SyncContext, registry: CommandRegistry = handlers) {
    this.context = context;
    this.handlers = registry;
  }

  /** There may be a command. */
  wake(): void {
    this.bell.ring();
  }

  /** Works until stopped. Odoo being down is waited out. */
  async serve(): Promise<void> {
    let failures = 0;
    while (!this.stopping.signal.aborted) {
      try {
        const found = await this.claimOnce();
        failures = 0;
        if (!found) await this.bell.wait(POLL_INTERVAL);
      } catch (error) {
        failures++;
        this.context.metrics.count("hcp_odoo_errors_total", {
          call: "claim_commands",
        });
        this.context.log.error({ event: "commands_failed", error, failures });
        const wait = Math.min(500 * 2 ** Math.min(failures, 8), MAX_BACKOFF);
        await pause(wait, this.stopping.signal);
      }
    }
    await Promise.all(this.running);
  }

  /** Carries out what waits now and returns. */
  async drain(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      if (await this.claimOnce()) continue;
      if (this.running.size === 0) return;
      // What a finished one made room for may wait.
      await Promise.race(this.running);
    }
    await Promise.all(this.running);
  }

  /**
   * Stops claiming; what runs may finish within the grace period.
   * @param grace milliseconds until handlers are broken off
   */
  async stop(grace: number): Promise<void> {
    this.stopping.abort();
    this.bell.ring();
    const all = Promise.all(this.running);
    await Promise.race([all, pause(grace, this.aborting.signal)]);
    this.aborting.abort();
    await all;
  }

  private async claimOnce(): Promise<boolean> {
    const limit = CONCURRENCY - this.running.size;
    if (limit <= 0) return false;
    const token = randomUUID();
    // The same token again when the answer was lost: the same commands come.
    const commands = await withRetries(
      3,
      () =>
        this.context.exchange.claimCommands(
          {
            worker: this.context.worker,
            limit,
            lease_seconds: LEASE_SECONDS,
            lease_token: token,
          },
          { timeout: 15_000 },
        ),
      (milliseconds) => pause(milliseconds, this.stopping.signal),
    );
    if (commands.length === 0) return false;
    const extending = this.extend(token);
    let open = commands.length;
    for (const command of commands) {
      const done = this.carryOut(token, command).finally(() => {
        this.running.delete(done);
        if (--open === 0) clearInterval(extending);
        this.bell.ring();
      });
      this.running.add(done);
    }
    return true;
  }

  private extend(token: string): NodeJS.Timeout {
    const again = () => {
      this.context.exchange
        .extendCommands(token, LEASE_SECONDS)
        .catch((error: unknown) =>
          this.context.log.warn({ event: "command_extend_failed", error }),
        );
    };
    return setInterval(again, (LEASE_SECONDS * 1_000) / 3);
  }

  /** Never throws: an unreported command is handed out again. */
  private async carryOut(token: string, command: Command): Promise<void> {
    const began = performance.now();
    const outcome = await this.handle(command);
    const fields = {
      event: "command",
      command_uuid: command.uuid,
      kind: command.kind,
      endpoint: command.endpoint.code,
      state: outcome.state,
      duration_ms: Math.round(performance.now() - began),
    };
    try {
      const [answer] = await withRetries(
        5,
        () =>
          this.context.exchange.reportCommands(token, [
            { uuid: command.uuid, ...outcome },
          ]),
        pause,
      );
      this.context.log.info({ ...fields, status: answer?.status });
    } catch (error) {
      this.context.log.error({ ...fields, error });
    }
  }

  private async handle(command: Command): Promise<CommandOutcome> {
    const handler = this.handlers.get(command.kind);
    if (!handler)
      return {
        state: "failed",
        result: {},
        message: `This integration service does not know the command ${command.kind}; update it.`,
      };
    try {
      return await handler(command, this.context, this.aborting.signal);
    } catch (error) {
      this.context.log.error({
        event: "command_failed",
        kind: command.kind,
        endpoint: command.endpoint.code,
        error,
      });
      const known = error instanceof OdooError ? `: ${error.message}` : "";
      return {
        state: "failed",
        result: {},
        message: `The integration service could not do it${known || "; its log says why"}.`,
      };
    }
  }
}
