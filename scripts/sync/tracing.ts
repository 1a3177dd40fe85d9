/**
 * Traces (OpenTelemetry), from the moment at which a document was queued in
 * Odoo to the attempt that delivered it, and from its receipt to its effect.
 *
 * A message's `traceparent` is pinned in Odoo when it is queued or received.
 * Odoo exports no spans: the span that it names, `queue`, is exported here at
 * the first claim, with the pinned id and Odoo's time. Whatever happens later,
 * in whichever process, hangs below it.
 *
 * Nothing is exported, and no SDK is loaded, unless OTEL_EXPORTER_OTLP_ENDPOINT
 * or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set. The other standard variables
 * mean what they always mean. Spans hold identifiers, never contents.
 */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";

const NAME = "healthcare-procurement-suite";

/** Milliseconds that the last spans get when the process ends. */
const FLUSH_LIMIT = 3_000;

/** Milliseconds since 1970, on the clock that does not jump. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** How a span begins. */
export interface SpanStart {
  /** `traceparent` of the parent; a new trace without one. */
  parent?: string | false | undefined;
  kind?: SpanKind;
  /** Milliseconds since 1970; now where absent. */
  start?: number;
  attributes?: Attributes;
}

/** Where ids come from: chance, or Odoo. */
interface Ids {
  pinned: { traceId: string; spanId: string } | undefined;
}

/** What runs when tracing is on. */
interface Machinery {
  tracer: Tracer;
  ids: Ids;
  shutdown(): Promise<void>;
}

/** The process' tracer; does nothing when it is off. */
export class Tracing {
  private readonly machinery: Machinery | undefined;

  private constructor(machinery?: Machinery) {
    this.machinery = machinery;
  }

  /** One that does nothing. */
  static off(): Tracing {
    return new Tracing();
  }

  /**
   * One that exports, where the environment asks for it.
   * @param worker name of this process, as in leases
   */
  static async start(env: NodeJS.ProcessEnv, worker: string): Promise<Tracing> {
    return isWanted(env) ? new Tracing(await machinery(worker)) : Tracing.off();
  }

  get enabled(): boolean {
    return this.machinery !== undefined;
  }

  /** Begins a span; undefined when tracing is off. The caller ends it. */
  begin(name: string, options: SpanStart = {}): Span | undefined {
    return this.machinery?.tracer.startSpan(
      name,
      {
        kind: options.kind ?? SpanKind.INTERNAL,
        ...(options.start === undefined ? {} : { startTime: options.start }),
        attributes: options.attributes ?? {},
      },
      contextOf(options.parent),
    );
  }

  /** A span that is over already. */
  record(name: string, end: number, options: SpanStart): void {
    this.begin(name, options)?.end(end);
  }

  /** The span that Odoo named when it queued a message: an instant. */
  recordPinned(name: string, traceparent: string, options: SpanStart): void {
    const pinned = parseTraceparent(traceparent);
    if (!pinned || !this.machinery) return;
    this.machinery.ids.pinned = pinned;
    try {
      this.begin(name, { ...options, parent: false })?.end(options.start);
    } finally {
      this.machinery.ids.pinned = undefined;
    }
  }

  /** Sends what is left; not for long, for nobody waits for traces. */
  async stop(): Promise<void> {
    if (!this.machinery) return;
    const limit = new Promise<void>((resolve) => {
      setTimeout(resolve, FLUSH_LIMIT).unref();
    });
    const flushed = this.machinery.shutdown().catch(() => undefined);
    await Promise.race([flushed, limit]);
  }
}

function isWanted(env: NodeJS.ProcessEnv): boolean {
  const address =
    env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const off =
    env.OTEL_SDK_DISABLED?.toLowerCase() === "true" ||
    env.OTEL_TRACES_EXPORTER === "none";
  return Boolean(address) && !off;
}

/** Loaded only now: most commands trace nothing. */
async function machinery(worker: string): Promise<Machinery> {
  const { OTLPTraceExporter } =
    await import("@opentelemetry/exporter-trace-otlp-http");
  const resources = await import("@opentelemetry/resources");
  const { BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator } =
    await import("@opentelemetry/sdk-trace-base");
  const random = new RandomIdGenerator();
  const ids: Ids = { pinned: undefined };
  const provider = new BasicTracerProvider({
    resource: resources
      .defaultResource()
      .merge(
        resources.resourceFromAttributes({
          "service.name": NAME,
          "service.instance.id": worker,
        }),
      )
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    idGenerator: {
      generateTraceId: () => ids.pinned?.traceId ?? random.generateTraceId(),
      generateSpanId: () => ids.pinned?.spanId ?? random.generateSpanId(),
    },
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  return {
    ids,
    tracer: provider.getTracer(NAME),
    shutdown: () => provider.shutdown(),
  };
}

function contextOf(traceparent: string | false | undefined): Context {
  const parsed = parseTraceparent(traceparent);
  if (!parsed) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parsed.traceId,
    spanId: parsed.spanId,
    traceFlags: parsed.flags & TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** A span's `traceparent`, for its children and for partners. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent(traceId, spanId, traceFlags);
}

/** Marks a span as failed, with a code: the partner's words stay in Odoo. */
export function markFailed(span: Span | undefined, code: string): void {
  span?.setAttribute("error.type", code);
  span?.setStatus({ code: SpanStatusCode.ERROR, message: code });
}

export { SpanKind };
