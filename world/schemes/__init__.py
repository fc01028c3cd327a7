"""Schemes: what is planted in a standard world beyond rings and differing documents, and what looks like it.

A scheme is one module with a class; `SCHEMES` lists them. Each draws from a generator of its own, so that a
new one leaves what the others drew as it was.
"""

from world.schemes.again import Numbers, SwappedIdentities
from world.schemes.contacts import HonestContacts
from world.schemes.firms import NewAndLarge, SharedControl
from world.schemes.goods import SplitConsignments, Undervalued
from world.schemes.identities import UsedIdentities
from world.schemes.misdeclared import Misdeclared
from world.schemes.movement import MadeUpWaybills, NeverArrived, SignedAtOnce, UnsignedParcels
from world.schemes.pushing import Accounts, Bulk, Senders
from world.schemes.quota import Quota
from world.schemes.returns import FreedQuota, RandomInspections
from world.schemes.scheme import Scheme, Stage
from world.schemes.settlement import PayeeAccounts, RefutedPayments
from world.schemes.verification import InvalidIdentities, Reports, Traffic

SCHEMES: tuple[Scheme, ...] = (
    RefutedPayments(),
    PayeeAccounts(),
    Traffic(),
    Reports(),
    InvalidIdentities(),
    Quota(),
    UsedIdentities(),
    HonestContacts(),
    Accounts(),
    Bulk(),
    Senders(),
    Numbers(),
    SwappedIdentities(),
    Undervalued(),
    Misdeclared(),
    SplitConsignments(),
    SharedControl(),
    NewAndLarge(),
    UnsignedParcels(),
    SignedAtOnce(),
    MadeUpWaybills(),
    NeverArrived(),
    FreedQuota(),
    RandomInspections(),
)

__all__ = ["SCHEMES", "Scheme", "Stage"]
