"""Enterprises by the register: who is under one control, who sells more than age and capital explain."""

from typing import Any

import pyarrow.compute as pc

from app.casebook.registry import Registered
from app.detection.captives import flags_by_chance
from app.detection.control import Controlled, ControlParameters, controlled_groups
from app.detection.scale import Scale, ScaleParameters, scales
from app.detection.step_payments import chosen, flag_table
from app.detection.steps import Context, Rows, Step, names_of_fields

KIND = "enterprises"


def enterprise_control(context: Context) -> Rows:
    """SHARES_CONTROL between enterprises, and communities of them with their members and base flags."""
    parameters = chosen(ControlParameters, context.parameters["enterprise-shared-control"])
    groups = controlled_groups(context.tallies.table("register_attributes"), parameters)
    registered = context.register(KIND, [group.members for group in groups])
    rows = Rows()
    for group, entry in zip(groups, registered, strict=True):
        _write(context, rows, group, entry)
    return rows


def _write(context: Context, rows: Rows, group: Controlled, entry: Registered) -> None:
    for (left, right), kinds in group.pairs.items():
        rows.join("SHARES_CONTROL", ("Enterprise", left), ("Enterprise", right), {"kinds": list(kinds)})
    flagged = [member for member in group.members if context.flags.of(member)]
    rows.put(
        entry.id,
        {
            "kind": KIND,
            "method": "shared attributes",
            "size": len(group.members),
            "edges": len(group.pairs),
            "attributes": sum(group.shared.values()),
            "attribute_kinds": list(group.shared),
            "attribute_counts": list(group.shared.values()),
            "flagged": len(flagged),
            "flagged_p": flags_by_chance(group.members, flag_table(context.flags)),
            "split_from": list(entry.split_from),
            "merged_from": list(entry.merged_from),
        },
        label="Community",
    )
    for member in group.members:
        rows.join(
            "MEMBER_OF",
            ("Enterprise", member),
            ("Community", entry.id),
            {"role": "enterprise", "flags": context.flags.of(member)},
        )


def enterprise_scale(context: Context) -> Rows:
    """Volume of platforms and merchants against what peers of their age and capital sell."""
    parameters = chosen(ScaleParameters, context.parameters["enterprise-new-and-large"])
    table = context.tallies.table("enterprise_scale")
    rows = Rows()
    for label in ("Platform", "Merchant"):
        for scale in scales(table.filter(pc.equal(table["label"], label)), parameters):
            rows.put(scale.enterprise, _scale(label, scale, context.flags.of(scale.enterprise)))
    return rows


def _scale(label: str, scale: Scale, flags: list[str]) -> dict[str, Any]:
    return {
        "scale_role": label,
        "scale_sales": scale.sales,
        "scale_age": scale.age,
        "scale_capital_e5": scale.capital_e5,
        "scale_expected": scale.expected,
        "scale_peers_age": scale.peers_age,
        "scale_peers_capital_e5": scale.peers_capital_e5,
        "scale_young": scale.young,
        "scale_small": scale.small,
        "scale_flags": flags,
        "scale_p": scale.p,
        "scale_q": scale.q,
    }


STEPS = (
    Step(
        name="enterprise-control",
        flags=True,
        takes=names_of_fields(ControlParameters),
        run=enterprise_control,
    ),
    Step(
        name="enterprise-scale",
        flags=True,
        takes=names_of_fields(ScaleParameters),
        run=enterprise_scale,
    ),
)
