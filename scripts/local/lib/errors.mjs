/**
 * Errors that a person reads. A `SetupError` is one sentence about what is
 * wrong and one about what to do; everything else is a bug or an outside
 * failure, which `explain` turns into the same form.
 */
import process from "node:process";

/** Something that the person in front of the screen can put right. */
export class SetupError extends Error {
  /**
   * @param {string} problem one sentence: what is wrong
   * @param {string} remedy one sentence: what to do about it
   */
  constructor(problem, remedy) {
    super(`${problem} ${remedy}`);
    this.name = "SetupError";
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** A command that ended badly. `output` is the end of what it said. */
export class CommandError extends Error {
  /**
   * @param {string} command the program's name
   * @param {number | null} code exit code, null when killed or not started
   * @param {string} output the end of stdout and stderr
   */
  constructor(command, code, output) {
    super(`${command} ended with ${code === null ? "a signal" : code}`);
    this.name = "CommandError";
    this.command = command;
    this.code = code;
    this.output = output;
  }
}

const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT|Could not resolve|Temporary failure (in name resolution|resolving)|Network is unreachable|Name or service not known|NewConnectionError|ConnectTimeoutError|Could not connect to|Failed to fetch|Connection (timed out|refused)/i;
const NO_DISK = /ENOSPC|No space left on device|Disk quota exceeded|EDQUOT/i;

/**
 * Turns any failure of a step into a SetupError.
 * @param {string} step the step's title, as printed
 * @param {unknown} error what was thrown
 * @param {string} logFile where the details are
 * @returns {SetupError}
 */
export function explain(step, error, logFile) {
  if (error instanceof SetupError) return error;
  const text =
    error instanceof CommandError
      ? error.output
      : `${error?.code ?? ""} ${error?.message ?? error}`;
  if (NO_DISK.test(text)) {
    return new SetupError(
      `The disk is full (${step}).`,
      "Free some space and run the same command again: it goes on where it stopped.",
    );
  }
  if (NO_NETWORK.test(text)) {
    return new SetupError(
      `Nothing could be downloaded (${step}): there is no network connection, or a proxy is in between.`,
      "Connect, or set HTTP_PROXY and HTTPS_PROXY, and run the same command again: it goes on where it stopped.",
    );
  }
  const said = lastLines(text, 6);
  return new SetupError(
    `${step} failed: ${error?.message ?? error}.${said ? `\n${said}\n` : ""}`,
    `The whole story is in ${logFile}; running the same command again goes on where it stopped.`,
  );
}

/**
 * @param {string} text any text
 * @param {number} count how many lines at most
 * @returns {string} its last lines that are not empty, indented
 */
export function lastLines(text, count) {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim())
    .slice(-count)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}

/** @returns {boolean} true on the only kind of system that set-up knows */
export function isLinux() {
  return process.platform === "linux";
}
