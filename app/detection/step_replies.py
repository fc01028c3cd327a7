"""What the payment authority replied about payments, and whose accounts payments end in."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from app.detection.captives import flags_by_chance
from app.detection.payees import PayeeParameters, judge_payees
from app.detection.replies import (
    Replies,
    ReplyParameters,
    judge_companies,
    judge_platforms,
    usual_share,
)
from app.detection.step_payments import chosen, flag_table
from app.detection.steps import Context, Rows, Step, names_of_fields

REFUTED_RULE = "payment-refuted"
PAYEE_RULE = "payment-payee-shared"
_SALES_OF_ACCOUNTS = """
SELECT account, platform, sale_id
FROM payee_sales
JOIN at_hand USING (account)
ORDER BY account, platform, sale_id
"""


def payment_replies(context: Context) -> Rows:
    """Payments that the authority spoke about, by platform and company, and those refuted, against the usual.

    Each reply that refutes a payment points at the platform and at the company; platforms with enough replies
    can be judged for this kind of base flag.
    """
    parameters = chosen(ReplyParameters, context.parameters[REFUTED_RULE])
    told = context.tallies.kept("payment_replies", "platform, company, number").to_pylist()
    counts = counted(told)
    of_platform: dict[str, tuple[int, int]] = {}
    of_company: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for (platform, company), (replies, refuted) in counts.items():
        before = of_platform.get(platform, (0, 0))
        of_platform[platform] = before[0] + replies, before[1] + refuted
        of_company[company][platform] = replies, refuted
    sales: dict[str, dict[str, int]] = defaultdict(dict)
    for row in context.tallies.table("platform_payment_company").to_pylist():
        sales[row["company"]][row["platform"]] = row["transactions"]
    platforms = judge_platforms(of_platform, parameters)
    usual = usual_share(of_platform, parameters).share
    companies = judge_companies(of_company, sales, usual, parameters)
    context.flags.judge("joint management", [code for code, one in platforms.items() if one.q is not None])
    rows = Rows()
    for role, judged in (("platform", platforms), ("company", companies)):
        for code, result in judged.items():
            rows.put(code, {f"{role}_{name}": value for name, value in _properties(result).items()})
    for row in told:
        if row["refuted"]:
            reply = ("PaymentReply", row["verification"])
            for role in ("platform", "company"):
                rows.join("REFUTES", reply, ("Enterprise", row[role]), {role: True})
    return rows


def counted(told: Iterable[dict[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    """(platform, company) → payments with a reply, and refuted ones, from the tally payment_replies."""
    replies: Counter[tuple[str, str]] = Counter()
    refuted: Counter[tuple[str, str]] = Counter()
    for row in told:
        replies[row["platform"], row["company"]] += 1
        refuted[row["platform"], row["company"]] += row["refuted"]
    return {pair: (replies[pair], refuted[pair]) for pair in sorted(replies)}


def _properties(result: Replies) -> dict[str, Any]:
    return {
        "replies": result.replies,
        "refuted": result.refuted,
        "refuted_share": result.share,
        "refuted_low": result.low,
        "refuted_high": result.high,
        "refuted_usual": result.usual,
        "refuted_p": result.p,
        "refuted_q": result.q,
    }


def payee_accounts(context: Context) -> Rows:
    """Accounts that payments end in, against other accounts; of those that stand out, platforms and sales."""
    parameters = chosen(PayeeParameters, context.parameters[PAYEE_RULE])
    context.tallies.keep("payee_sales")
    payees = judge_payees(context.tallies.table("payee_accounts"), parameters)
    rows = Rows()
    outstanding = []
    for payee in payees:
        values: dict[str, Any] = {
            "payee_platforms": payee.platforms,
            "payee_sellers": payee.sellers,
            "payee_sales": payee.sales,
            "payee_settlement": payee.settlement or None,
            "payee_peers": payee.peers,
            "payee_peers_mean": payee.peers_mean,
            "payee_p": payee.p,
            "payee_q": payee.q,
        }
        rows.put(payee.account, values, label="BankAccount")
        if (
            payee.q is not None
            and payee.q <= parameters.level
            and payee.sellers >= parameters.minimum_sellers
        ):
            outstanding.append(payee.account)
    wanted = pa.table({"account": pa.array(outstanding, pa.string())})
    sales = context.tallies.query(_SALES_OF_ACCOUNTS, at_hand=wanted).to_pylist()
    flags = flag_table(context.flags)
    for account in outstanding:
        platforms = sorted({row["platform"] for row in sales if row["account"] == account})
        values = {
            "payee_flagged": sum(bool(context.flags.of(platform)) for platform in platforms),
            "payee_flagged_p": flags_by_chance(tuple(platforms), flags),
        }
        rows.put(account, values, label="BankAccount")
    for row in sales:
        rows.join(
            "EVIDENCE_ABOUT",
            ("Transaction", row["sale_id"]),
            ("BankAccount", row["account"]),
            {"payee": "BankAccount", "platform": row["platform"]},
        )
    return rows


STEPS = (
    Step(name="payment-replies", takes=names_of_fields(ReplyParameters), run=payment_replies),
    Step(name="payee-accounts", takes=names_of_fields(PayeeParameters), flags=True, run=payee_accounts),
)
