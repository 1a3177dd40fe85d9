/** What a partner of this kind may send: one interchange of each set. */
import type { InboundSample } from "../connector.ts";

/** A test interchange with one set; written by hand, not by our generator. */
function interchange(group: string, set: string, lines: string[]): string {
  const body = [`ST*${set}*0001`, ...lines];
  const segments = [
    "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HOSPITAL       *260131*0915*U*00401*000000501*0*T*>",
    `GS*${group}*SUPPLIER*HOSPITAL*20260131*0915*501*X*004010`,
    ...body,
    `SE*${body.length + 1}*0001`,
    "GE*1*501",
    "IEA*1*000000501",
  ];
  return segments.map((segment) => `${segment}~\n`).join("");
}

export const samples: InboundSample[] = [
  {
    document_type: "order_acknowledgement",
    text: interchange("PR", "855", [
      "BAK*00*AC*TEST*20260131****SO-1*20260131",
      "PO1*1*20*EA*5.125**VN*SAMPLE-1",
      "ACK*IA*20*EA*067*20260205",
      "CTT*1",
    ]),
  },
  {
    document_type: "ship_notice",
    text: interchange("SH", "856", [
      "BSN*00*SHP-1*20260131*0915*0001",
      "HL*1**S",
      "TD5**2*UPSN**UPS GROUND",
      "HL*2*1*O",
      "PRF*TEST***20260131",
      "HL*3*2*I",
      "LIN*1*VN*SAMPLE-1*LT*LOT-1",
      "SN1*1*20*EA",
      "DTM*036*20281231",
      "CTT*3",
    ]),
  },
  {
    document_type: "invoice",
    text: interchange("IN", "810", [
      "BIG*20260131*INV-1*20260131*TEST***DI",
      "CUR*SE*USD",
      "IT1*1*20*EA*5.125**VN*SAMPLE-1",
      "TDS*10250",
      "CTT*1",
    ]),
  },
  {
    document_type: "credit_note",
    text: interchange("IN", "810", [
      "BIG*20260131*CRN-1*20260131*TEST***CR",
      "CUR*SE*USD",
      "REF*OI*INV-1",
      "IT1*1*-1*EA*5.125**VN*SAMPLE-1",
      "TDS*-513",
      "CTT*1",
    ]),
  },
  {
    document_type: "functional_acknowledgement",
    text: interchange("FA", "997", [
      "AK1*PO*7*004010",
      "AK2*850*0001",
      "AK5*A",
      "AK9*A*1*1*1",
    ]),
  },
  {
    document_type: "catalog",
    text: interchange("SC", "832", [
      "BCT*PC*PL-2026-01********04",
      "CUR*SE*USD",
      "DTM*007*20260201",
      "N1*SE*SAMPLE SUPPLIER*91*V-100",
      "LIN*1*VN*SAMPLE-1*UK*00614141999996",
      "PID*F****GLOVES, NITRILE",
      "CTP**NET*10.50*1*BX",
      "SLN*1*1*I*1*BX",
      "SLN*1*2*I*100*EA",
      "CTT*1",
    ]),
  },
];
