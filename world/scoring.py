"""Findings of rules against the truth of a world: what was found, missed, or should not have been."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from world.truth import Truth

Finding = Mapping[str, Any]
KEYED = ("Consumer", "Phone", "Address")
GRAVE = ("medium", "high", "critical")
# A world cannot know the keys of these: they are known by their members, of one kind or of any.
BY_MEMBERS: dict[str, str | None] = {
    "ring-platforms": "Platform",
    "ring-identities": "Platform",
    "payment-payee-shared": "Platform",
    "enterprise-shared-control": None,
}
SAME = 0.5  # Jaccard from which a community is the planted ring


@dataclass
class Score:
    """One rule in one world. `missed`, `wrong` and `hit` say which, for whoever wants to look."""

    rule: str
    planted: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0
    jaccard: list[float] = field(default_factory=list)
    company_first: list[bool] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    hit: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the findings that are true; 1 where there are none."""
        return self.right / self.findings if self.findings else 1.0

    @property
    def recall(self) -> float:
        """Share of what had to be found that was found; 1 where nothing had to be."""
        return self.found / self.planted if self.planted else 1.0


def keys(members: Iterable[Mapping[str, str]], kind: str | None = None) -> set[str]:
    """Keys of members, of one kind where it is given."""
    return {member["key"] for member in members if kind is None or member["kind"] == kind}


def documents(finding: Finding) -> set[str]:
    """Ids of the documents that a finding names."""
    return set(finding.get("evidence", {}).get("ids", ()))


def jaccard(left: set[str], right: set[str]) -> float:
    """Size of what two sets share over the size of both together."""
    return len(left & right) / max(1, len(left | right))


def score_rule(truth: Truth, rule: str, findings: Iterable[Finding]) -> Score:
    """Score the findings of one rule; those that the data no longer shows do not count."""
    return _score(truth, rule, [one for one in findings if one.get("present", True)])


def _score(truth: Truth, rule: str, findings: list[Finding]) -> Score:
    planted = [p for p in truth.planted if p["rule"] == rule]
    out = Score(rule, findings=len(findings))
    told = _told(planted, findings)
    for number, one in enumerate(planted):
        if not one["required"]:
            continue
        out.planted += 1
        about = [findings[at] for at, which in enumerate(told) if number in which]
        if about:
            out.found += 1
        else:
            out.missed.append(f"{one['subject']['kind']} {one['subject']['key']} ({one['note']})")
        if rule == "ring-platforms":
            _score_ring(out, one, about)
    for finding, which in zip(findings, told, strict=True):
        if which:
            out.right += 1
            continue
        out.wrong.append(f"{finding['severity']} {finding['subject']['kind']} {finding['subject']['key']}")
        if finding["severity"] in GRAVE:
            out.hit += [look["what"] for look in truth.look_alikes if _names(finding, look)]
    return out


def _told(planted: Sequence[Mapping[str, Any]], findings: list[Finding]) -> list[set[int]]:
    """Of each finding, the numbers of the planted subjects that it is about."""
    of_sale: dict[str, set[int]] = {}
    others: set[int] = set()
    for number, one in enumerate(planted):
        if one["subject"]["kind"] in KEYED:
            for sale in keys(one["members"], "Transaction"):
                of_sale.setdefault(sale, set()).add(number)
        else:
            others.add(number)
    near = [others.union(*(of_sale.get(sale, ()) for sale in documents(f))) for f in findings]
    return [
        {number for number in some if is_about(finding, planted[number])}
        for finding, some in zip(findings, near, strict=True)
    ]


def _score_ring(out: Score, planted: Mapping[str, Any], about: list[Finding]) -> None:
    members = keys(planted["members"])
    best = max(about, key=lambda f: jaccard(keys(f["members"]), members), default=None)
    out.jaccard.append(jaccard(keys(best["members"]), members) if best else 0.0)
    company = str(best["numbers"].get("company", {}).get("value")) if best else ""
    out.company_first.append(bool(company) and planted["note"] == f"settles with {company}")


def is_about(finding: Finding, planted: Mapping[str, Any]) -> bool:
    """Whether a finding tells of a planted subject.

    A ring is known by its platforms, and so is an account, whose key is a hash; a person, a phone or an
    address by the sales. A platform that sells alone is its own merchant, and an agent for a merchant tells
    of that merchant: the same sales under another name.
    """
    if finding["rule"] != planted["rule"]:
        return False
    if planted["rule"] in BY_MEMBERS:
        kind = BY_MEMBERS[planted["rule"]]
        return jaccard(keys(finding["members"], kind), keys(planted["members"], kind)) >= SAME
    if planted["subject"]["kind"] in KEYED:
        # Goods that go to one address and one phone are told of either.
        keyed = finding["subject"]["kind"] in KEYED
        return keyed and not documents(finding).isdisjoint(keys(planted["members"], "Transaction"))
    mine, its = _subjects(finding), _subjects(planted)
    return bool(mine & its)


def _shows(finding: Finding, truth: Mapping[str, Any]) -> bool:
    """Whether most documents that a finding names are sales of a truth."""
    ids = documents(finding)
    return len(ids & keys(truth["members"], "Transaction")) * 2 > len(ids)


def _subjects(of: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What a subject stands for: (role, key); shops by code, agents by the merchants they declare for."""
    kind, key = of["subject"]["kind"], of["subject"]["key"]
    if kind in ("Platform", "Merchant"):
        return {("shop", key)}
    if kind == "Agent":
        return {("shop", merchant) for merchant in keys(of["members"], "Merchant")}
    return {(kind, key)}


def _names(finding: Finding, look: Mapping[str, Any]) -> bool:
    """Whether a finding names an honest subject that its rule leaves alone."""
    if finding["rule"] not in look["rules"]:
        return False
    subject, members = look["subject"], keys(look["members"])
    if keys(look["members"], "Transaction"):
        return _shows(finding, look)
    if finding["rule"] not in BY_MEMBERS:
        return bool(subject) and subject == {name: finding["subject"][name] for name in ("kind", "key")}
    inside = keys(finding["members"], BY_MEMBERS[finding["rule"]])
    if subject:
        return subject["key"] in inside
    # A group is named when most of the ring are its shops.
    return len(inside & members) > len(inside) / 2
