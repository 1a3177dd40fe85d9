import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { formatSize } from "../format";
import { segmentEnd, textLines } from "../text_view";
import type { Content } from "../monitor_types";

interface Props {
  title: string;
  /** Canonical JSON is text; bytes come with what is known of them. */
  text?: string;
  content?: Content | false;
  empty: string;
}

/** Lines that are rendered at first; a long file has a button for the rest. */
const FIRST_LINES = 1000;

/** What came or went, line by line, as text that cannot do anything. */
export class ContentView extends Component<Props> {
  static template = "healthcare_exchange.ContentView";
  static props = {
    title: String,
    text: { type: String, optional: true },
    content: { type: [Object, Boolean], optional: true },
    empty: String,
  };

  declare state: { wholeShown: boolean };

  override setup(): void {
    this.state = useState({ wholeShown: false });
  }

  get text(): string | undefined {
    return this.props.text ?? (this.props.content || undefined)?.text;
  }

  get allLines() {
    return textLines(this.text ?? "");
  }

  get lines() {
    const lines = this.allLines;
    return this.state.wholeShown ? lines : lines.slice(0, FIRST_LINES);
  }

  get hasMore() {
    return !this.state.wholeShown && this.allLines.length > FIRST_LINES;
  }

  get isHex() {
    return !!this.props.content && this.props.content.kind === "hex";
  }

  get facts(): string {
    const content = this.props.content || undefined;
    if (!content) {
      return "";
    }
    return [
      formatSize(content.size),
      content.content_type,
      content.kind === "hex" ? _t("hexadecimal") : content.encoding,
      content.kind === "text" && segmentEnd(content.text)
        ? _t("a line per segment")
        : "",
      content.cut ? _t("the beginning; download the whole") : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  get downloadUrl(): string | undefined {
    const content = this.props.content || undefined;
    return (
      content &&
      `${content.url}&filename=${encodeURIComponent(content.filename)}`
    );
  }
}
