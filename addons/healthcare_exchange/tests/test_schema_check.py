import copy
import random

from odoo.tests import BaseCase, tagged

from ..tools import canonical

#: Values that schemas refuse somewhere; the last ones are nearly right.
_WRONG = [
    None,
    True,
    False,
    0,
    -1,
    1.0,
    "",
    "x\n",
    "12,5",
    "1.\n",
    "2026-02-30",
    "2026-01-31\n",
    [],
    {},
    [None],
    "Y" * 20_000,
]


def samples():
    """Return a rich valid document of several types."""
    price = {
        "kind": "net",
        "tier": "C01",
        "amount": "1.50",
        "base_quantity": "100",
        "unit": "XBX",
        "valid_from": "2026-01-31",
        "contract_number": "K-1",
    }
    line = {
        "line_number": "1",
        "item": {"supplier_code": "A", "gtin": "10614141000415"},
        "gtins": [{"unit": "XBX", "gtin": "10614141000415"}],
        "packaging": "EA 10/XBX",
        "prices": [price],
        "lead_time_days": 3,
        "action": "change",
    }
    head = {"schema_version": "1.0", "number": "N", "issued_at": "2026-01-31T10:00:00Z", "currency": "USD"}
    address = {"street": "1 Main", "country": "US"}
    return [
        {**head, "document_type": "catalog", "lines": [line], "portion": {"number": 1, "of": 2, "feed": "F"}},
        {
            **head,
            "document_type": "contract",
            "facilities": ["H1", {"code": "H2", "tier": "1"}],
            "tiers": [{"code": "1", "conditions": {"min_amount": "10"}}, {"code": "2", "conditions": "x"}],
        },
        {
            **head,
            "document_type": "supplier",
            "identifiers": [{"scheme": "gln", "value": "1"}],
            "addresses": [address],
            "payment_terms": {"net_days": 30},
        },
        {
            **head,
            "document_type": "invoice",
            "notes": ["a", "b"],
            "lines": [{"line_number": "1", "quantity": "1", "price": {"amount": "2"}}],
        },
    ]


def places(node, path=()):
    """Return the paths of all values in a JSON value."""
    found = [path] if path else []
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        found += places(child, (*path, name))
    return found


@tagged("post_install", "-at_install")
class TestSchemaCheck(BaseCase):
    def slow(self, document):
        """Whether jsonschema itself finds nothing."""
        return not list(canonical._validator(document["document_type"]).iter_errors(document))

    def test_every_type_has_the_quick_way(self):
        for name in canonical.document_types():
            self.assertTrue(canonical._quick(name), name)
            least = {"document_type": name, "schema_version": "1.0", "number": "1"}
            self.assertTrue(canonical._quick(name)(least), name)
            self.assertFalse(canonical._quick(name)({**least, "surplus": 1}), name)

    def test_valid_documents_are_known(self):
        for document in samples():
            self.assertTrue(self.slow(document), document["document_type"])
            self.assertTrue(canonical._quick(document["document_type"])(document))
            self.assertEqual(canonical.validate(document), [])

    def test_nothing_invalid_passes(self):
        """Each value of each sample replaced by each wrong one, and each name by another."""
        random.seed(5)
        refused = 0
        for document in samples():
            quick = canonical._quick(document["document_type"])
            for path in places(document):
                if path == ("document_type",):
                    continue
                for wrong in _WRONG:
                    changed = copy.deepcopy(document)
                    target = changed
                    for part in path[:-1]:
                        target = target[part]
                    target[path[-1]] = copy.deepcopy(wrong)
                    refused += self.compare(quick, changed)
                changed = copy.deepcopy(document)
                target = changed
                for part in path[:-1]:
                    target = target[part]
                if isinstance(target, dict):
                    target["unknown"] = target.pop(path[-1])
                    refused += self.compare(quick, changed)
        self.assertGreater(refused, 500)

    def compare(self, quick, document):
        """The quick way agrees with jsonschema, or is the stricter one."""
        valid = self.slow(document)
        if quick(document):
            self.assertTrue(valid, document)
        return not valid
