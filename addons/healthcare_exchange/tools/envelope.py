"""An inbound envelope, checked and made uniform. Pure: no database."""

import base64
import binascii
import hashlib
import json
import re
import secrets

from .canonical import unstorable, validate
from .text import clean_text

#: Largest file kept, in bytes, and largest number of envelopes in one call.
MAX_RAW = 64 * 1024 * 1024
MAX_ENVELOPES = 1000
#: Findings kept with a document: more than one for every line of a portion.
MAX_DIAGNOSTICS = 10_000
MAX_ACKNOWLEDGEMENTS = 1000

_KEYS = {
    "document",
    "raw",
    "raw_sha256",
    "filename",
    "content_type",
    "diagnostics",
    "idempotency_key",
    "trace_id",
    "traceparent",
    "position",
    "mapping_version",
    "interchange",
    "acknowledgements",
}
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
#: Of a file without bytes.
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_TRACE = re.compile(r"[0-9a-f]{32}\Z")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\Z")


class EnvelopeError(ValueError):
    """The caller did not keep to the protocol; the message says which envelope and how."""


def new_trace_id():
    """Return a fresh trace id: 32 lower-case hexadecimal digits (W3C Trace Context)."""
    return secrets.token_hex(16)


def trace_id_or_new(value):
    """Return a valid trace id unchanged, and a new one for anything else (W3C Trace Context:
    an invalid one starts a new trace and never fails)."""
    if isinstance(value, str) and _TRACE.match(value) and set(value) != {"0"}:
        return value
    return new_trace_id()


def traceparent_of(value, trace_id):
    """Return a valid traceparent (W3C Trace Context, version 00) of the trace, else None."""
    match = _TRACEPARENT.match(value) if isinstance(value, str) else None
    valid = match and match[1] == trace_id and set(match[2]) != {"0"}
    return value if valid else None


def canonical_bytes(document):
    """Return a JSON value as bytes that are the same for equal values (sorted, compact)."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def normalise(envelopes):
    """Check envelopes and return one uniform dict for each, in the same order.

    An envelope is ``{document or None, raw (base64), raw_sha256, filename, content_type,
    diagnostics, idempotency_key, trace_id, traceparent, position, mapping_version}``, or a bare
    canonical document. Where the
    partner gave no key it is the SHA-256 of the raw bytes plus the document's position in the
    file: ``position`` where given, else counted among the envelopes with the same bytes; an
    envelope that is wholly equal to an earlier one keeps that one's position, and so its key.

    A document with a diagnostic of level ``error`` is not to take effect by itself: what was read
    of a damaged file may be half of it. Such diagnostics, and a missing document, give ``errors``.
    One with ``scope`` ``line`` concerns that line alone, and is for the document's handler.

    A file of several documents comes once: an envelope without ``raw`` that states a
    ``raw_sha256`` is of the same file as an earlier one that had these bytes.

    :return: list of dicts with ``document`` (dict or None), ``raw`` (base64 text; None: those of
        another envelope or message with the same ``raw_sha256``), ``raw_sha256``,
        ``filename``, ``content_type``, ``diagnostics``, ``idempotency_key``, ``trace_id``,
        ``traceparent`` (None: none that is valid), ``position``, ``mapping_version`` (0: none) and
        ``errors`` (``{code, message, path, line}``; empty: may be processed).
    :raise EnvelopeError: an envelope is not of that shape, its base64 is broken, or its bytes
        do not have the SHA-256 that it states.
    """
    if not isinstance(envelopes, list | tuple):
        raise EnvelopeError("envelopes must be a list")
    if len(envelopes) > MAX_ENVELOPES:
        raise EnvelopeError(f"at most {MAX_ENVELOPES} envelopes in one call")
    seen = {}
    return [_normalise_one(index, envelope, seen) for index, envelope in enumerate(envelopes)]


def _normalise_one(index, envelope, seen):
    where = f"envelope {index}"
    if not isinstance(envelope, dict):
        raise EnvelopeError(f"{where} must be an object")
    bare = "document" not in envelope and "document_type" in envelope
    if bare:
        envelope = {"document": envelope, "position": 0}
    unknown = sorted(set(map(str, envelope)) - _KEYS)
    if unknown:
        raise EnvelopeError(f"{where} has unknown fields: {', '.join(unknown)[:200]}")
    document = envelope.get("document") or None
    if document is not None and not isinstance(document, dict):
        raise EnvelopeError(f"{where}: document must be an object or null")
    diagnostics, errors = _diagnostics(where, envelope.get("diagnostics"), document is not None)
    reason = document is not None and unstorable(document)
    if reason:
        message = f"the document cannot be read: {reason}"
        errors.insert(0, {"code": "unparseable", "message": message, "path": "", "line": ""})
    raw, digest = _raw(where, envelope, document, lossless=not reason)
    kept = None if reason else document
    key = envelope.get("idempotency_key") or ""
    if key and (not isinstance(key, str) or clean_text(key, 200) != key):
        raise EnvelopeError(f"{where}: idempotency_key must be text of at most 200 characters")
    position = _position(where, envelope, key or digest, (digest, document, diagnostics), seen)
    version = envelope.get("mapping_version") or 0
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
        raise EnvelopeError(f"{where}: mapping_version must be a whole number from 0")
    if document is None and not errors:
        message = "the bytes could not be read as a document of this endpoint's format"
        errors = [{"code": "unparseable", "message": message, "path": "", "line": ""}]
    trace_id = trace_id_or_new(envelope.get("trace_id"))
    return {
        "document": kept,
        "raw": raw,
        "raw_sha256": digest,
        "filename": clean_text(envelope.get("filename"), 255),
        "content_type": clean_text(envelope.get("content_type"), 100),
        "diagnostics": diagnostics,
        # A partner's key names the whole file; its further documents are told apart.
        "idempotency_key": (f"{key}#{position}" if position else key) if key else f"{digest}:{position}",
        "trace_id": trace_id,
        "traceparent": traceparent_of(envelope.get("traceparent"), trace_id),
        "position": position,
        "mapping_version": version,
        "interchange": _interchange(where, envelope.get("interchange")),
        "acknowledgements": _acknowledgements(where, envelope.get("acknowledgements")),
        "errors": errors,
    }


def _interchange(where, interchange):
    """Return the control numbers of the envelope that a document came in: text by name."""
    if not interchange:
        return {}
    if not isinstance(interchange, dict) or len(interchange) > 20:
        raise EnvelopeError(f"{where}: interchange must be an object of at most 20 texts")
    return {clean_text(name, 50): clean_text(value, 100) for name, value in interchange.items()}


def _acknowledgements(where, documents):
    """Return what the partner is to be told about its file: functional acknowledgements."""
    if not documents:
        return []
    if not isinstance(documents, list) or len(documents) > MAX_ACKNOWLEDGEMENTS:
        raise EnvelopeError(f"{where}: at most {MAX_ACKNOWLEDGEMENTS} acknowledgements")
    for document in documents:
        problems = validate(document)
        if problems or document["document_type"] != "functional_acknowledgement":
            reason = problems[0]["message"] if problems else "it is another document"
            raise EnvelopeError(f"{where}: not a functional acknowledgement: {reason}")
    return documents


def _raw(where, envelope, document, lossless):
    """Return the bytes as received, base64, and their SHA-256; None for bytes that came with
    another document of the same file."""
    encoded = envelope.get("raw")
    stated = envelope.get("raw_sha256")
    if not encoded and stated and stated != EMPTY_SHA256:
        if not isinstance(stated, str) or not _SHA256.match(stated):
            raise EnvelopeError(f"{where}: raw_sha256 must be 64 lower-case hexadecimal digits")
        return None, stated
    if encoded:
        if not isinstance(encoded, str):
            raise EnvelopeError(f"{where}: raw must be base64 text")
        if len(encoded) > MAX_RAW * 4 // 3 + 4:
            raise EnvelopeError(f"{where}: raw is larger than {MAX_RAW} bytes")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise EnvelopeError(f"{where}: raw is not base64: {error}") from error
    elif document is not None and not envelope.get("raw_sha256"):
        if not lossless:
            raise EnvelopeError(f"{where}: the document cannot be stored and there is no raw")
        raw = canonical_bytes(document)
    else:
        # An empty file is evidence too: it has a SHA-256 and nothing else.
        raw = b""
        if not envelope.get("raw_sha256") and "raw" not in envelope:
            raise EnvelopeError(f"{where} has neither document nor raw")
    digest = hashlib.sha256(raw).hexdigest()
    if stated and stated != digest:
        raise EnvelopeError(f"{where}: raw has SHA-256 {digest}, not the stated one; send it again")
    return base64.b64encode(raw).decode("ascii"), digest


def _diagnostics(where, diagnostics, has_document):
    """Return the diagnostics, bounded, and those of level ``error`` as a message's errors: all but
    those about single lines of a document that was read."""
    if not diagnostics:
        return [], []
    if not isinstance(diagnostics, list) or not all(isinstance(d, dict) for d in diagnostics):
        raise EnvelopeError(f"{where}: diagnostics must be a list of objects")
    lines = [
        d for d in diagnostics if has_document and d.get("level") == "error" and d.get("scope") == "line"
    ]
    kept = diagnostics
    if len(diagnostics) > MAX_DIAGNOSTICS:
        # what keeps a line, or all of it, from taking effect goes before what is only worth knowing
        kept = sorted(diagnostics, key=lambda diagnostic: diagnostic.get("level") != "error")
    kept = [
        {clean_text(key, 50): _plain(value) for key, value in list(diagnostic.items())[:20]}
        for diagnostic in kept[:MAX_DIAGNOSTICS]
    ]
    errors = [
        {
            "code": clean_text(diagnostic.get("code"), 60) or "unparseable",
            "message": clean_text(diagnostic.get("message")),
            "path": clean_text(diagnostic.get("path"), 200),
            "line": clean_text(diagnostic.get("line"), 50),
        }
        for diagnostic in kept
        if diagnostic.get("level") == "error" and not (has_document and diagnostic.get("scope") == "line")
    ]
    if len(lines) > MAX_DIAGNOSTICS:
        message = f"{len(lines)} lines have errors, more than are kept; correct the file and send it again"
        errors.append({"code": "too_many_findings", "message": message, "path": "lines", "line": ""})
    return kept, errors


def _plain(value):
    if isinstance(value, bool | int):
        return value
    return clean_text(value)


def _position(where, envelope, group, content, seen):
    given = envelope.get("position")
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 1_000_000:
            raise EnvelopeError(f"{where}: position must be a whole number from 0")
        return given
    earlier = seen.setdefault(group, [])
    if content in earlier:
        return earlier.index(content)
    earlier.append(content)
    return len(earlier) - 1
