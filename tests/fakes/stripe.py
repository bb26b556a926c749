"""Stripe, small: an HTTP server on loopback that the official client speaks to, and that sends signed messages.

`with Stripe() as stripe:` listens. `stripe.fail(429, 500, "silence")` spoils the next answers, in that order. What
happens on its own pages is a method: `pay`, `settle`, `bounce`, `let_expire`, `refund_by_hand`, `fail_refund`,
`dispute`, `close`. Messages wait in `stripe.mail` until `deliver` posts them: reorder, repeat or drop them there first.
"""

import itertools
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import stripe

SECRET = "whsec_of_the_tests"
KEY = "sk_test_of_the_tests"
FEE = 1500
Thing = dict[str, Any]
Post = Callable[[bytes, str], int]


class Stripe(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.things: dict[str, dict[str, Thing]] = {
            kind: {} for kind in ("sessions", "intents", "charges", "refunds", "disputes", "files")
        }
        self.mail: list[Thing] = []
        self.sent: list[Thing] = []
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.faults: list[int | str] = []
        self.answers: dict[str, tuple[str, int, Thing]] = {}
        self.declines: set[str] = set()
        self.lock = threading.RLock()
        self.numbers = itertools.count(1)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    def fail(self, *faults: int | str) -> None:
        """Statuses for the next calls; "silence" does what is asked, and says nothing until the caller has gone."""
        self.faults += faults

    def asked(self, path: str) -> list[dict[str, str]]:
        """What was sent to a path, call by call."""
        return [sent for _verb, where, sent in self.calls if where == path]

    # --- What people do on its pages ----------------------------------------------------------------------------------

    def pay(self, session: str, by: str = "card", **more: Any) -> str:
        """Somebody pays; a card at once, a bank (`us_bank_account`) later. Returns the intent."""
        visit = self.things["sessions"][session]
        intent = self._intent(visit["amount_total"], by, visit["currency"], visit.get("account", ""))
        visit |= {"status": "complete", "payment_intent": intent["id"]} | more
        visit["payment_status"] = "paid" if by == "card" else "unpaid"
        if by == "card":
            self._charge(intent)
        self.tell("checkout.session.completed", visit)
        return str(intent["id"])

    def settle(self, session: str) -> None:
        """The bank pays the debit."""
        visit = self.things["sessions"][session]
        visit["payment_status"] = "paid"
        self._charge(self.things["intents"][visit["payment_intent"]])
        self.tell("checkout.session.async_payment_succeeded", visit)

    def bounce(self, session: str) -> None:
        """The bank does not pay the debit."""
        self.tell("checkout.session.async_payment_failed", self.things["sessions"][session])

    def let_expire(self, session: str) -> None:
        visit = self.things["sessions"][session]
        visit |= {"status": "expired", "url": None}
        self.tell("checkout.session.expired", visit)

    def refund_by_hand(self, intent: str, cents: int) -> str:
        """Somebody refunds on the dashboard. Returns the refund."""
        return str(self._refund(intent, cents, {})["id"])

    def fail_refund(self, refund: str, why: str = "expired_or_canceled_card") -> None:
        made = self.things["refunds"][refund]
        made |= {"status": "failed", "failure_reason": why}
        self.tell("refund.failed", made)

    def dispute(self, intent: str, cents: int | None = None, status: str = "needs_response") -> str:
        """The card holder asks her bank for the money back. Returns the dispute."""
        charge = self.things["charges"][self.things["intents"][intent]["latest_charge"]]
        made = self._made("disputes", "du", {
            "object": "dispute", "amount": cents or charge["amount"], "currency": charge["currency"],
            "charge": charge["id"], "payment_intent": intent, "reason": "product_not_received", "status": status,
            "balance_transactions": [{"amount": -(cents or charge["amount"]), "fee": FEE}],
            "evidence_details": {"due_by": int(time.time()) + 10 * 86400, "submission_count": 0},
            "account": charge["account"],
        })  # fmt: skip
        self.tell("charge.dispute.created", made)
        return str(made["id"])

    def close(self, dispute: str, end: str) -> None:
        made = self.things["disputes"][dispute]
        made["status"] = end
        self.tell("charge.dispute.closed", made)

    # --- What it sends ------------------------------------------------------------------------------------------------

    def tell(self, kind: str, thing: Thing, **more: Any) -> Thing:
        """Write a message; it waits in `mail`."""
        number = next(self.numbers)
        content = json.loads(json.dumps({name: value for name, value in thing.items() if name != "account"}))
        event = {"id": f"evt_{number}", "object": "event", "type": kind, "created": int(time.time()), "livemode": False,
                 "data": {"object": content}}  # fmt: skip
        if thing.get("account"):
            event["account"] = thing["account"]
        self.mail.append(event | more)
        return event

    def deliver(self, post: Post, *, times: int = 1) -> list[int]:
        """Post what waits, in its order, each as often; the statuses that came back."""
        events, self.mail = self.mail, []
        self.sent += events
        return [post(*signed(event)) for event in events for _time in range(times)]

    # --- What the client asks -----------------------------------------------------------------------------------------

    def answer(self, verb: str, path: str, sent: Thing, headers: dict[str, str]) -> tuple[int, Thing]:
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, refusal("Invalid API Key provided")
        key, asked = headers.get("idempotency-key", ""), json.dumps([path, sent], sort_keys=True)
        if verb == "POST" and key in self.answers:
            before, status, body = self.answers[key]
            if before != asked:
                return 400, refusal("Keys for idempotent requests can only be used with the same parameters.",
                                    "idempotency_error")  # fmt: skip
            return status, body
        status, body = self._act(verb, path.strip("/").split("/")[1:], sent, headers.get("stripe-account", ""))
        if verb == "POST" and status < 500:
            self.answers[key] = (asked, status, json.loads(json.dumps(body)))
        return status, body

    def _act(self, verb: str, path: list[str], sent: Thing, account: str) -> tuple[int, Thing]:
        kind = "sessions" if path[0] == "checkout" else path[0]
        keys = path[2:] if path[0] == "checkout" else path[1:]
        if verb == "GET":
            return 200, self._page(kind, sent, account) if not keys else self.things[kind][keys[0]]
        if kind == "sessions" and not keys:
            return 200, self._session(sent, account)
        if kind == "sessions":
            return self._expire(keys[0])
        if kind == "refunds":
            return self._refund_asked(sent)
        if kind == "payment_intents":
            return 200, self._paid_at_once(sent, account)
        if kind == "files":
            return 200, self._made(
                "files", "file", {"object": "file", "purpose": sent["purpose"], "size": sent["size"]}
            )
        dispute = self.things["disputes"][keys[0]]
        dispute["evidence"] = sent["evidence"]
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
        return 200, dispute

    def _session(self, sent: Thing, account: str) -> Thing:
        [item] = sent["line_items"].values()
        price = item["price_data"]
        visit = self._made("sessions", "cs", {
            "object": "checkout.session", "mode": sent["mode"], "status": "open", "payment_status": "unpaid",
            "amount_total": int(price["unit_amount"]) * int(item["quantity"]), "currency": price["currency"],
            "payment_intent": None, "metadata": sent["metadata"], "expires_at": int(sent["expires_at"]),
            "client_reference_id": sent["client_reference_id"], "account": account,
            "success_url": sent["success_url"], "cancel_url": sent["cancel_url"],
        })  # fmt: skip
        visit["url"] = f"{self.address}/c/pay/{visit['id']}"
        return visit

    def _paid_at_once(self, sent: Thing, account: str) -> Thing:
        """One of Stripe's test cards pays, and disputes where its name says so."""
        intent = self._intent(int(sent["amount"]), "card", sent["currency"], account)
        self._charge(intent)
        if sent["payment_method"] == "pm_card_createDispute":
            self.dispute(intent["id"])
        return intent

    def _expire(self, session: str) -> tuple[int, Thing]:
        visit = self.things["sessions"][session]
        if visit["status"] != "open":
            return 400, refusal("Only Checkout Sessions with a status in [open] can be expired.")
        visit["status"] = "expired"
        self.tell("checkout.session.expired", visit)
        return 200, visit

    def _refund_asked(self, sent: Thing) -> tuple[int, Thing]:
        intent, cents = sent["payment_intent"], int(sent["amount"])
        charge = self.things["charges"][self.things["intents"][intent]["latest_charge"]]
        if charge["amount_refunded"] + cents > charge["amount"]:
            return 400, refusal("Refund amount is greater than unrefunded amount on charge.")
        return 200, self._refund(intent, cents, sent["metadata"])

    def _refund(self, intent: str, cents: int, metadata: Thing) -> Thing:
        charge = self.things["charges"][self.things["intents"][intent]["latest_charge"]]
        charge["amount_refunded"] += cents
        made = self._made("refunds", "re", {
            "object": "refund", "amount": cents, "currency": charge["currency"], "payment_intent": intent,
            "charge": charge["id"], "status": "failed" if intent in self.declines else "succeeded",
            "metadata": metadata, "account": charge["account"],
        })  # fmt: skip
        self.tell("refund.created", made)
        self.tell("charge.refunded", charge)
        return made

    def _page(self, kind: str, sent: Thing, account: str) -> Thing:
        """The newest first, no more than two on a page: every list has a second page."""
        rows = [thing for thing in reversed(self.things[kind].values()) if thing.get("account", "") == account]
        if "payment_intent" in sent:
            rows = [thing for thing in rows if thing["payment_intent"] == sent["payment_intent"]]
        rows = [thing for thing in rows if thing["created"] >= int(sent.get("created", {}).get("gte", 0))]
        keys = [thing["id"] for thing in rows]
        start = keys.index(sent["starting_after"]) + 1 if "starting_after" in sent else 0
        page = [self._expanded(thing) for thing in rows[start : start + 2]]
        return {"object": "list", "url": f"/v1/{kind}", "data": page, "has_more": len(rows) > start + 2}

    def _expanded(self, thing: Thing) -> Thing:
        if thing["object"] != "checkout.session" or not thing["payment_intent"]:
            return thing
        intent = self.things["intents"][thing["payment_intent"]]
        return thing | {
            "payment_intent": intent | {"latest_charge": self.things["charges"].get(intent["latest_charge"])}
        }

    def _intent(self, cents: int, by: str, currency: str, account: str) -> Thing:
        facts = {"object": "payment_intent", "amount": cents, "currency": currency, "by": by, "latest_charge": None}
        return self._made("intents", "pi", facts | {"account": account})

    def _charge(self, intent: Thing) -> Thing:
        facts = {name: intent[name] for name in ("amount", "currency", "account")}
        details = {"payment_method_details": {"type": intent["by"]}, "payment_intent": intent["id"]}
        charge = self._made("charges", "ch", {"object": "charge", "amount_refunded": 0} | facts | details)
        intent["latest_charge"] = charge["id"]
        return charge

    def _made(self, kind: str, prefix: str, facts: Thing) -> Thing:
        thing = {"id": f"{prefix}_{next(self.numbers)}", "created": int(time.time())} | facts
        self.things[kind][thing["id"]] = thing
        return thing


def signed(event: Thing, *, secret: str = SECRET, at: int | None = None) -> tuple[bytes, str]:
    """A message and its signature, as Stripe's own code writes them."""
    payload = json.dumps(event)
    return payload.encode(), stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp=at)


def refusal(words: str, kind: str = "invalid_request_error") -> Thing:
    return {"error": {"type": kind, "message": words}}


class _Door(BaseHTTPRequestHandler):
    server: Stripe
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        where = urlsplit(self.path)
        sent = _upload(body) if "multipart" in headers.get("content-type", "") else nested(body.decode() or where.query)
        server = self.server
        with server.lock:
            server.calls.append((self.command, where.path, {**headers, "sent": json.dumps(sent)}))
            fault = server.faults.pop(0) if server.faults else None
            if isinstance(fault, int):
                status, answer = fault, refusal("Too many requests" if fault == 429 else "Out of order", "api_error")
            else:
                status, answer = server.answer(self.command, where.path, sent, headers)
        if fault == "silence":
            self.close_connection = True
            self.connection.settimeout(5)
            self.rfile.read(1)
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: Any) -> None:
        """Nothing: a test reads `calls`."""


def nested(query: str) -> Thing:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}."""
    found: Thing = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        at = found
        *path, last = name.replace("]", "").split("[")
        for part in path:
            at = at.setdefault(part, {})
        at[last] = value
    return found


def _upload(body: bytes) -> Thing:
    purpose = body.split(b'name="purpose"')[1].split(b"\r\n")[2].decode()
    return {"purpose": purpose, "size": len(body)}
