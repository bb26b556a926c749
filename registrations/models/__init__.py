"""The tables of registrations: one file for each idea."""

from registrations.models.attendance import AttendanceEvent, DeskDevice, EventKind, HoursEarned
from registrations.models.changes import PayerMove, Substitution, Takeover, Transfer, Withdrawal, WithdrawalCause
from registrations.models.needs import Need, NeedKind, WaitingNeed
from registrations.models.orders import Allotment, AllotmentFunding, FundingScope, Order, RosterDraft
from registrations.models.papers import Approval, Decision, PaperHold
from registrations.models.seats import Choice, Compensation, Registration, Seat, SeatCharge, new_badge
from registrations.models.services import ServiceDay
from registrations.models.teams import Team, TeamDay, TeamDayKind
from registrations.models.waiting import Offer, OfferAnswer, WaitEnd, WaitlistEntry, WaitlistPerson, WaitsFor

__all__ = [
    "Allotment",
    "AllotmentFunding",
    "Approval",
    "AttendanceEvent",
    "Choice",
    "Compensation",
    "Decision",
    "DeskDevice",
    "EventKind",
    "FundingScope",
    "HoursEarned",
    "Need",
    "NeedKind",
    "Offer",
    "OfferAnswer",
    "Order",
    "PaperHold",
    "PayerMove",
    "Registration",
    "RosterDraft",
    "Seat",
    "SeatCharge",
    "ServiceDay",
    "Substitution",
    "Takeover",
    "Team",
    "TeamDay",
    "TeamDayKind",
    "Transfer",
    "WaitEnd",
    "WaitingNeed",
    "WaitlistEntry",
    "WaitlistPerson",
    "WaitsFor",
    "Withdrawal",
    "WithdrawalCause",
    "new_badge",
]
