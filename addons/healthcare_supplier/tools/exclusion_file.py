"""Exclusion files of OIG (LEIE) and of SAM.gov: bytes to entries. Pure functions.

LEIE: ``UPDATED.csv`` and the monthly supplements, 18 columns. SAM: the public exclusions extract
V2. Columns are found by their names, in any order and case; what is not known is kept in ``raw``.
"""

import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime

from odoo.addons.healthcare_base.tools.identifiers import normalise_npi

from .names import city_key, fold, name_key, person_keys, street_key, zip_key

#: Bounds of what is read: the LEIE has 80 000 rows in 15 MB, the SAM extract 150 000 in 60 MB.
MAX_BYTES = 256 * 1024 * 1024
MAX_ROWS = 2_000_000
MAX_CELL = 20_000

LEIE, SAM = "leie", "sam"
#: Columns by which a layout is known, as :func:`_column` writes them.
_KNOWN_BY = {
    LEIE: {"lastname", "busname", "excltype", "excldate"},
    SAM: {"classification", "name", "activedate"},
}
_TITLES = {LEIE: "OIG LEIE", SAM: "SAM exclusions"}
_NO_DATE = frozenset(("", "indefinite", "permanent", "none", "n/a", "na", "null"))
_DATE_FORMATS = ("%Y%m%d", "%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y", "%d-%b-%Y", "%m/%d/%y", "%b %d, %Y")
_ALSO = re.compile(r"\(\s*also\s+([^()]+?)\s*\)", re.IGNORECASE)
_CROSS_SPLIT = re.compile(r"[;|\n]+")
_CROSS_LEAD = re.compile(r"^\s*(?:also(?: known as)?|a/?k/?a|f/?k/?a|d/?b/?a|see)\b[:\s]*", re.IGNORECASE)
_NOT_COLUMN = re.compile(r"[^a-z0-9]+")


class FileProblem(Exception):
    """A file that cannot be read as an exclusion list; ``code`` and ``detail`` say why.

    Codes: ``empty``, ``size``, ``zip``, ``encoding``, ``layout``, ``columns``, ``rows``.
    """

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass
class Entry:
    """One row of a file: who is excluded, since when, on what ground."""

    line: int
    source: str
    classification: str
    name: str
    raw: dict
    identity: str = ""
    names: list = field(default_factory=list)
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    npi: str = ""
    uei: str = ""
    cage: str = ""
    upin: str = ""
    birth_date: date = None
    exclusion_type: str = ""
    program: str = ""
    agency: str = ""
    date_from: date = None
    date_to: date = None
    reinstated: date = None
    waiver_date: date = None
    waiver_state: str = ""

    def digest(self):
        """Return the SHA-256 of what was sent."""
        return hashlib.sha256(json.dumps(self.raw, sort_keys=True).encode()).hexdigest()


@dataclass
class RowProblem:
    """A row that is not taken, or taken without a value: ``code`` of ``columns``, ``name``,
    ``date``, ``npi``; ``value`` as sent."""

    line: int
    code: str
    field: str = ""
    value: str = ""
    taken: bool = False


def read_text(content):
    """Return the text of a file: CSV, or a ZIP with one CSV; UTF-8, UTF-16 or Windows-1252.

    :raises FileProblem: ``empty``, ``size``, ``zip``
    """
    if content[:2] == b"PK":
        content = _unzip(content)
    if len(content) > MAX_BYTES:
        raise FileProblem("size", str(MAX_BYTES))
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    text = text.replace("\x00", "")
    if not text.strip():
        raise FileProblem("empty")
    return text


def _unzip(content):
    """Return the one CSV of a ZIP archive, bounded."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [
                info
                for info in archive.infolist()
                if not info.is_dir() and info.filename.lower().endswith((".csv", ".txt"))
            ]
            if len(members) != 1:
                raise FileProblem("zip", str(len(members)))
            if members[0].file_size > MAX_BYTES:
                raise FileProblem("size", str(MAX_BYTES))
            with archive.open(members[0]) as stream:
                return stream.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise FileProblem("zip", str(error)) from error


def _column(title):
    return _NOT_COLUMN.sub("", fold(title))


def _open(text):
    """Return ``(source, columns, rows)``: the layout, column names as compared, and
    ``(line number, cells)`` of each data row.

    :raises FileProblem: ``layout`` or ``columns``
    """
    head = text[:65536].lstrip("\r\n")
    first = head.splitlines()[0] if head.splitlines() else ""
    delimiter = max((",", ";", "\t", "|"), key=first.count)
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        titles = next(row for row in reader if any(cell.strip() for cell in row))
    except (StopIteration, csv.Error) as error:
        raise FileProblem("empty") from error
    columns = [_column(title) for title in titles]
    for source, known in _KNOWN_BY.items():
        if known <= set(columns):
            return source, titles, columns, reader
    best = max(_KNOWN_BY, key=lambda source: len(_KNOWN_BY[source] & set(columns)))
    missing = sorted(_KNOWN_BY[best] - set(columns))
    if len(missing) > len(_KNOWN_BY[best]) // 2:
        raise FileProblem("layout", ", ".join(titles)[:200])
    raise FileProblem("columns", f"{_TITLES[best]}: {', '.join(missing)}")


def layout_of(text):
    """Return the layout of a file's text: ``leie`` or ``sam``.

    :raises FileProblem: when it is neither
    """
    return _open(text)[0]


def read_entries(text):
    """Yield :class:`Entry` and :class:`RowProblem` for each row of a file's text, in its order.

    :raises FileProblem: ``layout``, ``columns`` or ``rows``; also in the middle
    """
    source, titles, columns, reader = _open(text)
    read = {LEIE: _read_leie, SAM: _read_sam}[source]
    seen = {}
    count = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MAX_ROWS:
                raise FileProblem("rows", str(MAX_ROWS))
            line = reader.line_num
            if len(cells) < len(columns):
                # A trailing empty column is often left out; a row that is cut off has no dates.
                if len(columns) - len(cells) > 2:
                    yield RowProblem(line, "columns", value=str(len(cells)))
                    continue
                cells = [*cells, *[""] * (len(columns) - len(cells))]
            elif any(cell.strip() for cell in cells[len(columns) :]):
                yield RowProblem(line, "columns", value=str(len(cells)))
                continue
            values = [cell.strip()[:MAX_CELL] for cell in cells]
            row = dict(zip(columns, values, strict=False))
            problems = []
            entry = read(row, line, problems)
            yield from problems
            if entry is None:
                continue
            entry.raw = {title.strip(): value for title, value in zip(titles, values, strict=False) if value}
            # Rows that differ in nothing that identifies them are counted, in file order.
            number = seen[entry.identity] = seen.get(entry.identity, 0) + 1
            entry.identity = hashlib.sha256(f"{entry.identity}\x1f{number}".encode()).hexdigest()
            yield entry
    except csv.Error as error:
        raise FileProblem("rows", f"{reader.line_num}: {error}") from error


def _date(row, name, line, problems):
    """Return a date column; what is no date is reported, and none."""
    text = row.get(name, "")
    if text.casefold() in _NO_DATE or not text.strip("0/-. "):
        return None
    # A time of the day may follow.
    day = re.split(r"[T ]\d", text)[0] if ":" in text else text
    for pattern in _DATE_FORMATS:
        try:
            found = datetime.strptime(day, pattern).date()
        except ValueError:
            continue
        # Years of two digits and typing errors make dates that cannot be stored.
        if 1900 <= found.year <= 9999:
            return found
    problems.append(RowProblem(line, "date", field=name, value=text[:40], taken=True))
    return None


def _npi(row, line, problems):
    text = re.sub(r"\D", "", row.get("npi", ""))
    if not text.strip("0"):
        return ""
    if not normalise_npi(text):
        problems.append(RowProblem(line, "npi", field="npi", value=text[:20], taken=True))
        return ""
    return text


def _read_leie(row, line, problems):
    """Return the entry of a LEIE row, or ``None`` with a problem."""
    business = row.get("busname", "")
    first, middle, last = (row.get(name, "") for name in ("firstname", "midname", "lastname"))
    person = " ".join(filter(None, (first, middle, last)))
    if not business and not last and not first:
        problems.append(RowProblem(line, "name"))
        return None
    # Zero-filled like the other columns of numbers.
    upin = row.get("upin", "") if row.get("upin", "").strip("0") else ""
    entry = Entry(
        line=line,
        source=LEIE,
        classification="firm" if business and not last else "individual",
        name=business or person,
        raw={},
        names=[business] if business else [],
        street=row.get("address", ""),
        city=row.get("city", ""),
        state=row.get("state", ""),
        zip=row.get("zip", ""),
        country="US",
        npi=_npi(row, line, problems),
        upin=upin,
        birth_date=_date(row, "dob", line, problems),
        exclusion_type=row.get("excltype", ""),
        program=" / ".join(filter(None, (row.get("general", ""), row.get("specialty", "")))),
        agency="HHS OIG",
        date_from=_date(row, "excldate", line, problems),
        reinstated=_date(row, "reindate", line, problems),
        waiver_date=_date(row, "waiverdate", line, problems),
        waiver_state=row.get("wvrstate", ""),
    )
    entry.names = _keys(business, (first, middle, last))
    # The file has no numbers of its own rows. What identifies one is what OIG does not correct.
    entry.identity = "\x1f".join(
        fold(part)
        for part in (
            LEIE,
            last,
            first,
            middle,
            business,
            row.get("dob", "").strip("0"),
            entry.exclusion_type,
            str(entry.date_from or ""),
            entry.state,
        )
    )
    return entry


def _read_sam(row, line, problems):
    """Return the entry of a row of SAM, or ``None`` with a problem."""
    first, middle, last = row.get("first", ""), row.get("middle", ""), row.get("last", "")
    person = " ".join(filter(None, (first, middle, last)))
    name = row.get("name", "") or person
    if not name:
        problems.append(RowProblem(line, "name"))
        return None
    classification = fold(row.get("classification", ""))
    entry = Entry(
        line=line,
        source=SAM,
        classification={
            "individual": "individual",
            "firm": "firm",
            "vessel": "vessel",
        }.get(classification, "other"),
        name=name,
        raw={},
        street=", ".join(filter(None, (row.get(f"address{n}", "") for n in ("", 1, 2, 3, 4)))),
        city=row.get("city", ""),
        state=row.get("stateprovince", "") or row.get("state", ""),
        zip=row.get("zipcode", "") or row.get("zip", ""),
        country=row.get("country", ""),
        npi=_npi(row, line, problems),
        uei=row.get("uniqueentityid", "").upper(),
        cage=row.get("cage", "").upper(),
        exclusion_type=row.get("exclusiontype", ""),
        program=row.get("exclusionprogram", ""),
        agency=row.get("excludingagency", ""),
        date_from=_date(row, "activedate", line, problems),
        date_to=_date(row, "terminationdate", line, problems),
    )
    individual = (first, middle, last) if last else None
    entry.names = _keys("" if individual and not row.get("name") else name, individual)
    for alias in cross_references(row.get("crossreference", "")):
        key = name_key(alias)
        if key and key not in entry.names:
            entry.names.append(key)
    if fold(row.get("recordstatus", "")).startswith("inactive"):
        entry.reinstated = entry.date_to or entry.date_from
    number = row.get("samnumber", "")
    parts = (
        (number, row.get("ctcode", ""), entry.agency, entry.exclusion_type)
        if number
        else (name, last, first, entry.agency, entry.exclusion_type, str(entry.date_from or ""))
    )
    entry.identity = "\x1f".join(fold(part) for part in (SAM, *parts))
    return entry


def _keys(business, individual):
    """Return the names of an entry as they are compared, each once."""
    keys = [name_key(business)] if business else []
    if individual:
        keys += person_keys(*individual)
    return list(dict.fromkeys(filter(None, keys)))


def cross_references(text):
    """Return the other names in SAM's column ``Cross-Reference``: ``(also A), (also B)``, or a
    list with semicolons."""
    if not text:
        return []
    names = _ALSO.findall(text) or _CROSS_SPLIT.split(text)
    names = (_CROSS_LEAD.sub("", name).strip(" ,.()") for name in names)
    return list(dict.fromkeys(name for name in names if name))[:50]


def place_keys(entry):
    """Return street, city, state and postal code of an entry as they are compared."""
    return (
        street_key(entry.street),
        city_key(entry.city),
        fold(entry.state).upper(),
        zip_key(entry.zip),
    )
