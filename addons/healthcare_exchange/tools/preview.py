"""Bytes of strangers as text that is safe to show."""

#: What an EDI file may use between its parts, besides tab and line ends: X12 and EDIFACT separators.
_SEPARATORS = frozenset("\t\n\r\x0c\x1c\x1d\x1e\x1f\x85")
_HEX_BYTES = 16 * 1024
_HEX_WIDTH = 16


def preview(content, cut=False):
    """Return bytes as text, or in hexadecimal where they are none.

    :param bytes content: the bytes, or their beginning
    :param bool cut: whether ``content`` is only the beginning, so that a character may be torn
    :return: ``{"kind": "text" or "hex", "encoding", "text"}``; hexadecimal stops at 16 KB
    """
    for encoding in _encodings(content):
        try:
            text = _decoded(content, encoding, cut)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return {"kind": "text", "encoding": encoding, "text": text}
    return {"kind": "hex", "encoding": False, "text": _hexadecimal(content[:_HEX_BYTES])}


def _encodings(content):
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if content.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    return ("utf-8", "latin-1")


def _decoded(content, encoding, cut):
    if not cut:
        return content.decode(encoding)
    for torn in range(4):
        try:
            return content[: len(content) - torn].decode(encoding)
        except UnicodeDecodeError:
            if torn == 3:
                raise
    return ""


def _is_text(text):
    """Whether there are no control characters but those that text and EDI files use."""
    return not any((ch < " " or "\x7f" <= ch <= "\x9f") and ch not in _SEPARATORS for ch in text)


def _hexadecimal(content):
    lines = []
    for start in range(0, len(content), _HEX_WIDTH):
        row = content[start : start + _HEX_WIDTH]
        readable = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(f"{start:08x}  {row.hex(' '):<{_HEX_WIDTH * 3 - 1}}  {readable}")
    return "\n".join(lines)
