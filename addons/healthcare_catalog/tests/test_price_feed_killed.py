import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, tools
from odoo.addons.healthcare_exchange.tests.common import ExchangeBuilders, canonical, envelope
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

LINES = 1200
SLICE = 60
_CODE = "KILLED"
# The cron's work in a process of its own, with slices small enough to be killed between and in them.
_WORKER = f"""
import time
feeds = env["healthcare.price.feed"]
model = type(feeds)
for name in ("_compare_slice", "_apply_slice"):
    original = getattr(model, name)
    def slow(self, limit=None, original=original):
        count = original(self, {SLICE})
        time.sleep(0.1)
        return count
    setattr(model, name, slow)
feeds._cron_work()
"""


# The document's half: killed after its lines are written, and before they are committed.
_STAGER = f"""
import sys, time
message = env["healthcare.exchange.message"].search([("idempotency_key", "=", "{_CODE}")])
message._take_in()
env.flush_all()
print("staged", flush=True)
time.sleep(60)
"""


class _Builders(ExchangeBuilders):
    def __init__(self, env):
        self.env = env


@tagged("post_install", "-at_install")
class TestPriceFeedKilled(BaseCase):
    """A worker killed in the middle of a feed: another one goes on where it was.

    Real processes and real commits; what was made is taken away again afterwards.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean_up)
        with self.committed() as env:
            self.cron_was = env.ref("healthcare_catalog.cron_price_feed").active
            env.ref("healthcare_catalog.cron_price_feed").active = False
            partner = env["res.partner"].create({"name": "Killed Supplier", "is_company": True})
            unit = env.ref("uom.product_uom_unit")
            env["product.product"].create(
                [
                    {"name": f"Killed {n}", "default_code": f"KILLED-{n}", "uom_id": unit.id}
                    for n in range(LINES)
                ]
            )
            endpoint = _Builders(env).make_endpoint(
                _CODE, documents=(("catalog", "inbound"),), partner_id=partner.id
            )
            lines = [
                {
                    "line_number": str(n),
                    "item": {"buyer_code": f"KILLED-{n}"},
                    "prices": [{"amount": "3.25", "unit": "EA"}],
                }
                for n in range(LINES)
            ]
            messages = env["healthcare.exchange.message"]
            [item] = [envelope(canonical("catalog", _CODE, lines=lines))]
            message = messages.create(
                {
                    "direction": "inbound",
                    "endpoint_id": endpoint.id,
                    "company_id": endpoint.company_id.id,
                    "document": item["document"],
                    "document_type": "catalog",
                    "number": _CODE,
                    "raw": item["raw"],
                    "raw_sha256": item["raw_sha256"],
                    "idempotency_key": _CODE,
                    "state": "queued",
                }
            )
            self.message_id = message.id
        self.feed_id = 0

    def stage(self):
        """Take the document in, as the next worker does."""
        with self.committed() as env:
            message = env["healthcare.exchange.message"].browse(self.message_id)
            message._take_in()
            self.feed_id = message.res_id

    def clean_up(self):
        with self.committed() as env:
            env.ref("healthcare_catalog.cron_price_feed").active = self.cron_was
            cr = env.cr
            feed = [self.feed_id]
            cr.execute("DELETE FROM healthcare_price_feed_ending WHERE feed_id = ANY(%s)", [feed])
            cr.execute("DELETE FROM product_supplierinfo WHERE feed_id = ANY(%s)", [feed])
            cr.execute("DELETE FROM healthcare_price_feed_line WHERE feed_id = ANY(%s)", [feed])
            model = "healthcare.price.feed"
            env["mail.activity"].search([("res_model", "=", model), ("res_id", "in", feed)]).unlink()
            env["mail.message"].search([("model", "=", model), ("res_id", "in", feed)]).unlink()
            cr.execute(
                "DELETE FROM healthcare_exchange_message_healthcare_price_feed_rel"
                " WHERE healthcare_price_feed_id = ANY(%s)",
                [feed],
            )
            cr.execute("DELETE FROM healthcare_price_feed WHERE id = ANY(%s)", [feed])
            cr.execute("DELETE FROM healthcare_exchange_message WHERE idempotency_key = %s", [_CODE])
            env.invalidate_all()
            env["healthcare.exchange.endpoint"].search([("code", "=", _CODE)]).unlink()
            env["product.product"].search([("default_code", "=like", "KILLED-%")]).product_tmpl_id.unlink()
            env["res.partner"].search([("name", "=", "Killed Supplier")]).unlink()

    @contextmanager
    def committed(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def committed_values(self, *names):
        """Return fields of the feed as they are committed."""
        with self.committed() as env:
            feed = env["healthcare.price.feed"].browse(self.feed_id)
            return [feed[name] for name in names]

    def worker(self, script=_WORKER, stdout=subprocess.DEVNULL):
        """Start a process that does what the cron does, or another script."""
        config = tools.config
        arguments = ["shell", "-d", self.registry.db_name, "--no-http", "--log-level=error"]
        if config["config"] and os.path.exists(config["config"]):
            arguments += ["-c", config["config"]]
        for option in ("db_host", "db_port", "db_user", "db_password"):
            if config[option]:
                arguments.append(f"--{option}={config[option]}")
        arguments.append("--addons-path=" + ",".join(config["addons_path"]))
        process = subprocess.Popen(  # noqa: S603 (ourselves)
            [sys.executable, "-c", "import odoo.cli; odoo.cli.main()", *arguments],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(process.stderr.close)
        process.stdin.write(script.encode())
        process.stdin.close()
        return process

    def kill_when(self, count_name):
        """Let a worker begin, kill it once a count has risen, and return the count then."""
        process = self.worker()
        try:
            deadline = time.monotonic() + 90
            while not self.committed_values(count_name)[0]:
                self.assertIsNone(process.poll(), "the worker ended by itself")
                self.assertLess(time.monotonic(), deadline, "the worker did not begin")
                time.sleep(0.02)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.assertEqual(process.returncode, -signal.SIGKILL)
        return self.committed_values(count_name)[0]

    def go_on(self):
        """Do what the next worker does."""
        with self.committed() as env:
            env["healthcare.price.feed"]._cron_work()

    def test_killed_while_staging(self):
        """Nothing of the document is there; it is taken in once by the next worker."""
        process = self.worker(_STAGER, subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        try:
            lines = iter(process.stdout.readline, b"")
            self.assertTrue(any(line.strip() == b"staged" for line in lines), "the worker did not stage")
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        with self.committed() as env:
            message = env["healthcare.exchange.message"].browse(self.message_id)
            self.assertEqual((message.state, message.res_id), ("queued", 0))
            self.assertFalse(env["healthcare.price.feed"].search([("number", "=", _CODE)]))
        self.stage()
        self.assertEqual(self.committed_values("state", "line_count"), ["comparing", LINES])
        with self.committed() as env:
            count = env["healthcare.price.feed.line"].search_count([("message_id", "=", self.message_id)])
            self.assertEqual(count, LINES)

    def test_killed_while_comparing_and_applying(self):
        """Nothing is lost, nothing is done twice."""
        self.stage()
        compared = self.kill_when("compared_count")
        self.assertTrue(0 < compared < LINES, compared)
        self.assertEqual(compared % SLICE, 0, "slices are whole")
        self.assertEqual(self.committed_values("state"), ["comparing"])
        self.go_on()
        self.assertEqual(
            self.committed_values("state", "compared_count", "new_count"), ["review", LINES, LINES]
        )
        with self.committed() as env:
            env["healthcare.price.feed"].browse(self.feed_id).action_approve_unflagged()
        applied = self.kill_when("applied_count")
        self.assertTrue(0 < applied < LINES, applied)
        self.assertEqual(self.committed_values("state"), ["applying"])
        with self.committed() as env:
            env.cr.execute("SELECT count(*) FROM product_supplierinfo WHERE feed_id = %s", [self.feed_id])
            self.assertEqual(env.cr.fetchone()[0], applied, "a slice is written with its mark")
        self.go_on()
        self.assertEqual(self.committed_values("state", "applied_count"), ["applied", LINES])
        with self.committed() as env:
            env.cr.execute(
                "SELECT count(*), count(DISTINCT product_id) FROM product_supplierinfo WHERE feed_id = %s",
                [self.feed_id],
            )
            self.assertEqual(env.cr.fetchone(), (LINES, LINES))
