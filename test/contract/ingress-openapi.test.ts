/** The running server against its own description: every answer, once. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { MAX_BYTES } from "../../scripts/sync/limits.ts";
import { invoice } from "../kit/documents.ts";
import { IngressBench, type Answer } from "../kit/ingress.ts";

let bench: IngressBench;
beforeEach(() => {
  bench = new IngressBench();
});
afterEach(() => bench.stop());

const AUTHORIZED = { authorization: "Bearer partner-token" };
const SECRET = "client-secret-of-the-description";
const FORM = {
  grant_type: "client_credentials",
  client_id: "c",
  client_secret: SECRET,
};
const body = () => JSON.stringify(invoice("I-1"));
const post = (text: string | Buffer = body(), code = "A") =>
  bench.post(text, AUTHORIZED, code);
const get = (path: string, headers: Record<string, string> = AUTHORIZED) =>
  bench.call("GET", path, { headers });

async function flood(one: () => Promise<Answer>): Promise<Answer> {
  for (let index = 0; index < 200; index++) {
    const answer = await one();
    if (answer.status === 429) return answer;
  }
  throw new Error("never limited");
}

const down = () => {
  bench.forget();
  bench.odoo.fault = () => "fail";
};

/** Odoo answers 403: the service's account may not do this. */
const refuse = () => {
  bench.forget();
  bench.odoo.refuse = true;
};

const DOCUMENTS = "post /v1/endpoints/{code}/documents";
const MESSAGE = "get /v1/messages/{uuid}";
const OLD = {
  HCP_API_OLD_VERSIONS:
    '{"v1":{"deprecated":"2020-01-01","sunset":"2021-01-01"}}',
};

/** How to get each answer that the description names. */
const RECIPES: Record<string, () => Promise<Answer>> = {
  [`${DOCUMENTS} 202`]: () => post(),
  [`${DOCUMENTS} 400`]: () =>
    bench.post(body(), { ...AUTHORIZED, "idempotency-key": "a b" }),
  [`${DOCUMENTS} 401`]: () => bench.post(body()),
  [`${DOCUMENTS} 403`]: async () => {
    const { body: token } = await bench.token(FORM);
    return bench.post(
      body(),
      { authorization: `Bearer ${String(token.access_token)}` },
      "A",
    );
  },
  [`${DOCUMENTS} 404`]: () => post(body(), "NONE"),
  [`${DOCUMENTS} 409`]: async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        bench.post(body(), { ...AUTHORIZED, "idempotency-key": "k" }),
      ),
    );
    const busy = answers.find((one) => one.status === 409);
    if (!busy) throw new Error("never in progress");
    return busy;
  },
  [`${DOCUMENTS} 410`]: () => post(),
  [`${DOCUMENTS} 413`]: () => post(Buffer.alloc(MAX_BYTES + 1, 32)),
  [`${DOCUMENTS} 415`]: () =>
    bench.post(body(), { ...AUTHORIZED, "content-type": "image/png" }),
  [`${DOCUMENTS} 422`]: () => post("{"),
  [`${DOCUMENTS} 429`]: () => flood(() => post("{")),
  [`${DOCUMENTS} 500`]: () => {
    refuse();
    return post();
  },
  [`${DOCUMENTS} 503`]: () => {
    down();
    return post();
  },
  [`${MESSAGE} 200`]: async () => {
    const taken = await post();
    return get(String(taken.headers.location));
  },
  [`${MESSAGE} 401`]: () => get("/v1/messages/x", {}),
  [`${MESSAGE} 404`]: () => get("/v1/messages/x"),
  [`${MESSAGE} 410`]: () => get("/v1/messages/x"),
  [`${MESSAGE} 429`]: () => flood(() => get("/v1/messages/x")),
  [`${MESSAGE} 500`]: () => {
    refuse();
    return get("/v1/messages/x");
  },
  [`${MESSAGE} 503`]: () => {
    down();
    return get("/v1/messages/x");
  },
  "post /oauth/token 200": () => bench.token(FORM),
  "post /oauth/token 400": () => bench.token({ ...FORM, grant_type: "x" }),
  "post /oauth/token 401": () => bench.token({ ...FORM, client_id: "d" }),
  "post /oauth/token 413": () => bench.token("x".repeat(20_000)),
  "post /oauth/token 415": () =>
    bench.call("POST", "/oauth/token", { body: "{}", headers: AUTHORIZED }),
  "post /oauth/token 429": () => flood(() => bench.token(FORM)),
  "post /oauth/token 500": () => {
    refuse();
    return bench.token(FORM);
  },
  "post /oauth/token 503": () => {
    down();
    return bench.token(FORM);
  },
  "get /health/live 200": () => get("/health/live"),
  "get /health/ready 200": () => get("/health/ready"),
  "get /health/ready 503": () => {
    down();
    return get("/health/ready");
  },
  "get /metrics 200": () =>
    get("/metrics", { authorization: "Bearer token-of-metrics" }),
  "get /metrics 401": () => get("/metrics"),
  "get /openapi.json 200": () => get("/openapi.json"),
};

it("describes the answers below, and no other", async () => {
  await bench.start();
  const { paths } = await bench.specification();
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => `${method} ${path} ${status}`),
    ),
  );
  expect(described.sort()).toEqual(Object.keys(RECIPES).sort());
});

it.each(Object.keys(RECIPES))("%s", async (name) => {
  bench.credential(SECRET, {
    kind: "oauth_client",
    client_id: "c",
    endpoint_code: "B",
  });
  await bench.start(
    name.endsWith(" 410") ? OLD : {},
    name.endsWith(" 429") ? { rate: 1 } : {},
  );
  // `call` compares type and body of every answer with the description.
  const answer = await RECIPES[name]?.();
  expect(answer?.status).toBe(Number(name.split(" ").at(-1)));
});
