/** Transaction sets and the document types they carry. */

export const DOCUMENT_TYPES_BY_SET: ReadonlyMap<string, string> = new Map([
  ["810", "invoice"],
  ["832", "catalog"],
  ["850", "purchase_order"],
  ["855", "order_acknowledgement"],
  ["856", "ship_notice"],
  ["860", "order_change"],
  ["997", "functional_acknowledgement"],
  ["999", "functional_acknowledgement"],
]);
