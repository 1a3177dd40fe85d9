/**
 * Commands that run the conformance suite. Imported once, for its effect, by
 * whoever starts the service: the suite stands above it.
 */
import { registerCommand } from "../../sync/commands.ts";
import { certifyEndpoint } from "./certify.ts";
import { sampleExchange } from "./sample-exchange.ts";

registerCommand("sample_exchange", sampleExchange);
registerCommand("certify", certifyEndpoint);
