"""Unit codes: UN/ECE Recommendation 20 (units) and 21 (packages, with the letter X before).

A package code such as ``XBX`` says nothing about its content: that is known per item
(``healthcare.packaging``), never globally.
"""

import re

_CODE = re.compile(r"[A-Z0-9]{2,3}", re.ASCII)

#: Rec 20 codes of "one piece": EA each, C62 one, H87 piece, PCE (ISO/EDIFACT usage).
_EACH = {"EA", "C62", "H87", "PCE"}

#: What people write for units and packages of the trade, without the X of Rec 21. Only codes
#: whose meaning nobody doubts; X12's own code list is the business of the X12 format.
_USUAL = {
    "BG": "XBG",
    "BO": "XBO",
    "BX": "XBX",
    "CA": "XCS",
    "CS": "XCS",
    "CT": "XCT",
    "DR": "XDR",
    "DZ": "DZN",
    "LB": "LBR",
    "PK": "XPK",
    "RL": "XRO",
    "TU": "XTU",
    "VI": "XVI",
}


def normalise_unit_code(value):
    """Return the canonical unit code of ``value``, or ``None`` when it is no code at all.

    Upper case; ``BX`` becomes ``XBX``, ``C62`` becomes ``EA``. A code that is not
    known here is returned as it is: whether it means something is known per item.
    """
    text = value.strip().upper() if isinstance(value, str) else ""
    if not _CODE.fullmatch(text):
        return None
    return "EA" if text in _EACH else _USUAL.get(text, text)


def unit_label(code):
    """Return the short form that people read: ``XBX`` → ``BX``."""
    return code[1:] if len(code) == 3 and code.startswith("X") else code
