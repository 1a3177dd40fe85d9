/**
 * Names that people give columns. Compared as words: case, accents, order,
 * punctuation and small words do not count, abbreviations are spelt out.
 */
import { table } from "../table.ts";

/** What a column holds. */
export type Field = keyof typeof NAMES;

/** A field to its names; the first is the one that is written. */
export const NAMES = {
  document_type: "document_type | record type",
  feed_number:
    "feed_number | price list number | price file number | catalog id | feed",
  issued_at: "issued_at | issue date | price list date | file date | published",
  scope: "scope | update type | file type | feed type",
  line_number:
    "line_number | line | line no | row | seq | sequence | position | pos",
  action: "action | change type | change code | maintenance type",

  buyer_code:
    "buyer_item_code | buyer code | buyer item number | customer item number | customer part number | our item number | our code | internal number | internal code | hospital item number | buyer sku",
  supplier_code:
    "supplier_item_code | supplier item number | supplier part number | supplier catalog number | supplier sku | supplier product code | item number | item | item code | sku | product code | product number | product id | product | part number | part | catalog number | article number | article | artikelnummer | artikel nr | artikel | art nr | material number | material | reorder number | reorder | order code | order number | stock number | reference | ref | codigo | codigo articulo | referencia | reference article | bestellnummer",
  manufacturer_code:
    "manufacturer_item_code | manufacturer code | manufacturer item number | manufacturer part number | manufacturer catalog number | manufacturer product code | manufacturer sku | mpn | manufacturer item | manufacturer part | manufacturer catalog | hersteller artikelnummer | herstellernummer",
  gtin: "gtin | gtin14 | gtin 14 | gtin13 | gtin12 | gtin number | ean | ean13 | ean code | upc | upc code | barcode | bar code | global trade item number",
  ndc: "ndc | ndc number | ndc11 | national drug code",
  hibc: "hibc | hibcc | hibc code | upn",
  udi_di:
    "udi_di | udi | di | device identifier | udi device identifier | primary di",
  unspsc: "unspsc | unspsc code | commodity code",
  description:
    "description | item description | product description | product name | item name | short description | long description | full description | material description | artikelbezeichnung | bezeichnung | beschreibung | designation | descripcion | libelle | name item",
  manufacturer:
    "manufacturer | manufacturer name | hersteller | fabricant | fabricante | mfr",
  brand: "brand | brand name | trade name | marke | marque",
  packaging:
    "packaging | packaging string | package string | packaging levels | pack string | verpackung | conditionnement",
  unit: "unit | uom | unit of measure | um | price uom | price unit | selling uom | selling unit | sell unit | order uom | purchase uom | purchasing uom | buying uom | pack uom | ordering unit | sales unit | contract uom | einheit | mengeneinheit | me | unite | unidad",
  pack_quantity:
    "pack_quantity | pack size | pack qty | package quantity | packsize | qty per uom | quantity of each | qoe | quantity each | uom conversion | conversion factor | conversion | uom factor | units per pack | each per uom | eaches per uom | units per uom | qty per pack | qty per unit | packaging quantity | pack | each quantity | packungsgrosse | inhalt | eaches",
  base_unit:
    "base_unit | base uom | lowest uom | stock uom | inner unit | content unit | smallest unit | pack content unit | eaches uom",
  price:
    "price | unit price | net price | cost | unit cost | net cost | contract price | your price | customer price | sell price | selling price | current price | new price | price per unit | uom price | uom cost | net unit price | purchase price | item price | price amount | amount | preis | einzelpreis | nettopreis | netto preis | ep | stuckpreis | prix | prix unitaire | prix net | precio | precio unitario | precio neto | contract cost | current cost | agreed price",
  list_price:
    "list_price | list | catalog price | msrp | retail price | gross price | listenpreis | prix catalogue | precio lista | bruttopreis | list cost",
  base_quantity:
    "base_quantity | price base | price per | per | price basis quantity | price quantity | price unit quantity | price base quantity | preiseinheit | pe | per quantity",
  currency:
    "currency | currency code | curr | ccy | wahrung | devise | moneda | price currency",
  min_quantity:
    "min_quantity | minimum quantity | min qty | moq | minimum order quantity | from quantity | quantity from | quantity break | break quantity | price break quantity | tier quantity | mindestmenge | ab menge",
  valid_from:
    "valid_from | valid from | effective date | effective | start date | start | price effective date | price start date | price start | price valid from | date effective | from date | from | eff date | begin date | beginning date | gultig ab | gueltig ab | gultig von | date debut | desde | valid on",
  valid_to:
    "valid_to | valid to | valid until | expiration date | expiry date | end date | end | price end date | price end | price expiration date | price valid to | to date | to | expires | exp date | thru date | through date | termination date | gultig bis | gueltig bis | date fin | hasta | expire",
  contract_number:
    "contract_number | contract | contract id | contract code | contract no | agreement number | agreement | vertragsnummer | vertrag | contrat | contrato | supplier contract number | local contract number",
  contract_owner:
    "contract_owner | owner | gpo | gpo name | group purchasing organization | buying group | contract holder | contracting party | contract source",
  buying_group_number:
    "buying_group_number | gpo contract number | gpo number | gpo contract | buying group contract number | buying group contract | gpo id",
  contract_name:
    "contract_name | contract title | contract description | agreement name | title",
  contract_kind: "contract_kind | contract type | agreement type | kind",
  contract_status: "contract_status | agreement status",
  contract_start:
    "contract_start | contract start date | contract effective date | contract valid from | agreement start date | contract from | contract begin date",
  contract_end:
    "contract_end | contract end date | contract expiration date | contract valid to | agreement end date | contract expiry date | contract to | contract expiration | contract expires",
  price_date_basis:
    "price_date_basis | price date | price basis | pricing date basis | price basis date",
  tier: "tier | tier code | tier level | price tier | contract tier | pricing tier | tier number | tier name | level",
  tier_conditions:
    "tier_conditions | tier description | tier requirement | tier condition",
  price_class:
    "price_class | class of trade | price type | pricing class | cot",
  markup_percent:
    "markup_percent | markup | cost plus | cost plus percent | mark up percent | mark up | markup rate",
  fee: "fee | handling fee | service fee",
  facility:
    "facility | facility code | facility id | ship to | ship to code | member | member id | hospital | site | location | eligible facility | participant | facility number",
  facility_name:
    "facility_name | member name | hospital name | site name | ship to name",
  facility_gln: "facility_gln | ship to gln | member gln | location gln",
  account:
    "account | account number | supplier account | supplier account number | customer number | customer account number | customer account | eligible account",
  commitment_amount:
    "commitment_amount | commitment | committed spend | commitment value | minimum spend | spend commitment",
  commitment_quantity:
    "commitment_quantity | committed quantity | volume commitment | annual quantity | committed volume",
  commitment_percent:
    "commitment_percent | compliance percent | commitment share | market share commitment | committed share",
  rebate: "rebate | rebate percent | rebate terms",
  lead_time_days:
    "lead_time_days | lead time | lead days | delivery days | lieferzeit",
  item_status:
    "item_status | status | product status | availability | state of item | item state",
  notes: "notes | note | comment | comments | remark | remarks | bemerkung",

  supplier_number:
    "supplier_number | supplier id | vendor id | vendor no | vendor number | supplier no | vendor code | lieferantennummer | kreditor | creditor number | number",
  legal_name:
    "legal_name | supplier name | supplier | vendor name | vendor | company name | company | legal entity name | legal entity | business name | name | lieferant | lieferantenname | firma | fournisseur | proveedor | razon social | raison sociale | distributor | distributor name | organization name",
  trading_name:
    "trading_name | dba | doing business as | trade as | trading as | dba name | known as",
  tax_id:
    "tax_id | tin | ein | fein | federal tax id | tax number | tax identification number | taxpayer id | federal id | employer identification number | steuernummer | nif | cif | siren",
  vat: "vat | vat number | vat id | vat registration number | vat reg no | ust id | ust idnr | ustid | umsatzsteuer id | tva | numero tva | iva",
  duns: "duns | duns number | d u n s | d u n s number | duns no",
  gln: "gln | gln number | global location number | supplier gln",
  npi: "npi | npi number",
  hin: "hin | hin number | health industry number",
  dea: "dea | dea number | dea registration",
  licence:
    "licence | license | licence number | license number | state license",
  peppol: "peppol | peppol id | participant id",
  email:
    "email | e mail | email address | mail | contact email | supplier email",
  phone:
    "phone | telephone | tel | phone number | telephone number | contact phone | telefon",
  website: "website | web site | url | web | homepage",
  contact_name:
    "contact_name | contact | contact person | primary contact | account manager | sales rep | ansprechpartner",
  contact_role: "contact_role | contact title | job title",
  street:
    "street | address | address 1 | address line 1 | street address | street 1 | addr 1 | addr | strasse | adresse | rue | direccion | mailing address | remit address",
  street2: "street2 | address 2 | address line 2 | street 2 | addr 2 | suite",
  city: "city | town | ort | stadt | ville | ciudad",
  state: "state | province | region | state province | st | bundesland",
  postal_code:
    "postal_code | zip | zip code | postcode | post code | postal | plz | code postal | zipcode | codigo postal",
  country: "country | country code | land | pays | pais | nation",
  address_kind: "address_kind | address type",
  payment_terms:
    "payment_terms | terms | payment term | terms of payment | net terms | zahlungsbedingung | zahlungsziel | conditions paiement",
  net_days: "net_days | payment days | due days | days net",
  discount_percent:
    "discount_percent | cash discount percent | early payment discount | skonto",
  discount_days: "discount_days | cash discount days | skonto tage",
  iban: "iban | iban number | bank iban",
  bic: "bic | swift | swift code | bic swift | swift bic",
  routing_number:
    "routing_number | routing | aba | aba number | aba routing number | bank routing number | bank routing | routing transit number | ach routing number",
  bank_account:
    "bank_account | bank account number | account no bank | bank acct | ach account number | bank acct number",
  bank_holder:
    "bank_holder | account holder | account holder name | bank account name | beneficiary",
  category:
    "category | supplier category | vendor category | supplier type | vendor type | commodity | supplier class",
  supplier_status:
    "supplier_status | vendor status | approval status | qualification status",
  qualification_kind:
    "qualification_kind | qualification | certificate | certificate type | certification | document type name | qualification type | document kind",
  qualification_number:
    "qualification_number | certificate number | certificate no | certification number | document number",
  qualification_issuer:
    "qualification_issuer | issuer | issued by | certification body | issuing body",
  qualification_from:
    "qualification_valid_from | certificate valid from | certificate date | certificate issue date | certification date",
  qualification_to:
    "qualification_valid_to | certificate valid to | certificate valid until | certificate expiry | certificate expiration date | certificate expiry date | certification expiry date",
} as const;

/** Words that say the same, and words that say nothing (empty). */
const WORDS = table<string>({
  no: "number",
  nr: "number",
  num: "number",
  nbr: "number",
  numero: "number",
  nummer: "number",
  id: "number",
  ids: "number",
  code: "number",
  codes: "number",
  identifier: "number",
  mfr: "manufacturer",
  mfg: "manufacturer",
  mfgr: "manufacturer",
  manuf: "manufacturer",
  mnf: "manufacturer",
  mfrs: "manufacturer",
  manufacturers: "manufacturer",
  maker: "manufacturer",
  vend: "supplier",
  vendor: "supplier",
  vendors: "supplier",
  suppliers: "supplier",
  supp: "supplier",
  seller: "supplier",
  distributors: "distributor",
  cat: "catalog",
  catalogue: "catalog",
  products: "item",
  product: "item",
  prod: "item",
  items: "item",
  itm: "item",
  article: "item",
  part: "item",
  desc: "description",
  descr: "description",
  dscr: "description",
  qty: "quantity",
  quantities: "quantity",
  qte: "quantity",
  quantite: "quantity",
  cantidad: "quantity",
  menge: "quantity",
  min: "minimum",
  eff: "effective",
  efft: "effective",
  exp: "expiration",
  expires: "expiration",
  expire: "expiration",
  expiry: "expiration",
  expiring: "expiration",
  cost: "price",
  costs: "price",
  prices: "price",
  pricing: "price",
  prc: "price",
  pct: "percent",
  percentage: "percent",
  org: "organization",
  organisation: "organization",
  cust: "customer",
  acct: "account",
  acc: "account",
  addr: "address",
  tel: "phone",
  telephone: "phone",
  license: "licence",
  cert: "certificate",
  sell: "selling",
  buyers: "buyer",
  uoms: "uom",
  until: "to",
  thru: "to",
  through: "to",
  pkg: "pack",
  package: "pack",
  dt: "date",
  datum: "date",
  of: "",
  the: "",
  for: "",
  a: "",
  an: "",
  in: "",
  if: "",
  and: "",
  or: "",
  measure: "",
  measurement: "",
  required: "",
  optional: "",
  usd: "",
  eur: "",
  gbp: "",
  chf: "",
  yyyymmdd: "",
  yyyy: "",
  mm: "",
  dd: "",
});

/** Words that speak of a day anyway. */
const PERIODS = new Set(
  "effective expiration start end valid from to begin beginning termination".split(
    " ",
  ),
);

/** A header as a list of words; empty for one without any. */
export function wordsOf(header: string): string[] {
  const text = header
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll("ß", "ss")
    .toLowerCase()
    .replaceAll("%", " percent ")
    .replaceAll("#", " number ")
    .replaceAll(/\bu\s*[/.]?\s*o\s*[/.]?\s*m\b/g, "uom")
    .replaceAll(/\bu\s*\/\s*m\b/g, "uom")
    .replaceAll(/\bunits? of meas(ure|urement)?\b/g, "uom")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  if (text === "") return [];
  const all = text.split(" ");
  const words = all.map((word) => WORDS[word] ?? word);
  // "Effective date" is "effective"; "price date" is no price.
  const isDate = words.some((word) => PERIODS.has(word));
  const kept = words.filter(
    (word) => word !== "" && !(isDate && word === "date"),
  );
  return kept.length > 0 ? kept : all;
}

const ordered = new Map<string, Field>();
/** By the set of words; null where several fields have the same words. */
const unordered = new Map<string, Field | null>();

for (const [field, names] of Object.entries(NAMES) as [Field, string][]) {
  for (const name of names.split("|")) {
    const words = wordsOf(name);
    const key = words.join(" ");
    if (!ordered.has(key)) ordered.set(key, field);
    const set = setKey(words);
    const other = unordered.get(set);
    unordered.set(set, other === undefined || other === field ? field : null);
  }
}

function setKey(words: readonly string[]): string {
  return [...new Set(words)].sort().join(" ");
}

/** The field that these words name; undefined for none. */
export function fieldOf(words: readonly string[]): Field | undefined {
  if (words.length === 0) return undefined;
  const exact =
    ordered.get(words.join(" ")) ?? unordered.get(setKey(words)) ?? undefined;
  if (exact !== undefined) return exact;
  // "GTIN no." and "ABA routing": with or without the number.
  const rest = words.filter((word) => word !== "number");
  return rest.length === words.length
    ? ordered.get([...words, "number"].join(" "))
    : ordered.get(rest.join(" "));
}

/**
 * The field that a heading names, whole, without what is in brackets, or by
 * the first of its alternatives (`UPC/GTIN`).
 */
export function fieldOfName(name: string): Field | undefined {
  const whole = fieldOf(wordsOf(name));
  if (whole !== undefined) return whole;
  const bare = name.replaceAll(/\([^)]*\)|\[[^\]]*\]/g, " ");
  const alternatives = [bare, ...bare.split(/[/|]|\bor\b/i)];
  for (const alternative of alternatives) {
    const field = fieldOf(wordsOf(alternative));
    if (field !== undefined) return field;
  }
  return undefined;
}

/** The name under which a field is written. */
export function nameOf(field: Field): string {
  return (NAMES[field].split("|")[0] ?? field).trim();
}
