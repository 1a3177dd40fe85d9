/**
 * What fault tests break: PostgreSQL, Odoo and any number of services, each a
 * process that is killed and started again; and the sandbox's partners, which
 * live in the test's own process, outlast all of them and count.
 *
 * HCP_FAULTS_LOCAL names the folder of an instance whose cluster has the
 * template database; `npm test` and `npm run test:faults` make it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as wait } from "node:timers/promises";
import { Sandbox } from "../../../scripts/sandbox/server.ts";
import type { Count } from "../../../scripts/sandbox/ledger.ts";
import type { Fault } from "../../../scripts/sandbox/faults.ts";
import { createContext } from "../../../scripts/local/lib/context.mjs";
import { copyDatabase } from "../../../scripts/local/lib/database.mjs";
import {
  ensureTools,
  openInstance,
} from "../../../scripts/local/lib/instance.mjs";
import {
  startOdoo,
  waitFor,
  writeOdooConf,
} from "../../../scripts/local/lib/odoo-server.mjs";
import { findPort } from "../../../scripts/local/lib/ports.mjs";
import { startPostgres } from "../../../scripts/local/lib/postgres.mjs";
import {
  childEnv,
  startProcess,
  stopAll,
} from "../../../scripts/local/lib/processes.mjs";
import { TEMPLATE } from "../../../scripts/local/test/prepare.mjs";
import { OdooSide } from "./odoo-side.ts";

type Instance = Awaited<ReturnType<typeof openInstance>>;
type Managed = Awaited<ReturnType<typeof startProcess>>;

const DATABASE = "hcp_faults";
const BEARER = "fault-test-partner";

/** Connector of an endpoint and who is behind it. */
export interface Partner {
  code: string;
  /** Name of the sandbox's counting partner; `b` is the one with a folder. */
  supplier: string;
}

/** What Odoo knows of a message that it sent. */
export interface SentRow {
  number: string;
  state: string;
  ordering_key: string;
  id: number;
  endpoint: string;
  idempotency_key: string;
  payload_sha256: string;
  attempts: number;
  error_code: string | null;
  trace_id: string;
}

export class World {
  readonly odooUrl: string;
  readonly side: OdooSide;
  readonly sandbox: Sandbox;
  readonly partners: Partner[];
  private readonly instance: Instance;
  private readonly ports: Record<"odoo" | "sandbox", number>;
  private readonly sandboxUrl: string;
  private postgres: Managed;
  private odoo: Managed;
  private readonly services = new Map<string, Managed>();
  /** Names of all services that ever ran. */
  private readonly logged = new Set<string>();

  private constructor(parts: {
    instance: Instance;
    ports: Record<"odoo" | "sandbox", number>;
    side: OdooSide;
    sandbox: Sandbox;
    sandboxUrl: string;
    partners: Partner[];
    postgres: Managed;
    odoo: Managed & { url: string };
  }) {
    this.instance = parts.instance;
    this.ports = parts.ports;
    this.side = parts.side;
    this.sandbox = parts.sandbox;
    this.sandboxUrl = parts.sandboxUrl;
    this.partners = parts.partners;
    this.postgres = parts.postgres;
    this.odoo = parts.odoo;
    this.odooUrl = parts.odoo.url;
  }

  /**
   * Starts everything but the services on a fresh copy of the template.
   * @param httpPartners how many partners take documents over HTTP
   */
  static async open(httpPartners: number): Promise<World> {
    const local = process.env.HCP_FAULTS_LOCAL;
    if (!local)
      throw new Error("run this with npm test or npm run test:faults");
    const ctx = createContext({ local });
    const tools = await ensureTools(ctx);
    // Survives SIGKILL as it would in production: nothing is switched off.
    const instance = await openInstance(ctx, tools, { port: 5700 });
    await copyDatabase(instance, TEMPLATE, DATABASE);
    // A database copied from a template must see a checkpoint before a crash:
    // PostgreSQL 18 else recovers its sequences as they were in the template.
    await stopAll(ctx);
    const port = instance.postgresPort;
    const postgres = await startPostgres(ctx, instance.postgres, { port });
    const data = join(ctx.local, "faults-data");
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data, { recursive: true });
    const ports = { odoo: await findPort(8700), sandbox: await findPort(8790) };
    const sandbox = new Sandbox({
      host: "127.0.0.1",
      port: ports.sandbox,
      bearer: BEARER,
      stateDir: join(data, "sandbox"),
      inbox: join(data, "supplier-b", "outbox"),
      outbox: join(data, "supplier-b", "inbox"),
      buyer: () => ({ url: "http://127.0.0.1:1", endpoint: "", bearer: "" }),
      auto: false,
    });
    const sandboxUrl = await sandbox.start();
    const odoo = await startOdoo(instance, { db: DATABASE, port: ports.odoo });
    const side = await OdooSide.start({
      python: instance.python,
      conf: writeOdooConf(instance, DATABASE, { httpPort: ports.odoo }),
      db: DATABASE,
      env: childEnv(ctx),
      logFile: join(ctx.local, "log", "faults-side.log"),
    });
    const partners = [
      ...Array.from({ length: httpPartners }, (_, index) => ({
        code: `F${index + 1}`,
        supplier: `f${index + 1}x`,
      })),
      { code: "FB", supplier: "b" },
    ];
    const world = new World({
      ...{ instance, ports, side, sandbox, sandboxUrl, partners },
      ...{ postgres, odoo },
    });
    await side.setup(partners.map(endpointValues), world.keyFile);
    world.writeRunFile();
    return world;
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.side.stop();
    await this.sandbox.stop();
    await stopAll(this.instance.ctx);
  }

  get keyFile(): string {
    return join(this.instance.ctx.local, "faults-key");
  }

  get dataDir(): string {
    return join(this.instance.ctx.local, "faults-data");
  }

  // What can be broken

  /** Starts a service and waits until it listens. @returns its address */
  async startService(
    name: string,
    options: {
      env?: Record<string, string>;
      /** Module of this folder that the process loads first. */
      preload?: string;
      /** Codes to serve; all where absent. */
      endpoints?: string[];
    } = {},
  ): Promise<string> {
    const { ctx } = this.instance;
    const port = await findPort(8710);
    const preload = options.preload
      ? pathToFileURL(join(import.meta.dirname, options.preload)).href
      : undefined;
    const service = await startProcess(ctx, {
      name,
      command: process.execPath,
      args: [
        ...[join(ctx.root, "scripts", "hcp.mjs"), "sync", "serve"],
        ...(options.endpoints ?? []).flatMap((code) => ["--endpoint", code]),
      ],
      env: {
        ...this.serviceEnv(),
        HCP_SERVICE_PORT: String(port),
        ...options.env,
        ...(preload ? { NODE_OPTIONS: `--import=${preload}` } : {}),
      },
    });
    this.services.set(name, service);
    this.logged.add(name);
    const url = `http://127.0.0.1:${port}`;
    // One that is to be killed at once may never get so far.
    await waitFor(service, `${url}/health/live`, name).catch(
      (error: unknown) => {
        if (service.running) throw error;
      },
    );
    return url;
  }

  /** The environment of `hcp` here. */
  serviceEnv(): Record<string, string> {
    return {
      HCP_RUN_FILE: join(this.instance.ctx.local, "faults-run.json"),
      HCP_SECRETS_FILE: join(this.instance.ctx.local, "faults-secrets.json"),
      HCP_DATA_DIR: this.dataDir,
      HCP_LEASE_SECONDS: "4",
      HCP_ODOO_API_KEY_FILE: this.keyFile,
    };
  }

  service(name: string): Managed {
    return this.services.get(name)!;
  }

  runningServices(): string[] {
    return [...this.services]
      .filter(([, one]) => one.running)
      .map(([name]) => name);
  }

  async killService(name: string): Promise<void> {
    await this.services.get(name)?.stop({ force: true });
  }

  async stopServices(): Promise<void> {
    await Promise.all([...this.services.values()].map((one) => one.stop()));
    this.services.clear();
  }

  /** SIGKILL, and a new Odoo on the same port once the old one is gone. */
  async crashOdoo(): Promise<void> {
    await this.odoo.stop({ force: true });
    this.odoo = await startOdoo(this.instance, {
      db: DATABASE,
      port: this.ports.odoo,
    });
  }

  /** SIGKILL to every process of the server; then crash recovery. */
  async crashPostgres(): Promise<void> {
    await this.postgres.stop({ force: true });
    const { ctx, postgres, postgresPort } = this.instance;
    this.postgres = await startPostgres(ctx, postgres, { port: postgresPort });
  }

  /** Runs something while Odoo's process is there and does not answer. */
  async whileOdooHangs(run: () => Promise<void>): Promise<void> {
    process.kill(this.odoo.pid, "SIGSTOP");
    try {
      await run();
    } finally {
      process.kill(this.odoo.pid, "SIGCONT");
    }
  }

  async setFaults(supplier: string, faults: Fault[]): Promise<void> {
    const answer = await fetch(`${this.sandboxUrl}/behaviour`, {
      method: "PUT",
      headers: { authorization: `Bearer ${BEARER}` },
      body: JSON.stringify({ faults: { [supplier]: faults } }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  // What can be seen

  /** The sandbox's own count, by document number. */
  async counted(supplier: string): Promise<Map<string, Count>> {
    const answer = await fetch(
      `${this.sandboxUrl}/ledger?supplier=${supplier}`,
      { headers: { authorization: `Bearer ${BEARER}` } },
    );
    const { documents } = (await answer.json()) as { documents: Count[] };
    return new Map(documents.map((one) => [one.number, one]));
  }

  /** What Odoo believes of the messages whose numbers begin so. */
  async sent(prefix: string): Promise<SentRow[]> {
    const rows = await this.side.query<unknown[]>(
      `SELECT m.number, m.state, m.ordering_key, m.id, e.code,
              m.idempotency_key, m.payload_sha256, m.error_code, m.trace_id,
              (SELECT count(*) FROM healthcare_exchange_attempt a
                WHERE a.message_id = m.id)
         FROM healthcare_exchange_message m
         JOIN healthcare_exchange_endpoint e ON e.id = m.endpoint_id
        WHERE m.number LIKE %s AND m.direction = 'outbound'
        ORDER BY m.id`,
      [`${prefix}%`],
    );
    return rows.map((row) => ({
      number: String(row[0]),
      state: String(row[1]),
      ordering_key: String(row[2]),
      id: Number(row[3]),
      endpoint: String(row[4]),
      idempotency_key: String(row[5]),
      payload_sha256: String(row[6]),
      error_code: row[7] as string | null,
      trace_id: String(row[8]),
      attempts: Number(row[9]),
    }));
  }

  /** How the attempts at messages with this prefix ended: `outcome error`. */
  async outcomes(prefix: string): Promise<Record<string, number>> {
    const rows = await this.side.query<[string, string | null, number]>(
      `SELECT a.outcome, a.error_code, count(*)
         FROM healthcare_exchange_attempt a
         JOIN healthcare_exchange_message m ON m.id = a.message_id
        WHERE m.number LIKE %s GROUP BY 1, 2 ORDER BY 1, 2`,
      [`${prefix}%`],
    );
    return Object.fromEntries(
      rows.map(([outcome, code, count]) => [
        [outcome, code].filter(Boolean).join(" "),
        count,
      ]),
    );
  }

  /**
   * Waits until no message of the prefix is on its way.
   * @throws Error with what is left, after the limit
   */
  async settled(prefix: string, limit = 60_000): Promise<void> {
    const until = Date.now() + limit;
    for (;;) {
      const rows = await this.side.query<[string, number]>(
        `SELECT state, count(*) FROM healthcare_exchange_message
          WHERE number LIKE %s AND direction = 'outbound'
            AND state IN ('queued', 'retry', 'leased') GROUP BY 1`,
        [`${prefix}%`],
      );
      if (rows.length === 0) return;
      if (Date.now() > until)
        throw new Error(`${prefix}: still ${JSON.stringify(rows)}`);
      await wait(200);
    }
  }

  private writeRunFile(): void {
    const { ctx } = this.instance;
    const files = {
      "faults-run.json": {
        odoo_url: this.odooUrl,
        odoo_db: DATABASE,
        sandbox: { a_url: this.sandboxUrl },
      },
      "faults-secrets.json": {
        sandbox_bearer: BEARER,
        service_bearer: BEARER,
      },
    };
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(ctx.local, name), JSON.stringify(content), {
        mode: 0o600,
      });
  }

  /** Everything that the services of this world have logged. */
  logs(): string {
    const folder = join(this.instance.ctx.local, "log");
    return [...this.logged]
      .map((name) => readFileSync(join(folder, `${name}.log`), "utf8"))
      .join("\n");
  }

  apiKey(): string {
    return readFileSync(this.keyFile, "utf8");
  }

  /** The end of a service's log, for a failed test. */
  logOf(name: string): string {
    const file = join(this.instance.ctx.local, "log", `${name}.log`);
    return readFileSync(file, "utf8").split("\n").slice(-30).join("\n");
  }
}

/**
 * Endpoints that never give up within a test, and come back soon: whether
 * attempts run out and breakers open is tested elsewhere.
 */
function endpointValues({ code, supplier }: Partner): object {
  const common = {
    code,
    max_attempts: 1_000,
    retry_base_seconds: 1,
    retry_max_seconds: 2,
    breaker_seconds: 1,
    breaker_max_seconds: 2,
    drain_per_minute: 0,
  };
  return supplier === "b"
    ? { ...common, connector: "x12-folder", settings: { folder: "supplier-b" } }
    : {
        ...common,
        connector: "rest-json",
        settings: {
          base_url_setting: "sandbox_a",
          path: `/partners/${supplier}/documents`,
          timeout_seconds: 2,
        },
      };
}

/** Bearer that partners present at the ingress. */
export const PARTNER_BEARER = BEARER;
