import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";

import { findPort, isFree } from "../../../scripts/local/lib/ports.mjs";

/** Occupies a port that nobody uses, and the next one if that is free. */
async function occupy(port = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("no port");
  return address.port;
}

test("a busy port gives way to the next that is free", async () => {
  const busy = await occupy();
  expect(await isFree(busy)).toBe(false);
  const found = await findPort(busy);
  expect(found).toBeGreaterThan(busy);
  expect(await isFree(found)).toBe(true);
});

test("a free port is taken as wanted, but promised only once", async () => {
  const wanted = await findPort((await occupy()) + 1);
  const taken = new Set<number>();
  expect(await findPort(wanted, { taken })).toBe(wanted);
  expect(await findPort(wanted, { taken })).toBeGreaterThan(wanted);
  expect(taken.size).toBe(2);
});

test("no free port at all is one sentence with what to do", async () => {
  const busy = await occupy();
  await expect(findPort(busy, { tries: 1 })).rejects.toThrow(
    `No port between ${busy} and ${busy} is free. Stop what is listening there`,
  );
});
