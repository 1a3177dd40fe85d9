import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { ContentView } from "../content_view/content_view";
import { formatDuration, formatMoment } from "../format";
import {
  commandMark,
  directionMark,
  documentTypeLabel,
  outcomeMark,
  relationLabel,
  stateMark,
} from "../labels";
import { MarkBadge } from "../mark_badge/mark_badge";
import type { MessageListModel } from "../message_list_model";
import type {
  Attempt,
  BusinessRecord,
  MessageDetail as Detail,
  OfferedCommand,
  Problem,
} from "../monitor_types";

interface Props {
  model: MessageListModel;
  onClose: () => void;
  onCommand: (command: OfferedCommand) => void;
  onMessage: (uuid: string) => void;
  onRecord: (model: string, id: number) => void;
  onTrace: (traceId: string) => void;
}

/** One message with all that is known of it. */
export class MessageDetail extends Component<Props> {
  static template = "healthcare_exchange.MessageDetail";
  static components = { ContentView, MarkBadge };
  static props = {
    model: Object,
    onClose: Function,
    onCommand: Function,
    onMessage: Function,
    onRecord: Function,
    onTrace: Function,
  };

  declare model: MessageListModel;
  stateMark = stateMark;
  outcomeMark = outcomeMark;
  directionMark = directionMark;
  documentTypeLabel = documentTypeLabel;
  commandMark = commandMark;
  relationLabel = relationLabel;
  formatMoment = formatMoment;
  formatDuration = formatDuration;
  texts = {
    raw: _t("As received"),
    payload: _t("As sent"),
    canonical: _t("Canonical document"),
    noRaw: _t("It came as a canonical document, without bytes of its own."),
    noPayload: _t("Not rendered yet: no attempt was made."),
    noCanonical: _t("None: the bytes could not be read."),
  };

  override setup(): void {
    this.model = useState(this.props.model);
    const root = useRef("root");
    // Another message is read from its top.
    useEffect(
      () => {
        root.el?.scrollTo(0, 0);
      },
      () => [this.message?.uuid],
    );
  }

  get message(): Detail | null {
    return this.model.detail.value;
  }

  /** Whether what is shown is the chosen message and not the one before it. */
  get isCurrent() {
    return this.message?.uuid === this.model.openUuid;
  }

  get facts(): { label: string; value: string; code?: boolean }[] {
    const { message } = this;
    if (!message) {
      return [];
    }
    return [
      { label: _t("Endpoint"), value: message.endpoint_name },
      { label: _t("Created"), value: formatMoment(message.created_at) },
      { label: _t("Sent"), value: formatMoment(message.sent_at) },
      {
        label: _t("Next attempt"),
        value: ["queued", "retry"].includes(message.state)
          ? formatMoment(message.next_attempt_at)
          : "",
      },
      { label: _t("Held by"), value: message.leased_by || "" },
      { label: _t("Owner"), value: message.owner || "" },
      {
        label: _t("Partner's reference"),
        value: message.partner_reference || "",
      },
      {
        label: _t("Control number"),
        value: message.control_number ? String(message.control_number) : "",
      },
      {
        label: _t("Mapping"),
        value: message.mapping_version
          ? _t("version %s", message.mapping_version)
          : "",
      },
      { label: _t("UUID"), value: message.uuid, code: true },
      {
        label: _t("Idempotency key"),
        value:
          message.idempotency_key === message.uuid
            ? ""
            : message.idempotency_key,
        code: true,
      },
    ].filter((fact) => fact.value);
  }

  get exceptionsText() {
    return this.message?.exceptions.join(", ") ?? "";
  }

  place(problem: Problem): string {
    return [problem.line && _t("line %s", problem.line), problem.path]
      .filter(Boolean)
      .join(", ");
  }

  attemptNumber(index: number): string {
    return String((this.message?.attempts.length ?? 0) - index);
  }

  attemptFacts(attempt: Attempt): string {
    return [
      formatDuration(attempt.duration_ms),
      attempt.http_status ? _t("HTTP %s", attempt.http_status) : "",
      attempt.acknowledged ? _t("acknowledged") : "",
      attempt.worker,
    ]
      .filter(Boolean)
      .join(" · ");
  }

  openRecord(record: BusinessRecord) {
    this.props.onRecord(record.model, record.id);
  }
}
