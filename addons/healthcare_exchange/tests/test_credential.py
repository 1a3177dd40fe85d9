import logging
from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from freezegun import freeze_time
from odoo import fields
from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL

from ..models.exchange_endpoint import SERVICE_LOGIN
from ..tools import sealing
from .common import ExchangeBuilders
from .test_sealing import open_sealed

PLANTED = "planted-Secret.That-must-be-seen-nowhere-42"


def public_pem(private_key):
    """Return the public key of a private key, as set-up registers it."""
    return (
        private_key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


@tagged("post_install", "-at_install")
class TestCredential(ExchangeBuilders, HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.private = X25519PrivateKey.generate()
        self.keys = self.env["healthcare.exchange.service.key"]
        self.keys._register_key(public_pem(self.private))
        self.endpoint = self.make_endpoint("CRED")
        self.administrator = self.users["administrator"]
        self.credentials = self.env["healthcare.exchange.credential"]

    def make_wizard(self, user=None, **values):
        wizards = self.env["healthcare.exchange.credential.wizard"].with_user(user or self.administrator)
        return wizards.create({"endpoint_id": self.endpoint.id, "name": "Token of 2027", **values})

    def make_credential(self, secret=PLANTED, **values):
        before = self.credentials.search([])
        self.make_wizard(secret=secret, **values).action_save()
        return self.credentials.search([]) - before

    def sealed(self, codes=("CRED",), user=None):
        user = user or self.env["res.users"].search([("login", "=", SERVICE_LOGIN)])
        return self.credentials.with_user(user).sealed(list(codes))

    def opened(self, row, private=None):
        data = sealing.associated_data(row["endpoint_code"], row["uuid"], row["direction"], row["kind"])
        return open_sealed(row["sealed"], private or self.private, data)

    def test_typed_sealed_and_opened_by_the_service(self):
        credential = self.make_credential()
        answer = self.sealed(["CRED"])
        self.assertEqual(answer["managed"], [{"endpoint_code": "CRED", "direction": "inbound"}])
        [row] = answer["credentials"]
        self.assertEqual(row["key_id"], answer["active_key_id"])
        self.assertEqual(self.opened(row), PLANTED)
        self.assertEqual((row["uuid"], row["kind"]), (credential.uuid, "bearer"))
        self.assertRegex(row["valid_from"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_by_form_as_a_person_does(self):
        action = self.endpoint.with_user(self.administrator).action_new_credential()
        form = Form(
            self.env[action["res_model"]].with_user(self.administrator).with_context(**action["context"])
        )
        form.name = "By form"
        form.direction = "outbound"
        form.secret = PLANTED
        wizard = form.save()
        self.assertFalse(wizard.secret)
        wizard.action_save()
        [row] = self.sealed()["credentials"]
        self.assertEqual((row["direction"], self.opened(row)), ("outbound", PLANTED))
        for role in ("administrator", "auditor"):
            Form(self.endpoint.with_user(self.users[role]))
            Form(self.endpoint.credential_ids.with_user(self.users[role]))

    def test_generated_is_shown_once(self):
        wizard = self.make_wizard(origin="generated", kind="webhook_secret")
        action = wizard.action_generate()
        secret = action["context"]["default_secret"]
        self.assertTrue(secret.startswith("whsec_"))
        [row] = self.sealed()["credentials"]
        self.assertEqual(self.opened(row), secret)
        shown = self.env[action["res_model"]].with_user(self.administrator)
        self.assertEqual(Form(shown.with_context(**action["context"])).secret, secret)
        self.assert_nowhere(secret)
        with self.assertRefused("the partner's to make"):
            self.make_wizard(direction="outbound").action_generate()

    def test_two_at_once_for_a_rotation(self):
        first = self.make_credential()
        second = self.make_credential("second-" + PLANTED, replaced_id=first.id, overlap_days=3)
        now = fields.Datetime.now()
        self.assertGreater(first.valid_to, now + timedelta(days=2))
        self.assertLess(first.valid_to, now + timedelta(days=4))
        rows = self.sealed()["credentials"]
        self.assertEqual([row["uuid"] for row in rows], [second.uuid, first.uuid], "the newest first")
        with self.assertRefused("Revoke the older one"):
            self.make_credential("third-" + PLANTED)
        first.with_user(self.administrator).action_revoke()
        third = self.make_credential("third-" + PLANTED)
        rows = self.sealed()["credentials"]
        self.assertEqual({row["uuid"] for row in rows}, {second.uuid, third.uuid})
        with self.assertRefused("this very secret"):
            self.make_credential("third-" + PLANTED)

    def test_validity_is_kept(self):
        now = fields.Datetime.now()
        later = self.make_credential(valid_from=now + timedelta(hours=12), valid_to=now + timedelta(days=9))
        much_later = self.make_credential("other-" + PLANTED, valid_from=now + timedelta(days=30))
        self.assertEqual((later.validity, much_later.validity), ("future", "future"))
        self.assertEqual([row["uuid"] for row in self.sealed()["credentials"]], [later.uuid])
        past = self.make_credential(
            "past-" + PLANTED, valid_from=now - timedelta(days=2), valid_to=now - timedelta(days=1)
        )
        self.assertEqual(past.validity, "expired")
        self.assertNotIn(past.uuid, [row["uuid"] for row in self.sealed()["credentials"]])

    def test_revoked_is_forgotten_and_still_managed(self):
        credential = self.make_credential()
        credential.with_user(self.administrator).action_revoke()
        self.assertEqual(credential.validity, "revoked")
        self.assertFalse(credential.sudo().sealed_secret)
        wizards = (
            self.env["healthcare.exchange.credential.wizard"]
            .sudo()
            .search([("endpoint_id", "=", self.endpoint.id)])
        )
        self.assertFalse(any(wizards.mapped("sealed_secret")), "no copy is left")
        answer = self.sealed()
        self.assertEqual(answer["credentials"], [])
        self.assertEqual(answer["managed"], [{"endpoint_code": "CRED", "direction": "inbound"}])

    def test_refusals_name_the_rule_and_never_the_secret(self):
        for values, why in (
            ({"secret": "short-planted"}, "at least 24"),
            ({"secret": PLANTED + " spaced"}, "without spaces"),
            ({"secret": PLANTED, "kind": "webhook_secret"}, "whsec_"),
        ):
            with self.assertRefused(why, ValidationError), self.assertLogs(level=logging.DEBUG) as logs:
                logging.getLogger(__name__).debug("a log to look into")
                try:
                    self.make_wizard(**values)
                except ValidationError as error:
                    self.assertNotIn(values["secret"], str(error))
                    raise
            self.assertNotIn(values["secret"], "\n".join(logs.output))
        with self.assertRefused("client ID"):
            self.make_wizard(kind="oauth_client", secret=PLANTED).action_save()
        with self.assertRefused("Type the secret"):
            self.make_wizard().action_save()

    def test_what_it_is_sealed_for_cannot_change_under_it(self):
        wizard = self.make_wizard(secret=PLANTED)
        wizard.kind = "oauth_client"
        with self.assertRefused("Type the secret"):
            wizard.action_save()
        credential = self.make_credential()
        with self.assertRefused("does not change"):
            credential.sudo().write({"kind": "webhook_secret"})
        with self.assertRefused("sealed under its code"):
            self.endpoint.code = "OTHER"
        credential.with_user(self.administrator).action_revoke()
        self.endpoint.code = "OTHER"

    def test_without_a_service_key_nothing_is_typed(self):
        self.keys.search([]).sudo().write({"active": False})
        with self.assertRefused("not registered"):
            self.make_wizard(secret=PLANTED)

    # ------------------------------------------------------------------ nowhere in clear

    def assert_nowhere(self, secret):
        """Assert that no text column of the database holds the secret."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT c.table_name, c.column_name
              FROM information_schema.columns c
              JOIN information_schema.tables t USING (table_schema, table_name)
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
               AND c.data_type IN ('text', 'character varying', 'jsonb', 'json')
            """
        )
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "SELECT 1 FROM %s WHERE position(%s in %s::text) > 0 LIMIT 1",
                    SQL.identifier(table),
                    secret,
                    SQL.identifier(column),
                )
            )
            self.assertFalse(self.env.cr.fetchone(), f"{table}.{column} holds the secret")

    def test_a_planted_secret_is_nowhere(self):
        with self.assertLogs(level=logging.DEBUG) as logs:
            wizard = self.make_wizard(secret=PLANTED)
            wizard.write({"name": "Renamed", "secret": PLANTED})
            wizard.action_save()
            credential = self.endpoint.credential_ids
            answers = [
                wizard.read(),
                credential.with_user(self.administrator).read(),
                self.endpoint.with_user(self.administrator).read(),
                self.endpoint.with_user(self.administrator).copy_data(),
                credential.export_data(["name", "fingerprint", "key_id"]),
                self.sealed(),
                self.service().endpoints(),
            ]
            credential.with_user(self.administrator).action_revoke()
        self.assert_nowhere(PLANTED)
        self.assertNotIn(PLANTED, repr(answers))
        self.assertNotIn(PLANTED, "\n".join(logs.output))
        entries = self.audit_entries(credential)
        self.assertEqual(entries.mapped("action"), ["create", "write"])
        self.assertIn(credential.fingerprint, repr(entries.mapped("changes")))
        self.assertNotIn(credential.fingerprint, PLANTED)

    def test_fingerprint_tells_nothing_by_itself(self):
        one, two = self.make_credential(), self.make_credential("other-" + PLANTED)
        self.assertNotEqual(one.fingerprint, two.fingerprint)
        self.env["ir.config_parameter"].sudo().set_param("database.secret", "another database")
        self.assertNotEqual(self.credentials._fingerprint(PLANTED), one.fingerprint)

    # ------------------------------------------------------------------ rights

    def test_access_matrix(self):
        readers = {"auditor": "r", "administrator": "r"}
        self.assertAccessMatrix(
            {
                "healthcare.exchange.credential": readers,
                "healthcare.exchange.service.key": {"auditor": "r", "administrator": "crud"},
                "healthcare.exchange.credential.wizard": {"administrator": "cru"},
                "healthcare.exchange.credential.shown": {"administrator": "cru"},
            }
        )

    def test_methods_by_role(self):
        credential = self.make_credential()
        for role in ROLES:
            user = self.users[role]
            model = self.credentials.with_user(user)
            for name, arguments in (("sealed", ([],)), ("reseal", ([],))):
                with self.subTest((role, name)):
                    if role == "service":
                        getattr(model, name)(*arguments)
                    else:
                        with self.assertRaises(AccessError):
                            getattr(model, name)(*arguments)
            with self.subTest((role, "sealed text")), self.assertRaises(AccessError):
                credential.with_user(user).read(["sealed_secret"])
            if role == "administrator":
                continue
            with self.subTest((role, "new")), self.assertRaises(AccessError):
                self.make_wizard(user, secret=PLANTED)
            with self.subTest((role, "revoke")), self.assertRaises(AccessError):
                credential.with_user(user).action_revoke()
            with self.subTest((role, "store")), self.assertRaises(AccessError):
                model._keep({"endpoint_id": self.endpoint.id})
            with self.subTest((role, "register")), self.assertRaises(AccessError):
                self.keys.with_user(user).create({"public_key": public_pem(X25519PrivateKey.generate())})
        self.assertEqual(credential.state, "active")

    def test_a_secret_stays_with_the_address_that_it_was_typed_for(self):
        endpoint = self.make_endpoint(
            "ADDRESS", state="suspended", settings={"base_url": "https://partner.example/api"}
        ).with_user(self.administrator)
        self.make_credential(endpoint_id=endpoint.id)
        endpoint.settings = {"base_url": "https://other.example"}
        endpoint.settings = {"base_url": "https://partner.example/api"}
        credential = self.make_credential(
            "outbound-" + PLANTED, endpoint_id=endpoint.id, direction="outbound"
        )
        endpoint.settings = {"base_url": "https://partner.example/v2", "path": "/orders"}
        for vals in (
            {"settings": {"base_url": "https://other.example/v2"}},
            {"settings": {"base_url": "https://partner.example:8443/v2"}},
            {"settings": {"base_url": "https://partner.example@other.example/v2"}},
            {"settings": {"base_url_setting": "sandbox_a"}},
            {"settings_text": '{"base_url": "https://other.example"}'},
            {"connector": "x12-folder"},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "revoke them"), self.cr.savepoint():
                endpoint.write(vals)
        credential.with_user(self.administrator).action_revoke()
        endpoint.settings = {"base_url": "https://other.example"}

    def test_context_keys_open_nothing(self):
        credential = self.make_credential()
        user = self.administrator
        for context in ({"su": True}, {"install_mode": True}, {"default_sealed_secret": "AAAA"}):
            mine = credential.with_user(user).with_context(**context)
            for vals in ({"sealed_secret": "AAAA"}, {"valid_to": False}, {"state": "active"}):
                with self.assertRaises(UserError):
                    mine.write(vals)
            with self.assertRaises(AccessError):
                mine.create({"name": "x", "endpoint_id": self.endpoint.id})
        with self.assertRaises(UserError):
            self.make_wizard(sealed_secret="AAAA", uuid="x", key_id="y", fingerprint="z")

    def test_a_service_account_gets_its_endpoints_only(self):
        self.make_credential()
        other = new_test_user(self.env, "other-service", groups="healthcare_base.group_service")
        self.assertEqual(self.sealed([], user=other)["credentials"], [])
        self.assertEqual(self.sealed(["CRED"], user=other)["managed"], [])
        hidden = self.make_endpoint("HIDDEN", service_user_ids=[(6, 0, other.ids)])
        self.make_credential("hidden-" + PLANTED, endpoint_id=hidden.id)
        reached = {row["endpoint_code"] for row in self.sealed([])["credentials"]}
        self.assertIn("CRED", reached)
        self.assertNotIn("HIDDEN", reached)
        rows = self.sealed(["CRED", "HIDDEN"], user=other)["credentials"]
        self.assertEqual({row["endpoint_code"] for row in rows}, {"HIDDEN"})

    def test_other_companies(self):
        company = self.make_company("Not Ours Either")
        elsewhere = self.make_endpoint("ELSEWHERE", company_id=company.id)
        self.env["healthcare.exchange.credential.wizard"].create(
            {"endpoint_id": elsewhere.id, "name": "Theirs", "secret": PLANTED}
        ).action_save()
        theirs = elsewhere.credential_ids
        self.assertTrue(theirs)
        self.assertFalse(self.credentials.with_user(self.administrator).search([("id", "=", theirs.id)]))
        with self.assertRaises(AccessError):
            theirs.with_user(self.administrator).action_revoke()
        with self.assertRaises(AccessError):
            self.make_wizard(endpoint_id=elsewhere.id, secret="own-" + PLANTED)

    # ------------------------------------------------------------------ the service's own key

    def test_no_context_key_brings_an_old_key_into_effect(self):
        first = self.keys._current()
        self.keys.create({"public_key": public_pem(X25519PrivateKey.generate())})
        first._activate()
        self.assertEqual(self.keys.with_context(active_test=False)._current(), first)
        model = self.env["healthcare.exchange.credential"].with_user(self.service().env.user)
        sealed = model.with_context(active_test=False).sealed([])
        self.assertEqual(sealed["active_key_id"], first.key_id)

    def test_resealing_under_a_new_key(self):
        credential = self.make_credential()
        new = X25519PrivateKey.generate()
        [row] = self.sealed()["credentials"]
        user = self.env["res.users"].search([("login", "=", SERVICE_LOGIN)])
        service = self.credentials.with_user(user)
        data = sealing.associated_data("CRED", row["uuid"], "inbound", "bearer")
        rewrap = {
            "uuid": row["uuid"],
            "sealed_before": row["sealed"],
            "sealed": sealing.seal(PLANTED, new.public_key().public_bytes_raw(), data),
            "key_id": sealing.key_id(new.public_key().public_bytes_raw()),
        }
        self.assertEqual(service.reseal([rewrap])[0]["status"], "changed", "not registered yet")
        self.keys.with_user(self.administrator).create({"public_key": public_pem(new)})
        self.assertEqual(self.keys.search([]).key_id, rewrap["key_id"])
        self.assertEqual(service.reseal([{**rewrap, "sealed_before": "x"}])[0]["status"], "changed")
        self.assertEqual(service.reseal([{**rewrap, "sealed": "x"}])[0]["status"], "changed")
        other = new_test_user(self.env, "other-service", groups="healthcare_base.group_service")
        self.assertEqual(self.credentials.with_user(other).reseal([rewrap])[0]["status"], "changed")
        self.assertEqual(service.reseal([rewrap]), [{"uuid": row["uuid"], "status": "resealed"}])
        self.assertEqual(service.reseal([rewrap])[0]["status"], "changed", "once")
        [row] = self.sealed()["credentials"]
        self.assertEqual(self.opened(row, new), PLANTED)
        self.assertEqual(credential.key_id, row["key_id"])
        for wrong in (None, {}, [None], [{"uuid": 1}]):
            with self.assertRaises(ValidationError):
                service.reseal(wrong)

    def test_service_keys(self):
        first = self.keys.search([])
        self.assertEqual(self.keys._register_key(public_pem(self.private)), first, "again is no change")
        second = self.keys._register_key(public_pem(X25519PrivateKey.generate()))
        self.assertEqual(self.keys.search([]), second)
        self.assertFalse(first.active)
        first.with_user(self.administrator).action_activate()
        self.assertEqual(self.keys.search([]), first)
        with self.assertRefused("does not change"):
            first.with_user(self.administrator).write({"public_key": "x"})
        self.make_credential()
        with self.assertRefused("cannot be deleted"):
            first.with_user(self.administrator).unlink()
        second.with_user(self.administrator).unlink()
        with self.assertRefused("private key", ValidationError):
            self.keys.create({"public_key": "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----"})
        self.assertTrue(self.audit_entries(first))

    def test_methods_that_anyone_may_call_by_rpc(self):
        """A new public method has to be looked at here."""
        own = {"create", "write", "unlink"}
        for model, expected in (
            ("healthcare.exchange.credential", {"sealed", "reseal", "action_revoke"}),
            ("healthcare.exchange.service.key", {"action_activate"}),
            ("healthcare.exchange.credential.wizard", {"action_save", "action_generate"}),
        ):
            names = {
                name
                for cls in type(self.env[model]).mro()
                if cls.__module__.startswith("odoo.addons.healthcare_exchange.")
                for name, value in vars(cls).items()
                if callable(value) and not name.startswith("_")
            }
            self.assertEqual(names - own, expected, model)

    # ------------------------------------------------------------------ alerts

    def test_expiring_without_a_successor(self):
        now = fields.Datetime.now()
        ending = self.make_credential(valid_to=now + timedelta(days=5))
        self.assertEqual(ending.validity, "expiring")
        self.assertEqual(self.credentials._expiring(), ending)
        self.make_credential("next-" + PLANTED, valid_from=now + timedelta(days=4))
        self.assertFalse(self.credentials._expiring() & ending)
        hook = self.make_credential(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            kind="webhook_secret",
            valid_from=now - timedelta(days=9),
            valid_to=now + timedelta(days=60),
        )
        self.assertEqual((hook.validity, bool(self.credentials._expiring())), ("valid", False))
        hook.sudo().valid_to = now - timedelta(minutes=1)
        hook.invalidate_recordset()
        self.assertEqual(self.credentials._expiring(), hook, "ended and nobody noticed")

    def test_alert_until_there_is_a_successor(self):
        alerts = self.env["healthcare.exchange.alert"]
        watched = [("type", "=", "credential_expiring"), ("state", "=", "open")]
        now = fields.Datetime.now()
        ending = self.make_credential(valid_to=now + timedelta(days=5))
        for _time in range(2):
            alerts._reconcile(alerts._findings())
            alert = alerts.search(watched)
            self.assertEqual((alert.endpoint_id, alert.key), (self.endpoint, ending.uuid))
        self.assertEqual(alert.deadline, ending.valid_to)
        self.assertIn("ends at", alert.summary)
        self.assertNotIn(PLANTED, alert.summary)
        with freeze_time(now + timedelta(days=6)):
            alerts._reconcile(alerts._findings())
            self.assertIn("ended at", alert.summary)
        self.make_credential("next-" + PLANTED)
        alerts._reconcile(alerts._findings())
        self.assertFalse(alerts.search(watched))

    def test_directory_says_what_counts(self):
        self.endpoint.write({"accept_oauth": False})
        [entry] = [one for one in self.service().endpoints() if one["code"] == "CRED"]
        self.assertEqual(entry["authentication"], ["bearer", "webhook_secret"])
