/**
 * Progress that reads well on a terminal and in a log file. On a terminal the
 * running step shows its seconds; elsewhere a line every 20 seconds says that
 * it still runs.
 */
import process from "node:process";

/**
 * @typedef {object} Reporter
 * @property {(title: string) => StepReport} step begins a step
 * @property {(text: string) => void} say a line of its own
 */

/**
 * @typedef {object} StepReport
 * @property {(text: string) => void} note what the step does just now
 * @property {(text?: string) => void} done ends it well
 * @property {() => void} failed ends it badly
 */

/**
 * @param {NodeJS.WritableStream & { isTTY?: boolean, columns?: number }} [out]
 * @param {() => number} [now] milliseconds
 * @returns {Reporter}
 */
export function createReporter(out = process.stdout, now = Date.now) {
  const live = Boolean(out.isTTY);
  const clear = live ? "\r\x1b[K" : "";
  const line = (text) => out.write(`${clear}${text}\n`);
  return {
    say: line,
    step(title) {
      const began = now();
      let note = "";
      const show = () => {
        const text = `  …  ${title}${note && `: ${note}`} (${seconds(now() - began)})`;
        if (live)
          out.write(`${clear}${text.slice(0, (out.columns ?? 80) - 1)}`);
        else line(text);
      };
      if (!live) line(`  …  ${title}`);
      const timer = setInterval(show, live ? 1000 : 20_000);
      timer.unref();
      const end = (mark, text) => {
        clearInterval(timer);
        line(
          `  ${mark}  ${title}${text ? `: ${text}` : ""} (${seconds(now() - began)})`,
        );
      };
      return {
        note(text) {
          note = text;
          if (live) show();
        },
        done: (text) => end("ok", text),
        failed: () => end("!!", "failed"),
      };
    },
  };
}

/** @param {number} milliseconds @returns {string} such as `1 min 05 s` */
export function seconds(milliseconds) {
  const total = milliseconds / 1000;
  if (total < 60) return `${total.toFixed(1)} s`;
  const rest = String(Math.round(total) % 60).padStart(2, "0");
  return `${Math.floor(Math.round(total) / 60)} min ${rest} s`;
}
