/**
 * The integration service as a whole: relay, poller, ingress, bus.
 *
 * Stopping: the first SIGTERM or SIGINT stops claiming and listening, lets
 * sends that have begun finish within the grace period and gives the other
 * leases back; a second one breaks everything off at once.
 */
import { hostname } from "node:os";
import type { FastifyInstance } from "fastify";
import type { Config } from "../config.ts";
import { ConfigError, portOf } from "../config.ts";
import { createOdooClient, type OdooClient } from "../odoo/client.ts";
import { listenToBus } from "../odoo/bus.ts";
import { ExchangeApi } from "../odoo/exchange.ts";
import { CommandRunner } from "./commands.ts";
import "./commands/index.ts";
import { EndpointDirectory, type SyncContext } from "./context.ts";
import { CredentialStore } from "./credentials.ts";
import { ingressRate, startIngress } from "./ingress/server.ts";
import type { Logger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { Poller, type PollSummary } from "./poller.ts";
import { Processor } from "./processor.ts";
import { Readiness } from "./readiness.ts";
import { Tracing } from "./tracing.ts";
import { Relay, type RelayOptions } from "./relay.ts";
import type { RelaySummary } from "./relay-summary.ts";

/** Port of the ingress where nothing else is said. */
const DEFAULT_PORT = 8071;

/** Milliseconds that running sends get when the service is stopped. */
const GRACE = 15_000;

/** Types of the bus notifications that say "claim now". */
const WAKE_TYPE = "healthcare_exchange/wake";
const COMMAND_WAKE_TYPE = "healthcare_exchange/command_wake";

export interface ServiceOptions {
  /** Endpoint codes; empty means all. */
  endpoints: string[];
  host?: string;
  port?: number;
}

/** Makes what every part needs. The caller closes the client. */
export function createContext(
  config: Config,
  log: Logger,
): { context: SyncContext; client: OdooClient } {
  const client = createOdooClient(config.odoo());
  const exchange = new ExchangeApi(client);
  const context: SyncContext = {
    config,
    exchange,
    endpoints: new EndpointDirectory(exchange),
    credentials: new CredentialStore(config, exchange, log),
    log,
    metrics: new Metrics(),
    tracing: Tracing.off(),
    worker: `${hostname()}:${process.pid}`.slice(0, 100),
  };
  return { context, client };
}

/**
 * `hcp sync once`: takes the files that wait, processes them, sends what is
 * due, and returns.
 * @throws OdooError when Odoo does not answer
 */
export async function syncOnce(
  config: Config,
  log: Logger,
  options: ServiceOptions,
): Promise<{ inbound: PollSummary; outbound: RelaySummary }> {
  const { context, client } = createContext(config, log);
  context.tracing = await Tracing.start(config.env, context.worker);
  try {
    const processor = new Processor(context);
    const poller = new Poller(context, options.endpoints, (uuids, trace) =>
      processor.add(uuids, trace),
    );
    const inbound = await poller.once();
    await processor.idle();
    await new CommandRunner(context).drain();
    const outbound = await new Relay(
      context,
      relayOptions(config, options),
    ).drain();
    return { inbound, outbound };
  } finally {
    await context.tracing.stop();
    await client.close();
  }
}

/** @throws ConfigError for a lease that is no number of seconds */
function relayOptions(
  config: Config,
  options: ServiceOptions,
): Partial<RelayOptions> {
  const named = config.env.HCP_LEASE_SECONDS;
  if (named === undefined) return { endpoints: options.endpoints };
  const leaseSeconds = Number(named);
  if (!Number.isInteger(leaseSeconds) || leaseSeconds < 1)
    throw new ConfigError("HCP_LEASE_SECONDS is a whole number from 1.");
  return { endpoints: options.endpoints, leaseSeconds };
}

/** `hcp sync serve`: a running service. */
export class Service {
  private readonly context: SyncContext;
  private readonly client: OdooClient;
  private readonly options: ServiceOptions;
  private readonly relay: Relay;
  private readonly commands: CommandRunner;
  private readonly poller: Poller;
  private readonly processor: Processor;
  private readonly readiness: Readiness;
  private readonly ending = new AbortController();
  private running: Promise<unknown>[] = [];
  private server: FastifyInstance | undefined;

  constructor(config: Config, log: Logger, options: ServiceOptions) {
    const { context, client } = createContext(config, log);
    this.context = context;
    this.client = client;
    this.options = options;
    this.readiness = new Readiness(context);
    this.processor = new Processor(context);
    this.relay = new Relay(context, relayOptions(config, options));
    this.commands = new CommandRunner(context);
    this.poller = new Poller(context, options.endpoints, (uuids, trace) =>
      this.processor.add(uuids, trace),
    );
  }

  /**
   * Begins to work. Odoo need not be there yet.
   * @returns the ingress' address
   * @throws Error when the port cannot be listened on
   */
  async start(): Promise<string> {
    const { config, log, worker } = this.context;
    this.context.tracing = await Tracing.start(config.env, worker);
    const { server, url } = await startIngress(this.context, this.processor, {
      host: this.options.host ?? config.env.HCP_SERVICE_HOST ?? "127.0.0.1",
      port: this.options.port ?? configuredPort(config),
      rate: ingressRate(config),
      readiness: () => this.readiness.parts(),
    });
    this.server = server;
    this.running = [
      this.relay.serve(),
      this.commands.serve(),
      this.poller.serve(),
      this.listen(),
      this.context.credentials.keepFresh(this.ending.signal),
    ];
    log.info({ event: "ready", url, worker });
    // Claims say it, too, but without the version.
    const { exchange } = this.context;
    this.running.push(
      this.tell(() => exchange.workerSeen(worker, config.version)),
    );
    return url;
  }

  /** Stops; what has begun may finish. */
  async stop(grace: number = GRACE): Promise<void> {
    this.context.log.info({ event: "stopping", grace_ms: grace });
    this.ending.abort();
    this.poller.stop();
    // The ingress goes last: until then it says that we are stopping.
    this.readiness.stopping();
    await Promise.all([this.relay.stop(grace), this.commands.stop(grace)]);
    await this.server?.close();
    await this.processor.stop();
    await Promise.all(this.running);
    const { exchange, worker } = this.context;
    await this.tell(() => exchange.workerGone(worker));
    await this.context.tracing.stop();
    await this.client.close();
    this.context.log.info({ event: "stopped" });
  }

  /** Tells Odoo for its monitor; nothing depends on that it hears it. */
  private async tell(say: () => Promise<boolean>): Promise<void> {
    try {
      await say();
    } catch (error) {
      this.context.log.debug({ event: "not_told", error });
    }
  }

  private listen(): Promise<void> {
    const { config, exchange, log, metrics } = this.context;
    const { url, db } = config.odoo();
    return listenToBus({
      url: config.env.HCP_ODOO_BUS_URL ?? url,
      db,
      channel: () => exchange.wakeChannel(),
      types: [WAKE_TYPE, COMMAND_WAKE_TYPE],
      signal: this.ending.signal,
      onWake: (type) => {
        metrics.count("hcp_wakeups_total");
        if (type === WAKE_TYPE) this.relay.wake();
        else this.commands.wake();
      },
      onState: (connected, reason) => {
        metrics.set("hcp_bus_connected", connected ? 1 : 0);
        this.relay.onBus(connected);
        log[connected ? "info" : "warn"]({ event: "bus", connected, reason });
      },
    });
  }
}

function configuredPort(config: Config): number {
  const named = config.env.HCP_SERVICE_PORT;
  if (named) return Number(named);
  return portOf(config.run.service_url) ?? DEFAULT_PORT;
}
