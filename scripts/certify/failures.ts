/**
 * What a transport makes of a partner that fails, done for real: a server on
 * this machine, or a folder that is not as it should be. Over the endpoint's
 * own settings, all but the address.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textSetting, type SendOutcome } from "../transports/transport.ts";
import { HttpPartner, reply, type Answer } from "./http-partner.ts";
import { sendContext } from "./send-context.ts";
import { must, type Subject } from "./suite.ts";

/** Runs a transport's cases. @returns a text per case. @throws CheckFailed */
type Failures = (subject: Subject) => Promise<string[]>;

const PAYLOAD = {
  bytes: new TextEncoder().encode("{}"),
  filename: "sample.txt",
  contentType: "application/json",
};

/** Seconds until silence is a time-out, in these cases. */
const TIMEOUT_SECONDS = 0.5;

interface Case {
  name: string;
  answer: Answer;
  outcome: SendOutcome["outcome"];
  error: NonNullable<SendOutcome["error"]>;
}

const HTTP_CASES: Case[] = [
  {
    name: "401",
    answer: reply(401),
    outcome: "not_sent",
    error: "partner_auth",
  },
  {
    name: "404",
    answer: reply(404),
    outcome: "not_sent",
    error: "partner_rejected",
  },
  {
    name: "422",
    answer: reply(422),
    outcome: "not_sent",
    error: "partner_rejected",
  },
  {
    name: "429",
    answer: reply(429, {}, { "retry-after": "7" }),
    outcome: "not_sent",
    error: "rate_limited",
  },
  {
    name: "500",
    answer: reply(500),
    outcome: "unknown",
    error: "partner_unavailable",
  },
  {
    name: "503",
    answer: reply(503),
    outcome: "not_sent",
    error: "partner_unavailable",
  },
  {
    name: "silence",
    answer: () => undefined,
    outcome: "unknown",
    error: "timeout",
  },
  {
    name: "reset",
    answer: (_request, _response, socket) => socket.destroy(),
    outcome: "unknown",
    error: "connection_lost",
  },
];

function expectOutcome(
  name: string,
  found: SendOutcome,
  outcome: SendOutcome["outcome"],
  error: string,
): string {
  must(
    found.outcome === outcome && found.error === error,
    `${name} is ${found.outcome} ${found.error ?? ""}, not ${outcome} ${error}`,
  );
  return `${name}: ${error}`;
}

async function httpFailures(subject: Subject): Promise<string[]> {
  const { transport } = subject.endpoint.connector;
  const partner = new HttpPartner();
  const base_url = await partner.start();
  const context = (signal: AbortSignal) =>
    sendContext(subject, {
      settings: {
        ...subject.endpoint.settings,
        base_url,
        timeout_seconds: TIMEOUT_SECONDS,
      },
      // The real credential is for the partner alone.
      bearer: "not-the-credential",
      signal,
    });
  const found: string[] = [];
  try {
    for (const { name, answer, outcome, error } of HTTP_CASES) {
      partner.answer = answer;
      const result = await transport.send(PAYLOAD, context(subject.signal));
      found.push(expectOutcome(name, result, outcome, error));
      must(
        !JSON.stringify(result).includes("not-the-credential"),
        `${name}: the credential is in the outcome`,
      );
      if (name === "429")
        must(result.retryAfterSeconds === 7, "Retry-After is not heeded");
    }
    const stop = new AbortController();
    partner.answer = () => stop.abort();
    const result = await transport.send(PAYLOAD, context(stop.signal));
    must(result.outcome === "unknown", "stopping does not end a send");
  } finally {
    await partner.stop();
  }
  const refused = await transport.send(PAYLOAD, context(subject.signal));
  found.push(
    expectOutcome("nobody there", refused, "not_sent", "connection_refused"),
  );
  return found;
}

async function folderFailures(subject: Subject): Promise<string[]> {
  const { transport } = subject.endpoint.connector;
  const dataDir = await mkdtemp(join(tmpdir(), "hcp-certify-"));
  try {
    const context = sendContext(subject, { dataDir });
    const found: string[] = [];
    const unsafe = { ...PAYLOAD, filename: "../out.txt" };
    found.push(
      expectOutcome(
        "a name that leads out",
        await transport.send(unsafe, context),
        "not_sent",
        "settings_invalid",
      ),
    );
    const first = await transport.send(PAYLOAD, context);
    const again = await transport.send(PAYLOAD, context);
    must(
      first.outcome === "delivered" && again.outcome === "delivered",
      "the same file again is not the same file",
    );
    const other = { ...PAYLOAD, bytes: new TextEncoder().encode("{ }") };
    found.push(
      expectOutcome(
        "the name with other bytes",
        await transport.send(other, context),
        "not_sent",
        "folder_collision",
      ),
    );
    // A file where the folder should be: nobody can write below it.
    const top = (textSetting(context.settings, "folder") ?? "").split("/")[0];
    await rm(join(dataDir, top ?? ""), { recursive: true });
    await writeFile(join(dataDir, top ?? ""), "");
    found.push(
      expectOutcome(
        "no folder",
        await transport.send(PAYLOAD, context),
        "not_sent",
        "folder_unavailable",
      ),
    );
    return found;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** By transport. A new transport brings its cases. */
export const FAILURES: ReadonlyMap<string, Failures> = new Map([
  ["http", httpFailures],
  ["folder", folderFailures],
]);
