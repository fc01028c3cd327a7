"""Communities of platforms: shared consumers beyond chance, groups, and what stands behind each group."""

import pyarrow as pa

from app.casebook.registry import Registered
from app.detection.captives import CaptiveParameters, captive_companies, flags_by_chance
from app.detection.evidence import platform_pairs
from app.detection.rings import Community, RingParameters, find_rings
from app.detection.settlement import settlement_groups
from app.detection.step_payments import chosen, flag_table
from app.detection.steps import Context, Rows, Step, names_of_fields

KIND = "platforms"
RULE = "ring-platforms"


def platform_communities(context: Context) -> Rows:
    """SHARES_CONSUMERS between platforms, communities with their members, and the companies behind them."""
    parameters = context.parameters[RULE]
    evidence = platform_pairs(
        context.tallies.sales_for_rings(),
        since=context.since,
        until=context.until,
        hub_quantile=parameters["hub_quantile"],
        hub_floor=parameters["hub_floor"],
    )
    rings = find_rings(evidence, chosen(RingParameters, parameters))
    rows = Rows()
    for edge in rings.edge_table().to_pylist():
        left, right = edge.pop("left"), edge.pop("right")
        rows.join("SHARES_CONSUMERS", ("Enterprise", left), ("Enterprise", right), edge)
    settlements = context.tallies.table("platform_payment_company")
    registered = context.register(KIND, [community.members for community in rings.communities])
    flags = flag_table(context.flags)
    for community, entry in zip(rings.communities, registered, strict=True):
        _write(context, rows, community, entry, settlements, flags)
    return rows


def _write(
    context: Context,
    rows: Rows,
    community: Community,
    entry: Registered,
    settlements: pa.Table,
    flags: pa.Table,
) -> None:
    node = ("Community", entry.id)
    flagged = [member for member in community.members if context.flags.of(member)]
    rows.put(
        entry.id,
        {
            "kind": KIND,
            "method": "leiden",
            "size": len(community.members),
            "edges": community.edges,
            "shared": community.shared,
            "consumers": community.consumers,
            "links": community.links,
            "expected": community.expected,
            "lift": community.lift,
            "adjusted_expected": community.adjusted_expected,
            "adjusted_lift": community.adjusted_lift,
            "p": community.p,
            "q": community.q,
            "flagged": len(flagged),
            "flagged_p": flags_by_chance(community.members, flags),
            "companies_outside": _significant_outside(context, community, settlements, flags),
            "split_from": list(entry.split_from),
            "merged_from": list(entry.merged_from),
        },
        label="Community",
    )
    for member in community.members:
        rows.join(
            "MEMBER_OF", ("Enterprise", member), node, {"role": "platform", "flags": context.flags.of(member)}
        )
    for place, group in enumerate(settlement_groups(settlements, community.members)):
        if group.company is not None:
            rows.join(
                "SETTLED_BY",
                node,
                ("Enterprise", group.company),
                {
                    "place": place,
                    "members": len(group.members),
                    "platforms": group.platforms,
                    "lift": group.lift,
                    "p": group.p,
                },
            )


def _significant_outside(
    context: Context, community: Community, settlements: pa.Table, flags: pa.Table
) -> list[str]:
    """Companies with captive members that base flags of platforms *outside* the community speak against."""
    if not community.finding:
        return []
    parameters = chosen(CaptiveParameters, context.parameters["payment-captive-platforms"])
    outside = captive_companies(settlements, flags, parameters, without=community.members)
    significant = {test.company for test in outside if test.significant}
    inside = set(community.members)
    captive = captive_companies(settlements, flags, parameters)
    return sorted(
        test.company for test in captive if test.company in significant and inside & set(test.captives)
    )


STEPS = (
    Step(
        name="platform-communities",
        flags=True,
        takes=names_of_fields(RingParameters) | {"hub_quantile", "hub_floor"},
        run=platform_communities,
    ),
)
