import { _t } from "@web/core/l10n/translation";

import type { Refusal } from "./outcome";
import type {
  Command,
  Direction,
  Health,
  HealthReason,
  LeftReason,
  MessageState,
  OfferedCommand,
  Outcome,
  Period,
  Related,
  StateFilter,
} from "./monitor_types";

/** Words, icons and colours. Colour never stands alone: a word or icon is beside it. */

export interface Mark {
  label: string;
  icon: string;
  /** Bootstrap contextual name: `danger`, `warning`, … */
  tone: string;
}

export function healthMark(health: Health): Mark {
  switch (health) {
    case "up":
      return { label: _t("Up"), icon: "fa-check", tone: "success" };
    case "degraded":
      return {
        label: _t("Degraded"),
        icon: "fa-exclamation-triangle",
        tone: "warning",
      };
    case "open":
      return {
        label: _t("Circuit open"),
        icon: "fa-chain-broken",
        tone: "danger",
      };
    case "paused":
      return { label: _t("Paused"), icon: "fa-pause", tone: "info" };
    case "maintenance":
      return { label: _t("Maintenance"), icon: "fa-wrench", tone: "info" };
    case "suspended":
      return { label: _t("Suspended"), icon: "fa-pause", tone: "secondary" };
    case "inactive":
      return { label: _t("Not in use"), icon: "fa-minus", tone: "secondary" };
  }
}

export function reasonLabel(reason: HealthReason): string {
  switch (reason) {
    case "probing":
      return _t("trying one message after an outage");
    case "failures":
      return _t("a fifth or more of the last attempts failed");
    case "retrying":
      return _t("messages wait for another attempt");
    case "backlog":
      return _t("something has waited for more than 5 minutes");
    case "draining":
      return _t("what piled up leaves at a limited rate");
  }
}

export function stateMark(state: MessageState): Mark {
  switch (state) {
    case "queued":
      return { label: _t("Queued"), icon: "fa-clock-o", tone: "info" };
    case "leased":
      return {
        label: _t("On its way"),
        icon: "fa-paper-plane-o",
        tone: "info",
      };
    case "sent":
      return { label: _t("Sent"), icon: "fa-paper-plane", tone: "primary" };
    case "acknowledged":
      return { label: _t("Acknowledged"), icon: "fa-check", tone: "success" };
    case "done":
      return { label: _t("Done"), icon: "fa-check", tone: "success" };
    case "retry":
      return {
        label: _t("Waits to retry"),
        icon: "fa-repeat",
        tone: "warning",
      };
    case "dead":
      return {
        label: _t("Dead letter"),
        icon: "fa-exclamation-triangle",
        tone: "danger",
      };
    case "rejected":
      return { label: _t("Rejected"), icon: "fa-ban", tone: "danger" };
    case "cancelled":
      return { label: _t("Cancelled"), icon: "fa-times", tone: "secondary" };
  }
}

export function stateFilterLabel(filter: StateFilter): string {
  switch (filter) {
    case "all":
      return _t("All");
    case "waiting":
      return _t("Waiting");
    case "attention":
      return _t("Needs attention");
    case "delivered":
      return _t("Delivered");
    default:
      return stateMark(filter).label;
  }
}

export function outcomeMark(outcome: Outcome): Mark {
  switch (outcome) {
    case "delivered":
      return { label: _t("Delivered"), icon: "fa-check", tone: "success" };
    case "not_sent":
      return { label: _t("Not sent"), icon: "fa-times", tone: "danger" };
    case "unknown":
      return {
        label: _t("Unknown whether it arrived"),
        icon: "fa-question",
        tone: "warning",
      };
  }
}

export function directionMark(direction: Direction): {
  label: string;
  icon: string;
} {
  return direction === "outbound"
    ? { label: _t("Outbound"), icon: "fa-arrow-up" }
    : { label: _t("Inbound"), icon: "fa-arrow-down" };
}

export function periodLabel(period: Period): string {
  switch (period) {
    case "hour":
      return _t("Hour");
    case "day":
      return _t("Day");
    case "week":
      return _t("Week");
  }
}

/** What a period means, in a sentence's end. */
export function periodText(period: Period): string {
  switch (period) {
    case "hour":
      return _t("last hour");
    case "day":
      return _t("last 24 hours");
    case "week":
      return _t("last 7 days");
  }
}

/** `purchase_order` → `Purchase order`; document types are Odoo's own names. */
export function documentTypeLabel(type: string | false): string {
  if (!type) {
    return _t("Unreadable");
  }
  const words = type.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function commandMark(command: OfferedCommand): {
  label: string;
  icon: string;
  key: string;
} {
  switch (command) {
    case "retry":
      return { label: _t("Retry now"), icon: "fa-repeat", key: "t" };
    case "replay":
      return { label: _t("Replay"), icon: "fa-play", key: "r" };
    case "reroute":
      return { label: _t("Reroute…"), icon: "fa-random", key: "" };
    case "cancel":
      return { label: _t("Cancel message"), icon: "fa-times", key: "" };
  }
}

/** What a command will do, before it is done. */
export function commandEffect(command: Command): string {
  switch (command) {
    case "retry":
      return _t(
        "What waits for its next attempt is tried now. Attempts go on being counted.",
      );
    case "replay":
      return _t(
        "Sent or processed again, under the same key and with the same bytes, so that it takes effect once. Attempts are counted anew.",
      );
    case "cancel":
      return _t(
        "Given up for good: it will not be sent or processed, and cannot be replayed. Later messages about the same record go on.",
      );
  }
}

/** “12 replayed”. */
export function doneText(command: Command, number: string): string {
  switch (command) {
    case "retry":
      return _t("%s due now", number);
    case "replay":
      return _t("%s replayed", number);
    case "cancel":
      return _t("%s cancelled", number);
  }
}

export function leftText(reason: LeftReason): string {
  switch (reason) {
    case "on_its_way":
      return _t("queued or on its way already");
    case "finished":
      return _t("finished: nothing to do");
    case "cancelled":
      return _t("cancelled before");
    case "unreadable":
      return _t("could not be read: to be sent in again as a file");
    case "by_hand":
      return _t("sent by a person: to be sent again by hand");
    case "not_waiting":
      return _t("not waiting for another attempt");
    case "unknown":
      return _t("not there, or not for you to see");
  }
}

export function relationLabel(relation: Related["relation"]): string {
  switch (relation) {
    case "parent":
      return _t("Belongs to");
    case "rerouted_from":
      return _t("Rerouted from");
    case "rerouted_to":
      return _t("Rerouted to");
  }
}

/** A refusal as a sentence; empty where silence is best (the end of a list). */
export function refusalText(refusal: Refusal): string {
  switch (refusal.code) {
    case "no_message":
      return _t("Choose a message first.");
    case "not_offered":
      return _t("This is not possible for this message, or not for you.");
    case "busy":
      return _t("The last command is still being carried out.");
    case "failed":
      return refusal.detail;
    case "at_end":
      return "";
  }
}
