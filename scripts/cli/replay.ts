/** `hcp replay`: a message again, under its own idempotency key. */
import { Command } from "commander";
import { pause } from "../timing.ts";
import { configOf, printLine, withExchange } from "./common.ts";

/** Milliseconds to wait for an outbound message to be sent again. */
const WAIT_LIMIT = 60_000;

/** States in which nothing more happens by itself. */
const SETTLED = new Set([
  "sent",
  "acknowledged",
  "done",
  "rejected",
  "dead",
  "cancelled",
]);

export function replayCommand(): Command {
  return new Command("replay")
    .description("send or process a message again, same idempotency key")
    .requiredOption("--message <uuid>", "the message's UUID")
    .action(async (flags: { message: string }, command: Command) => {
      await withExchange(configOf(command), async (exchange) => {
        const uuids = [flags.message];
        const [queued] = await exchange.replay(uuids);
        if (!queued?.state)
          throw new Error(`there is no message ${flags.message}.`);
        if (!queued.replayed)
          throw new Error(
            `the message is ${queued.state} and stays as it is; what can be replayed is sent, rejected, waiting or dead.`,
          );
        let [now] = await exchange.status(uuids);
        if (now?.direction === "inbound") [now] = await exchange.process(uuids);
        const until = performance.now() + WAIT_LIMIT;
        // Outbound, a running service sends it; a retry is an answer too.
        while (now && !SETTLED.has(now.state) && performance.now() < until) {
          if (now.state === "retry") break;
          await pause(500);
          [now] = await exchange.status(uuids);
        }
        if (!now) throw new Error("the message has gone.");
        printLine(now);
        if (now.state === "rejected" || now.state === "dead")
          process.exitCode = 2;
      });
    });
}
