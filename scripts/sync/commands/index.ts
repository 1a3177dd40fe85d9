/**
 * All commands that this service knows: one file each, and a line here.
 * Imported once, for its effect, by the service.
 */
import { registerCommand } from "../commands.ts";
import { mappingTest } from "./mapping-test.ts";
import { readFile } from "./read-file.ts";
import { testConnection } from "./test-connection.ts";

registerCommand("test_connection", testConnection);
registerCommand("mapping_test", mappingTest);
registerCommand("read_file", readFile);
