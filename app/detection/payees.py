"""Accounts that payments end in: behind how many sellers each stands, against what is usual of accounts."""

from dataclasses import dataclass

import pyarrow as pa

from app.detection.significance import benjamini_hochberg, counts_against_peers


@dataclass(frozen=True)
class PayeeParameters:
    """Every number that decides; they come from the rule's file."""

    minimum_sellers: int  # below which an account is nobody's finding
    minimum_peers: int  # accounts, below which there is nobody to compare with
    most: float  # share of a payment company's platforms, and of an account's own, that is most of them
    level: float  # false discovery rate over all accounts


@dataclass(frozen=True)
class Payee:
    """An account: behind how many sellers it stands, and how usual that is; p and q are None where nobody can
    be compared. A payment company's settlement account has no peers."""

    account: str
    platforms: int
    sellers: int
    sales: int
    settlement: bool
    peers: int
    peers_mean: float
    p: float | None
    q: float | None


def judge_payees(accounts: pa.Table, parameters: PayeeParameters) -> list[Payee]:
    """Every account against its peers, sorted by account.

    `accounts`: account, sales, platforms, merchants, through, of_company, settlement (the tally
    payee_accounts). Sellers are the lesser of platforms and merchants: a merchant's own account on ten
    markets stands behind one seller, and so does that of a market which collects for ten merchants. The
    account of a payment company is known by its holder, or because most platforms of one company are paid
    into it and most of its own are paid through that company. Compared is the number of sellers beyond the
    first.
    """
    rows = accounts.to_pylist()
    settles = [row["settlement"] or _settles(row, parameters.most) for row in rows]
    sellers = [min(row["platforms"], row["merchants"]) for row in rows]
    peers = [count - 1 for count, apart in zip(sellers, settles, strict=True) if not apart]
    p, mean, _ = counts_against_peers(peers)
    enough = len(peers) >= parameters.minimum_peers
    tests = iter(zip(p.tolist(), benjamini_hochberg(p).tolist(), strict=True))
    found = []
    for row, count, apart in zip(rows, sellers, settles, strict=True):
        chance = None if apart else next(tests)
        found.append(
            Payee(
                account=row["account"],
                platforms=row["platforms"],
                sellers=count,
                sales=row["sales"],
                settlement=apart,
                peers=len(peers),
                peers_mean=mean + 1.0,
                p=chance[0] if chance and enough else None,
                q=chance[1] if chance and enough else None,
            )
        )
    return found


def _settles(row: dict[str, int], most: float) -> bool:
    """Whether an account is the one that a payment company settles into; of one platform it says nothing."""
    through = row["through"]
    return through > 1 and through > most * row["of_company"] and through > most * row["platforms"]
