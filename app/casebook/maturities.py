"""How far rules are trusted by now: the last move of each that a person has moved."""

from sqlalchemy import Connection, func, select

from app.casebook.rule_life_models import RuleMove


def read_maturities(connection: Connection) -> dict[str, str]:
    """Maturity by rule id, of the rules that were ever moved."""
    last = select(func.max(RuleMove.number)).group_by(RuleMove.rule)
    rows = connection.execute(
        select(RuleMove.rule, RuleMove.maturity).where(RuleMove.number.in_(last)).order_by(RuleMove.rule)
    )
    return {row.rule: row.maturity for row in rows}
