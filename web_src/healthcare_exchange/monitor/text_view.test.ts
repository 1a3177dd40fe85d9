import { describe, expect, test } from "vitest";

import { axisLabel, chartSeries } from "./chart_series";
import { segmentEnd, textLines, visible } from "./text_view";
import { sampleHistory } from "../tests/monitor_sample";

const ISA =
  "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261123*1200*U*00401*000000001*0*T*>~";

const texts = (text: string) => textLines(text).map((line) => line.text);

describe("lines", () => {
  test("any line end, and no empty line at the end", () => {
    expect(texts("a\nb\r\nc\rd\n")).toEqual(["a", "b", "c", "d"]);
    expect(textLines("a\nb").map((line) => line.number)).toEqual([1, 2]);
    expect(texts("")).toEqual([""]);
  });

  test("a line per X12 segment, by the file's own terminator", () => {
    expect(texts(`${ISA}GS*PO~ST*850~`)).toEqual([ISA, "GS*PO~", "ST*850~"]);
    const other = ISA.replace("~", "\u001d");
    expect(texts(`${other}GS*PO\u001d`)).toEqual([
      `${ISA.slice(0, -1)}\u241d`,
      "GS*PO\u241d",
    ]);
    expect(texts(`${ISA}\r\nGS*PO~\r\n`)).toEqual([ISA, "GS*PO~"]);
  });

  test("an EDIFACT terminator that is released does not end a segment", () => {
    const text = "UNB+UNOC:3+A+B'FTX+AAI+++don?'t'UNZ+1'";
    expect(texts(text)).toEqual([
      "UNB+UNOC:3+A+B'",
      "FTX+AAI+++don?'t'",
      "UNZ+1'",
    ]);
    expect(texts("UNA:+.? ~UNB+UNOC:3~UNZ+1~")).toEqual([
      "UNA:+.? ~",
      "UNB+UNOC:3~",
      "UNZ+1~",
    ]);
  });

  test("what is no EDI file is left as it is", () => {
    expect(segmentEnd("ISAAC says ~ hello")).toBeNull();
    expect(segmentEnd("UNBELIEVABLE'S")).toBeNull();
    expect(texts("it's one line~")).toEqual(["it's one line~"]);
  });
});

describe("visible", () => {
  test("control characters are seen and do nothing", () => {
    expect(visible("a\u0000b\u001b[31mc\u007f")).toBe(
      "a\u2400b\u241b[31mc\u2421",
    );
    expect(visible("a\tb")).toBe("a\tb");
  });

  test("text that would be read in another order is not", () => {
    expect(visible("bill\u202Etxt.exe")).toBe("bill⟨U+202E⟩txt.exe");
    expect(visible("a\u200bb\ufeff")).toBe("a⟨U+200B⟩b⟨U+FEFF⟩");
  });

  test("letters of any language stay", () => {
    expect(visible("Größe ñ 漢字 🩺")).toBe("Größe ñ 漢字 🩺");
  });
});

describe("charts", () => {
  test("attempts stand on each other, receipts beside them", () => {
    const series = chartSeries("attempts", sampleHistory().bars);
    expect(series.map(({ id, stack }) => [id, stack])).toEqual([
      ["delivered", "sent"],
      ["not_sent", "sent"],
      ["unknown", "sent"],
      ["received", "received"],
    ]);
    expect(series[0]?.values).toEqual([20, 16]);
  });

  test("nothing delivered is a gap, not zero", () => {
    const [p50] = chartSeries("latency", sampleHistory().bars);
    expect(p50?.values).toEqual([300, null]);
  });

  test("the axis names days where that says more", () => {
    const history = sampleHistory();
    expect(axisLabel(history, 0, "en-GB")).toMatch(/^\d\d:\d\d$/);
    const week = { ...history, width_seconds: 7200 * 84 };
    expect(axisLabel(week, 0, "en-GB")).toMatch(/23/);
    expect(axisLabel(history, 99)).toBe("");
  });
});
