"""What the payment authority replied about payments, and whose accounts payments end in."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from app.detection.captives import flags_by_chance
from app.detection.payees import PayeeParameters, judge_payees
from app.detection.replies import Replies, ReplyParameters, judge_replies
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
    """Payments that the authority spoke about, by platform and company, and those refuted, against peers.

    Each reply that refutes a payment points at the platform and at the company; platforms with enough replies
    can be judged for this kind of base flag.
    """
    parameters = chosen(ReplyParameters, context.parameters[REFUTED_RULE])
    told = context.tallies.table("payment_replies").to_pylist()
    rows = Rows()
    for role, column in (("platform", "platform"), ("company", "company")):
        judged = judge_replies(counted(told, column), parameters)
        for code, result in judged.items():
            rows.put(code, {f"{role}_{name}": value for name, value in _properties(result).items()})
        if role == "platform":
            able = [code for code, result in judged.items() if result.q is not None]
            context.flags.judge("joint management", able)
    for row in told:
        if row["refuted"]:
            reply = ("PaymentReply", row["verification"])
            for role in ("platform", "company"):
                rows.join("REFUTES", reply, ("Enterprise", row[role]), {role: True})
    return rows


def counted(told: Iterable[dict[str, Any]], column: str) -> dict[str, tuple[int, int]]:
    """Payments with a reply and refuted ones by a column, from rows of the tally payment_replies."""
    replies: Counter[str] = Counter()
    refuted: Counter[str] = Counter()
    for row in told:
        replies[row[column]] += 1
        refuted[row[column]] += row["refuted"]
    return {code: (replies[code], refuted[code]) for code in replies}


def _properties(result: Replies) -> dict[str, Any]:
    return {
        "replies": result.replies,
        "refuted": result.refuted,
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
