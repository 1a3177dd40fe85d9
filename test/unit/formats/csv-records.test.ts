/** Rows and cells of CSV text; csv-parse is an oracle for what is well-formed. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  findDelimiter,
  readRecords,
} from "../../../scripts/formats/csv/records.ts";

const cellsOf = (text: string, delimiter?: string) =>
  readRecords(text, delimiter).rows.map(({ cells }) => cells);

const codesOf = (text: string) =>
  readRecords(text).diagnostics.map(({ code, line }) => `${code} ${line}`);

describe("cells", () => {
  it.each([
    [
      "a,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a;b\n1;2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a\tb\r1\t2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["a|b\n\n ,\n1|2\n||", [["a", "b"], [" ,".trim()], ["1", "2"]]],
    [
      '"a ""x""",b\n"1\n2",3',
      [
        ['a "x"', "b"],
        ["1\n2", "3"],
      ],
    ],
    [
      '\uFEFFa,b\n1, "2" ',
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "sep=;\na;b\n1;2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      '5" tube,2\nx,y',
      [
        ['5" tube', "2"],
        ["x", "y"],
      ],
    ],
  ])("%j", (text, rows) => {
    expect(cellsOf(text)).toEqual(rows);
  });

  it("know their line, also behind line breaks in cells", () => {
    const { rows } = readRecords('a,b\n"1\r\n2",x\n\n3,4\n');
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it("find the delimiter by what the lines agree on", () => {
    expect(findDelimiter("a;b;c\n1,5;2,5;3,5\n2,5;3,5;4,5")).toBe(";");
    expect(findDelimiter('"a;b;c",d\n"x;y",z')).toBe(",");
    expect(findDelimiter("no delimiter at all")).toBe(",");
  });
});

describe("a stray quotation mark", () => {
  it("costs its own row where it is never closed", () => {
    const text = 'a,b\n"x,1\ny,2\nz,3\n';
    expect(cellsOf(text)).toEqual([
      ["a", "b"],
      ["y", "2"],
      ["z", "3"],
    ]);
    expect(codesOf(text)).toEqual(["csv_unclosed_quote 2"]);
  });

  it("costs its own row where the next row's quote would close it", () => {
    const text = 'a,b\n"x,1\n"y, z",2\nz,3\n';
    expect(cellsOf(text)).toEqual([
      ["a", "b"],
      ["y, z", "2"],
      ["z", "3"],
    ]);
    expect(codesOf(text)).toEqual(["csv_unclosed_quote 2"]);
  });

  it("is text inside a quoted cell, and that is said", () => {
    const text = 'a,b\n"5" tube",1\n';
    expect(cellsOf(text)).toEqual([
      ["a", "b"],
      ['5" tube', "1"],
    ]);
    expect(codesOf(text)).toEqual(["csv_quote 2"]);
  });
});

describe("bounds", () => {
  const limits = { rows: 3, columns: 3, cell: 5 };
  const read = (text: string) => readRecords(text, ",", limits);

  it("on rows, columns and cells", () => {
    expect(read("a\nb\nc\nd").rows).toEqual([]);
    expect(read("a\nb\nc\nd").diagnostics).toMatchObject([
      { level: "error", code: "csv_too_many_rows", line: 4 },
    ]);
    expect(read("1,2,3,4\nx,y").rows.map(({ cells }) => cells)).toEqual([
      ["x", "y"],
    ]);
    expect(read("toolong,1\nx,y").diagnostics).toMatchObject([
      { code: "csv_cell_too_long", line: 1, path: "column 1", scope: "line" },
    ]);
    expect(read('"toolong",1\nx,y').rows).toHaveLength(1);
  });

  it("take time in proportion to the size", () => {
    const text = `${'"'.repeat(200_000)}\n${'a"'.repeat(100_000)}`;
    expect(readRecords(text).rows.length).toBeLessThan(3);
    const open = `a,b\n${'"x,1\n'.repeat(20_000)}`;
    const { diagnostics } = readRecords(open);
    expect(diagnostics.length).toBeLessThan(300);
    expect(diagnostics.at(-1)).toMatchObject({ code: "csv_more_findings" });
  });
});

it("agrees with csv-parse on whatever is well-formed", () => {
  const cell = fc.string({
    unit: fc.constantFrom(...Array.from("ab1 ,;\"\n\r|'=é")),
  });
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.constantFrom(",", ";", "\t", "|"),
      (rows, delimiter) => {
        const text = rows
          .map((row) =>
            row.map((one) => `"${one.replaceAll('"', '""')}"`).join(delimiter),
          )
          .join("\r\n");
        const theirs = (
          parse(text, {
            delimiter,
            relax_column_count: true,
            record_delimiter: "\r\n",
          }) as string[][]
        )
          .map((row) => row.map((one) => one.trim()))
          .filter((row) => row.some((one) => one !== ""));
        expect(cellsOf(text, delimiter)).toEqual(theirs);
      },
    ),
  );
});
