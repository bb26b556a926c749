"""The tables of registrations: one file for each idea."""

from registrations.models.attendance import AttendanceEvent, DeskDevice, EventKind, HoursEarned
from registrations.models.orders import Allotment, AllotmentFunding, FundingScope, Order, RosterDraft
from registrations.models.seats import Choice, Compensation, Registration, Seat, SeatCharge, new_badge

__all__ = [
    "Allotment",
    "AllotmentFunding",
    "AttendanceEvent",
    "Choice",
    "Compensation",
    "DeskDevice",
    "EventKind",
    "FundingScope",
    "HoursEarned",
    "Order",
    "Registration",
    "RosterDraft",
    "Seat",
    "SeatCharge",
    "new_badge",
]
