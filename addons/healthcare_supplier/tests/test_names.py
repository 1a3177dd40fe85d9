from odoo.tests import BaseCase, tagged

from ..tools.names import city_key, name_core, name_key, person_keys, street_key, zip_key


@tagged("post_install", "-at_install")
class TestNames(BaseCase):
    """Names and addresses as they are compared."""

    def test_names(self):
        for name, key in (
            ("ACME MEDICAL, INC.", "acme medical"),
            ("Acme Medical", "acme medical"),
            ("The Müller & Søn Medical Supply Co., L.L.C.", "muller and son medical supply"),
            ("Société Générale S.A.", "societe generale"),
            ("Stahlbau Grünwald GmbH & Co. KG", "stahlbau grunwald"),
            ("St. Jude's Company", "st judes"),
            ("S.p.A.", "spa"),
            ("Dr. J.D. Smith", "dr jd smith"),
            ("Quillm\u0430rk Surgic\u0430l", "quillmark surgical"),  # Cyrillic a
            ("\u0410\u0421\u041c\u0415 Medical", "acme medical"),  # all of it
            ("Quill\u200bmark Surg\u00adical", "quillmark surgical"),  # nothing to be seen
            ("\uff31\uff55\uff49\uff4c\uff4cmark", "quillmark"),  # wide
            ("  ", ""),
            (None, ""),
        ):
            with self.subTest(name=name):
                self.assertEqual(name_key(name), key)

    def test_what_tells_names_apart(self):
        self.assertEqual(name_core("muller and son medical supply"), "muller son")
        self.assertEqual(name_core("medical supply"), "medical supply")
        self.assertEqual(name_core(""), "")

    def test_persons(self):
        self.assertEqual(person_keys("JOHN", "Q", "O'NEIL"), ["john oneil"])
        self.assertEqual(person_keys("Ana", "María", "Pérez"), ["ana perez", "ana maria perez"])
        self.assertEqual(person_keys("", "", ""), [])

    def test_places(self):
        self.assertEqual(
            street_key("400 North River Road", "Suite 5"), street_key("400 N. River Rd., Ste. 5")
        )
        self.assertEqual(city_key("Saint Paul"), city_key("St. Paul"))
        self.assertEqual([zip_key(code) for code in ("62701-1234", "627011234", "62701")], ["62701"] * 3)
        self.assertEqual(zip_key("00000"), "")
        self.assertEqual(zip_key("sw1a 1aa"), "SW1A1AA")
