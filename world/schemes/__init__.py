"""Schemes: what is planted in a standard world beyond rings and differing documents, and what looks like it.

A scheme is one module with a class; `SCHEMES` lists them. Each draws from a generator of its own, so that a
new one leaves what the others drew as it was.
"""

from world.schemes.again import Identities, Numbers
from world.schemes.pushing import Accounts, Bulk, Senders
from world.schemes.scheme import Scheme, Stage

SCHEMES: tuple[Scheme, ...] = (Accounts(), Bulk(), Senders(), Numbers(), Identities())

__all__ = ["SCHEMES", "Scheme", "Stage"]
