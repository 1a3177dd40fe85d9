import json
import uuid

from odoo.tests import tagged

from ..models.exchange_flow_gate import Gate
from .common import ExchangeCommon

_BACKLOG = 3000
_CLAIMED = 10


@tagged("post_install", "-at_install")
class TestClaimPlan(ExchangeCommon):
    """What a claim looks at, as PostgreSQL tells it: rows, not seconds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        builders = cls
        cls.alive = builders.make_endpoint(builders, "ALIVE")
        cls.dead = builders.make_endpoint(builders, "DEAD")
        cls.env.flush_all()

    def fill(self, endpoint, count, state="queued", hours=-1, batch=False, priority=1):
        """Insert messages without the ORM: a backlog."""
        self.env.cr.execute(
            """
            INSERT INTO healthcare_exchange_message
                   (uuid, direction, document_type, number, endpoint_id, company_id, state, priority,
                    idempotency_key, ordering_key, document, next_attempt_at, attempt_count, batch,
                    create_date)
            SELECT gen_random_uuid()::text, 'outbound', 'purchase_order', 'F' || n, %s, %s, %s, %s,
                   gen_random_uuid()::text, 'fill,' || n, '{}'::jsonb,
                   timezone('UTC', now()) + make_interval(hours => %s), 0, %s,
                   timezone('UTC', now())
              FROM generate_series(1, %s) AS n
            """,
            [endpoint.id, endpoint.company_id.id, state, priority, hours, batch, count],
        )
        self.env.cr.execute("ANALYZE healthcare_exchange_message")

    def queue(self, count=_CLAIMED, **values):
        for n in range(count):
            self.enqueue(self.alive, f"Q{n}", ordering_key=f"plan,{uuid.uuid4()}", **values)
        self.env.flush_all()

    def looked_at(self, query):
        """Run a query; return the rows of messages it looked at, and the indexes it used."""
        self.env.cr.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + query.code, query.params)
        [[plan]] = self.env.cr.fetchone()
        rows, indexes, todo = 0, set(), [plan["Plan"]]
        while todo:
            node = todo.pop()
            todo += node.get("Plans", [])
            if node.get("Relation Name") == "healthcare_exchange_message":
                self.assertNotEqual(node["Node Type"], "Seq Scan", json.dumps(plan, indent=1))
                indexes.add(node.get("Index Name"))
                removed = sum(value for key, value in node.items() if key.startswith("Rows Removed"))
                rows += (node["Actual Rows"] + removed) * node["Actual Loops"]
        return rows, indexes

    def check_claim(self):
        """Claim as the service does; check what both queries look at."""
        messages = self.env["healthcare.exchange.message"]
        gates = self.env["healthcare.exchange.flow"]._gates([self.alive.id, self.dead.id], _CLAIMED)
        wanted = {f"healthcare_exchange_message_{name}" for name in ("due_idx", "order_idx")}
        rows, indexes = self.looked_at(messages._shares_query(gates.values(), _CLAIMED))
        self.assertLessEqual(indexes, wanted)
        # Candidates of both endpoints, and each one's place in its order.
        self.assertLessEqual(rows, _CLAIMED * 6)
        shares = messages._shares(gates.values(), _CLAIMED)
        rows, indexes = self.looked_at(messages._lock_due_query(shares))
        self.assertLessEqual(indexes, wanted)
        self.assertLessEqual(rows, _CLAIMED * 3)
        return [row["number"] for row in self.claim(limit=_CLAIMED)[1]]

    def test_backlog_of_a_supplier_whose_breaker_is_open(self):
        self.fill(self.dead, _BACKLOG)
        self.env.cr.execute(
            "UPDATE healthcare_exchange_flow SET breaker = 'open',"
            " open_until = timezone('UTC', now()) + interval '1 hour' WHERE endpoint_id = %s",
            [self.dead.id],
        )
        self.queue()
        self.assertEqual(self.check_claim(), [f"Q{n}" for n in range(_CLAIMED)])

    def test_backlog_that_waits_for_its_next_attempt(self):
        self.fill(self.dead, _BACKLOG, "retry", hours=1)
        self.queue()
        self.assertEqual(len(self.check_claim()), _CLAIMED)

    def test_backlog_that_is_due(self):
        self.fill(self.dead, _BACKLOG)
        self.queue()
        numbers = self.check_claim()
        self.assertEqual(len([n for n in numbers if n.startswith("Q")]), _CLAIMED // 2, "fair shares")

    def test_urgent_message_behind_a_full_queue(self):
        self.fill(self.alive, _BACKLOG)
        self.queue(1, priority=0)
        self.assertIn("Q0", self.check_claim())

    def test_backlog_that_waits_for_a_batch_window(self):
        self.env["healthcare.exchange.window"].create(
            {
                "endpoint_id": self.alive.id,
                "kind": "batch",
                "date_from": "2000-01-01",
                "date_to": "2000-01-02",
            }
        )
        self.fill(self.alive, _BACKLOG, batch=True)
        self.queue()
        self.assertEqual(self.check_claim(), [f"Q{n}" for n in range(_CLAIMED)])

    def test_what_is_finished(self):
        self.fill(self.alive, _BACKLOG, "acknowledged")
        self.queue()
        self.assertEqual(len(self.check_claim()), _CLAIMED)

    def test_no_more_is_locked_than_taken(self):
        self.fill(self.alive, 50)
        self.fill(self.dead, 50)
        messages = self.env["healthcare.exchange.message"]
        gates = [Gate(e.id, _CLAIMED, False, True, False, 0, 0.0) for e in (self.alive, self.dead)]
        shares = messages._shares(gates, _CLAIMED)
        self.assertEqual(sum(share["count"] for share in shares), _CLAIMED)
        self.assertEqual(len(messages._lock_due(shares)), _CLAIMED)

    def test_queries_are_not_compiled(self):
        """They cost little, whatever the planner thinks: compiling them takes far longer."""
        self.env.cr.execute("SET LOCAL jit = on")
        self.claim()
        # The claim's cursor is the test's.
        self.env.cr.execute("SHOW jit")
        self.assertEqual(self.env.cr.fetchone(), ("off",))

    def test_last_attempts_of_an_endpoint(self):
        """The breaker counts what came last, however many attempts there are."""
        # The few rows of a test would be scanned and sorted.
        self.env.cr.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        )
        self.env.cr.execute(
            "EXPLAIN SELECT 1 FROM healthcare_exchange_attempt WHERE endpoint_id = %s"
            " ORDER BY id DESC LIMIT 5",
            [self.dead.id],
        )
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("healthcare_exchange_attempt_recent_idx", plan)
        self.assertNotIn("Sort", plan)
