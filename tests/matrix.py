"""The world of the access matrix: one row of everything that belongs to Alder Valley, and the addresses that lead there."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.mfa.models import Authenticator
from django.core import signing
from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing import (
    checkouts,
    crediting,
    invoicing,
    ledger,
    packets,
    payments,
    purchase_orders,
    quoting,
    refunds,
    remittances,
    write_offs,
)
from billing.models import (
    AgreementCap,
    BookExport,
    ChargeKind,
    Dispatch,
    Dispute,
    Invoice,
    Payment,
    PaymentMethod,
    ReminderHold,
)
from certificates import issuing
from certificates.models import Rendering
from events.models import Engagement, EngagementRole, PriorityWindow, SetAside
from office import files
from office.models import Attachment, Message, StoredFile
from people import claims, links, memberships, merging, tokens
from people.access import Role
from people.models import DirectoryImport, Employment, Membership, NameRequest, Organization, Person, Region, User
from portal.models import Evidence, ReportRun
from registrations import approvals, billable, enrollment, funding, waitlist
from registrations.models import (
    AttendanceEvent,
    PayerMove,
    Registration,
    ServiceDay,
    Substitution,
    Takeover,
    Team,
    Transfer,
    Withdrawal,
    WithdrawalCause,
)
from registrations.newcomers import Attendee
from registrations.rosters import drafting
from tests import make
from tests.certificates.world import AFTER, seen

NOW = make.NOW
PDF = b"%PDF-1.7\n%%EOF\n"
Names = dict[str, list[frozenset[str]]]


class World:
    """Alder Valley's roster, order, money, hours and certificate at an institute that Juniper hosts and is paid for."""

    def __init__(self) -> None:
        self.names = url_names()
        self._organizations()
        self._cast()
        self._institutes()
        self._orders()
        self._in_line()
        self._money()
        self._asked_for()
        self._earned()
        self._changes()
        self._papers()
        self._one_person()
        self._fill()

    def _organizations(self) -> None:
        region = Region.objects.create(name="Region 7")
        make.provider(logo=ContentFile(b"<svg/>", "logo.svg"))
        self.alder = make.organization("Alder Valley Unified", "99001010000000")
        self.bristlecone = make.organization("Bristlecone Joint Union Elementary", "99001020000000")
        self.juniper = make.organization("Juniper COE", "98109900000000", county=make.county("98", region=region))
        self.school = make.school(self.alder, "Alder Elementary")
        self.region = region

    def _cast(self) -> None:
        self.ana = make.person("Ana Torres", "ana.torres@avusd.example.test", at=self.alder)
        self.facilitator = make.person("Fay Moreno")
        self.hal = self._part("hal@bristlecone.example.test", "Hal Nakamura", Role.COORDINATOR, self.bristlecone)
        self.dolores = self._part("dolores@avusd.example.test", "Dolores Quintero", Role.COORDINATOR, self.alder)
        self.omar = make.user("omar@ssc.example.test", Role.STAFF, Role.FINANCE, name="Omar Haddad")
        Authenticator.objects.create(user=self.omar, type=Authenticator.Type.TOTP, data={})  # he sees others' money
        director = User.objects.create_user("dirk@ssc.example.test", person=make.person("Dirk Olsen"))
        since = NOW - timedelta(days=9)
        Membership.objects.create(user=director, role=Role.DIRECTOR, region=self.region, started_at=since)
        self.cast: dict[str, User | None] = {
            "stranger": None,
            "hal": self.hal,
            "dolores": self.dolores,
            "bea": self._part("bea@avusd.example.test", "Bea Lindqvist", Role.BUSINESS_OFFICE, self.alder),
            "omar": self.omar,
            "facilitator": User.objects.create_user("fay@example.test", person=self.facilitator),
            "host": self._part("june@juniper.example.test", "June Abara", Role.HOST, self.juniper),
            "director": director,
            "ana": User.objects.create_user("ana.torres@avusd.example.test", person=self.ana),
        }

    def _part(self, email: str, name: str, role: Role, at: Organization) -> User:
        return make.user(email, role, at=at, name=name)

    def _institutes(self) -> None:
        at_juniper = {"host": self.juniper, "fiscal_agent": self.juniper}
        self.institute = make.institute(code="LT27-01", price=Decimal(533), **at_juniper)
        self.unpublished = make.institute(code="LT28-01", published_at=None, **at_juniper)
        self.session = make.agenda(self.institute)[0]
        make.payee(self.juniper)
        role = EngagementRole.PRESENTER
        Engagement.objects.create(institute=self.institute, person=self.facilitator, role=role)

    def _orders(self) -> None:
        """Two seats that are charged, invoiced and paid in part; one more that waits on a draft; a roster that waits."""
        self.agreement = make.agreement(self.alder, name="Alder Valley professional learning", amount=Decimal(90000))
        self.line = make.line(self.alder, self.agreement, account_string="01-4035-0-1110-2140-5200")
        self.purchase_order = make.purchase_order(self.alder, number="PO-AV-7741")
        self.order = self._placed([Attendee(person_id=self.ana.pk), Attendee("Tomas", "Wexler")], "first")
        [draft] = self._drafted()
        self.invoice = invoicing.issue(draft, by=self.omar, at=NOW)
        self._placed([Attendee("Ines", "Barragán")], "second")
        [self.draft] = self._drafted()
        self.roster = drafting.start(self.alder, self.institute, by=self.dolores, at=NOW)
        table = [["First name", "Last name", "E-mail"], ["Priya", "Ellison", "priya@avusd.example.test"]]
        drafting.lay(self.roster, table, replacing=False, at=NOW)

    def _placed(self, attendees: list[Attendee], key: str) -> Any:
        at = self.institute
        share = funding.Share(self.line, at.starts_on, at.ends_on, self.purchase_order)
        group = enrollment.Group(attendees, [share])
        return enrollment.place([group], sponsor=self.alder, institute=at, key=key, by=self.dolores, at=NOW)

    def _drafted(self) -> list[Invoice]:
        return billable.draft_invoices(self.institute, by=self.omar, at=NOW)

    def _in_line(self) -> None:
        """Someone who waits and was offered a seat, a team, and what the doors of the institute say."""
        at = self.institute
        group = enrollment.Group([Attendee("Noa", "Torres")], [funding.Share(self.line, at.starts_on, at.ends_on)])
        waitlist.join([group], sponsor=self.alder, institute=at, key="line", by=self.dolores, at=NOW)
        [self.offer] = waitlist.advance(at, at=NOW)
        self.team = Team.objects.create(institute=at, order=self.order, name="Alder Valley science", made_at=NOW)
        early = NOW - timedelta(days=40)
        self.window = PriorityWindow.objects.create(institute=at, region=self.region, opens_at=early)
        self.set_aside = SetAside.objects.create(institute=at, organization=self.alder, seats=1, until=at.starts_on)

    def _asked_for(self) -> None:
        """A quote of the order, the papers of who is paid, a change order, and a word that the roster waits for."""
        item = quoting.Item("Seat at LT27-01", 2, Decimal(533))
        until = NOW.date() + timedelta(days=60)
        self.quote = quoting.quote(
            payer=self.invoice.payer,
            payee=self.invoice.payee,
            organization=self.alder,
            lines=[item],
            about="LT27-01",
            order_key="order-1",
            valid_until=until,
            by=self.dolores,
            at=NOW,
        )
        packets.keep_w9(self.invoice.payee, kept("w9.pdf"))
        self.payee_paper = packets.keep_paper(self.invoice.payee, "Insurance", kept("i.pdf"), by=self.omar, at=NOW)
        self.change_order = purchase_orders.change(
            self.purchase_order, Decimal(1), file=kept("alder-valley-change.pdf"), by=self.dolores, at=NOW
        )
        self.purchase_order.refresh_from_db()
        self.approval = approvals.ask(self.roster, email="pat@avusd.example.test", by=self.dolores, at=NOW)

    def _money(self) -> None:
        self.payment: Payment = payments.record(
            payer=self.invoice.payer,
            payee=self.invoice.payee,
            method=PaymentMethod.CHECK,
            reference="WARRANT-90817",
            amount=Decimal("987.65"),
            received_on=NOW.date(),
            shares=[payments.Share(self.invoice, Decimal("987.65"))],
            by=self.omar,
            at=NOW,
        )
        self.hold = ReminderHold.objects.create(
            payer=self.invoice.payer, until=NOW.date(), reason="Promised", by=self.omar, at=NOW
        )
        books = {"payee": self.invoice.payee, "first_day": NOW.date(), "last_day": NOW.date(), "rows": 1}
        self.export = BookExport.objects.create(**books, file=kept("alder-valley-books.csv"), by=self.omar, at=NOW)
        self._cards()
        self._came_back()
        self._reported()
        self.grant = make.agreement(name="NSF-LEAP", amount=Decimal(60000))
        for district in (self.alder, self.bristlecone):
            self.cap = AgreementCap.objects.create(agreement=self.grant, organization=district)
        make.line(self.alder, self.grant, account_string="GRANT-OF-ALDER")

    def _came_back(self) -> None:
        """A refund, dollars given up and dollars that somebody asks to give up, a credit memo, a county's file."""
        by: dict[str, Any] = {"by": self.omar, "at": NOW}
        parties: dict[str, Any] = {"payer": self.invoice.payer, "payee": self.invoice.payee}
        check = PaymentMethod.CHECK
        over = payments.record(**parties, method=check, reference="2", amount=Decimal(2), received_on=NOW.date(), **by)
        self.refund = refunds.refund(over, Decimal(1), method=check, reason="Paid twice", **by)
        wish = write_offs.Wish(self.invoice, Decimal(1))
        self.write_off = write_offs.write_off(wish, reason="Bank fee", **by)
        self.batch = write_offs.ask([wish], reason="Small rests", **by)
        day = self.institute.starts_on
        extra = ledger.Wanted(self.line, parties["payee"], ChargeKind.ADJUSTMENT, "Materials", Decimal(1), day, day)
        charges = ledger.charge_all([extra], **by)
        billed = invoicing.issue(make.invoice_of(charges, subject_key="adjustment"), **by)
        ledger.reverse_all(charges, words="Not sent", **by)
        [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.filter(pk=billed.pk)), **by)
        self.memo = invoicing.issue(memo, **by)
        file = b"Warrant,Date,PO,Amount\nW-1,2026-10-30,PO-AV-7741,1.00\n"
        self.remittance = remittances.start(file, name="c.csv", payee=parties["payee"], method=check, **by)

    def _reported(self) -> None:
        """A report on the contract, as it was given."""
        days = {"first_day": self.agreement.starts_on, "last_day": NOW.date()}
        nothing = {"people": 0, "minutes": 0, "dollars": "0", "sections": [], "lines": []}
        self.report_run = ReportRun.objects.create(
            agreement=self.agreement, figures=nothing, file=kept("report.pdf"), by=self.omar, at=NOW, **days
        )
        recorded: dict[str, Any] = {"delivered_by": "Fay Moreno", "recorded_by": self.omar, "recorded_at": NOW}
        self.service_day = ServiceDay.objects.create(
            institute=self.institute, line=self.line, on=NOW.date(), words="Alder Valley coaching", **recorded
        )

    def _cards(self) -> None:
        """A visit to the card processor's page; a payment by card that is disputed, with its evidence."""
        parties: dict[str, Any] = {"payer": self.invoice.payer, "payee": self.invoice.payee}
        until = NOW + timedelta(hours=23)
        self.attempt = checkouts.begin(
            **parties, amount=Decimal("987.65"), invoice=self.invoice, expires_at=until, at=NOW
        )
        card = Payment.objects.create(
            **parties, method=PaymentMethod.CARD, reference="pi_1", amount=Decimal(1), received_on=NOW.date(), at=NOW
        )
        self.dispute = Dispute.objects.create(payment=card, gateway_id="du_1", amount=Decimal(1), opened_at=NOW)
        Evidence.objects.create(dispute=self.dispute, file=kept("alder-valley-evidence.pdf"), words="Torres", at=NOW)

    def _earned(self) -> None:
        self.registration = seen(Registration.objects.get(person=self.ana), 0, 1, 2)
        self.event = AttendanceEvent.objects.filter(registration=self.registration)[0]
        [self.certificate] = issuing.issue_all(self.institute, by=self.omar, at=AFTER)
        Rendering.objects.create(
            certificate=self.certificate, sha256="0" * 64, file=kept("ana-torres.pdf"), renderer="test", at=AFTER
        )

    def _changes(self) -> None:
        """One row of each change of mind, about Ana's seat; what each verb does is tested elsewhere."""
        seat, by = self.registration.seat, {"by": self.dolores, "at": NOW}
        cost = {"terms": self.order.terms, "back": Decimal("266.50"), "kept": Decimal("266.50")}
        tomas = Registration.objects.get(person__family_name="Wexler")
        ends = {"from_registration": self.registration, "to_registration": tomas}
        allotments = {"from_allotment": seat.allotment, "to_allotment": seat.allotment}
        asked = {"asked_of": self.alder, "asked_by": self.omar, "asked_at": NOW}
        self.substitution = Substitution.objects.create(seat=seat, first_day=NOW.date(), **ends, **by)
        self.withdrawal = Withdrawal.objects.create(
            seat=seat, days_before=9, percent=50, cause=WithdrawalCause.OTHER, **cost, **by
        )
        self.transfer = Transfer.objects.create(seat=seat, to_seat=tomas.seat, **cost, **by)
        self.payer_move = PayerMove.objects.create(seat=seat, line=self.line, **allotments, **by)
        self.takeover = Takeover.objects.create(seat=seat, **asked)

    def _papers(self) -> None:
        paper = kept("alder-valley.pdf")
        Dispatch.objects.create(invoice=self.invoice, file=paper, at=NOW)
        self.purchase_order.file = paper
        self.purchase_order.save()
        words = {"subject": "Ana Torres is registered", "text": "Ana Torres", "html": "<html><head></head>Ana Torres"}
        self.message = Message.objects.create(to="ana.torres@avusd.example.test", person=self.ana, at=NOW, **words)
        self.attachment = Attachment.objects.create(message=self.message, file=paper)
        self.token, _key = tokens.issue(self.dolores, name="Alder Valley's HR", at=NOW)
        name, content = "alder-valley.txt", ContentFile(b"CDSCode\n", "alder-valley.txt")
        made = DirectoryImport.objects.create(name=name, file=content, by=self.omar, at=NOW)
        made.remarks.save("refused.csv", ContentFile(b"Alder Valley\n"))
        self.directory_import = made

    # --- Addresses ----------------------------------------------------------------------------------------------------

    def _one_person(self) -> None:
        """A merge, a name that was asked for, an address that was claimed, a part that is handed over."""
        fay = make.person("F. Moreno")
        self.merge = merging.merge(fay, into=self.facilitator, evidence="Her own words.", by=self.omar, at=NOW)
        self.wish = NameRequest.objects.create(person=self.ana, display_name="A. Torres", asked_at=NOW)
        self.claim = claims.claim(self.ana, "torres@old.example.test", at=NOW)
        part = Membership.objects.get(user=self.dolores)
        self.handed = memberships.hand_over(
            part, "noa@avusd.example.test", "Noa Quintero", at_once=False, by=self.dolores, at=NOW
        )

    def _fill(self) -> None:
        """What stands for each part of an address; then what differs at some addresses, and in some variants of them."""
        membership = Membership.objects.get(user=self.dolores)
        self.parts: dict[str, Any] = {
            "institute_id": self.institute.pk, "session_id": self.session.pk, "day": "2027-01-21", "kind": "programs",
            "slug": self.institute.program.slug, "organization_id": self.alder.pk, "membership_id": membership.pk,
            "person_id": self.ana.pk, "merge_id": self.merge.pk, "request_id": self.wish.pk,
            "other_id": Person.objects.get(family_name="Wexler").pk,
            "employment_id": Employment.objects.get(person=self.ana).pk, "import_id": self.directory_import.pk, "token_id": self.token.pk,
            "message_id": self.message.pk, "attachment_id": self.attachment.pk, "job_id": 1, "done": 10, "key": 1,
            "invoice_id": self.invoice.pk, "payer_id": self.invoice.payer_id, "payee_id": self.invoice.payee_id,
            "refund_id": self.refund.pk, "batch_id": self.batch.pk, "remittance_id": self.remittance.pk, "line": 1,
            "payment_id": self.payment.pk, "hold_id": self.hold.pk, "export_id": self.export.pk, "agreement_id": self.agreement.pk, "cap_id": self.cap.pk,
            "draft_id": self.roster.pk, "order_id": self.order.pk, "registration_id": self.registration.pk,
            "quote_id": self.quote.pk, "paper_id": self.payee_paper.pk, "change_id": self.change_order.pk,
            "approval_id": self.approval.pk, "allotment_id": self.order.allotments.get().pk,
            "seat_id": self.registration.seat_id, "takeover_id": self.takeover.pk,
            "entry_id": self.offer.entry_id, "offer_id": self.offer.pk, "team_id": self.team.pk,
            "run_id": self.report_run.pk, "day_id": self.service_day.pk, "window_id": self.window.pk, "set_aside_id": self.set_aside.pk,
            "attempt_id": self.attempt.pk, "dispute_id": self.dispute.pk, "event_id": self.event.pk, "badge": self.registration.badge, "code": self.certificate.code,
        }  # fmt: skip
        po, institute = {"order_id": self.purchase_order.pk}, self.institute
        self.here: dict[str, dict[str, Any]] = {
            "billing:change_order": po, "billing:change_order_file": po, "quote-detail": {"pk": self.quote.pk},
            "order-paper-papers": {"pk": self.order.pk}, "order-paper-attach": {"pk": self.order.pk},
            "order-paper-quotes": {"pk": self.order.pk}, "approval-detail": {"pk": self.approval.pk}, "purchase-order-change-orders": {"pk": self.purchase_order.pk},
            "billing:purchase_order": po, "billing:edit_purchase_order": po, "billing:cover_charges": po, "billing:purchase_order_file": po,
            "billing:new_agreement": {"kind": "grant"}, "portal:grant_report_file": {"kind": "csv"}, "events:institute": {"code": institute.code}, "registrations:own_place_new": {"code": institute.code},
            "events:reference_edit": {"pk": institute.program_id},
            "districts-detail": {"pk": self.alder.pk}, "schools-detail": {"pk": self.school.pk},
            "people-detail": {"pk": self.ana.pk}, "merge-undo": {"pk": self.merge.pk}, "colleague-hand-over": {"pk": membership.pk},
            "program-detail": {"pk": institute.program_id},
            "season-detail": {"pk": make.season().pk}, "institute-detail": {"pk": institute.pk},
            "institute-agenda": {"pk": institute.pk}, "institute-clone": {"pk": institute.pk},
            "institute-publish": {"pk": institute.pk}, "session-detail": {"pk": self.session.pk},
            "invoice-detail": {"pk": self.invoice.pk}, "invoice-checkout": {"pk": self.invoice.pk}, "agreement-detail": {"pk": self.agreement.pk},
            "allocation-detail": {"pk": self.payment.allocations.get().pk}, "refund-detail": {"pk": self.refund.pk},
            "refund-fail": {"pk": self.refund.pk}, "write-off-detail": {"pk": self.write_off.pk},
            "write-off-batch-detail": {"pk": self.batch.pk}, "write-off-batch-decide": {"pk": self.batch.pk},
            "credit-memo-detail": {"pk": self.memo.pk},
            "purchase-order-detail": {"pk": self.purchase_order.pk}, "payment-detail": {"pk": self.payment.pk},
            "seat-detail": {"pk": self.registration.seat_id}, "seat-name": {"pk": self.registration.seat_id},
            "substitution-detail": {"pk": self.substitution.pk}, "withdrawal-detail": {"pk": self.withdrawal.pk},
            "transfer-detail": {"pk": self.transfer.pk}, "payer-move-detail": {"pk": self.payer_move.pk},
            "takeover-detail": {"pk": self.takeover.pk}, "takeover-accept": {"pk": self.takeover.pk},
            "takeover-decline": {"pk": self.takeover.pk},
            "order-detail": {"pk": self.order.pk}, "registration-detail": {"pk": self.registration.pk},
            **{f"waitlist-entry-{door}": {"pk": self.offer.entry_id} for door in ("detail", "standing", "leave", "offer")},
            **{f"offer-{door}": {"pk": self.offer.pk} for door in ("detail", "accept", "decline")},
            **{f"team-{door}": {"pk": self.team.pk} for door in ("detail", "standing", "allow")},
            "certificates-detail": {"pk": self.certificate.pk}, "certificates-pdf": {"pk": self.certificate.pk},
        }  # fmt: skip
        hers = {page: links.sign(self.ana, purpose=page) for page in ("certificates", "participant")}
        his = links.sign(self.hal.person, purpose="certificates")  # type: ignore[arg-type]  # he is a person
        self.variants: dict[str, dict[str, Any]] = {
            "draft": {"invoice_id": self.draft.pk, "pk": self.draft.pk},
            "grant": {"agreement_id": self.grant.pk, "pk": self.grant.pk},
            "unpublished": {"institute_id": self.unpublished.pk, "code": "LT28-01", "pk": self.unpublished.pk},
            "her link": {"token": hers["certificates"]},
            "claim by her link": {"token": claims.token_of(self.claim)},
            "her approval": {"token": signing.dumps(self.approval.pk, salt="registrations.approvals")},
            "invoice by her link": {"token": checkouts.token_of(self.invoice)},
            "her own link": {"token": hers["participant"]},
            "forged link": {"token": hers["certificates"][:-1]},
            "his link": {"token": his},
            "of the seat": {"query": {"seat": self.registration.seat_id}},
            "of Alder Valley": {"query": {"district": self.alder.pk}},
        }

    def address(self, row: str) -> str:
        """The address of a row of the matrix, such as `billing:invoice` or `billing:invoice (draft)`."""
        name, _, variant = row.rstrip(")").partition(" (")
        known = self.parts | self.here.get(name, {}) | (self.variants[variant] if variant else {})
        wanted = max((parts for parts in self.names[name] if parts <= known.keys()), key=len)
        return reverse(name, kwargs={part: known[part] for part in wanted}, query=known.get("query"))


def kept(name: str) -> StoredFile:
    return files.keep(PDF, name=name, type=files.PDF, by=None, at=NOW)


def url_names() -> Names:
    """The names of all addresses but the admin's and allauth's, each with the parts it needs, once for each pattern."""
    found: Names = {}
    for where, name, parts in _patterns(get_resolver()):
        if not where.startswith(("admin/", "accounts/")):
            found.setdefault(name, []).append(parts)
    return found


def _patterns(resolver: URLResolver, where: str = "", space: str = "") -> list[tuple[str, str, frozenset[str]]]:
    found = []
    for entry in resolver.url_patterns:
        path = where + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += _patterns(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            found.append((path, f"{space}{entry.name}", frozenset(entry.pattern.regex.groupindex)))
    return found
