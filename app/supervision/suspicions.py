"""What the casebook says of enterprises now: present findings about them, and who is flagged."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.casebook.models import SEVERITIES
from app.casebook.store import Casebook
from app.detection.run import WATERMARK

DISMISSED = "false alarm"


@dataclass(frozen=True)
class Suspicion:
    """One finding about an enterprise; `rank` is its severity from 1 (info) to 5 (critical)."""

    finding: str
    rule: str
    severity: str
    rank: int
    reason: dict[str, str]


@dataclass(frozen=True)
class Suspicions:
    """Present live findings by the code of whom they are about, gravest first; `ledger_version` is what
    detection held for, None where it never ran: then nothing can be said of anybody."""

    about: dict[str, list[Suspicion]] = field(default_factory=dict)
    ledger_version: int | None = None

    def flagged(self, grave_from: str) -> list[str]:
        """Codes with a finding of this severity or graver."""
        return sorted(code for code, found in self.about.items() if found[0].rank >= rank_of(grave_from))


def rank_of(severity: str) -> int:
    """1 (info) to 5 (critical)."""
    return SEVERITIES.index(severity) + 1


def suspicions(casebook: Casebook, left_out: Iterable[str] = ()) -> Suspicions:
    """Findings by enterprise, without those of the rules `left_out` and those called a false alarm.

    A finding is about its subject; one about a community is about the members. Other members are partners:
    the shops of a guilty agent are not guilty.
    """
    done = casebook.watermark(WATERMARK)
    out: dict[str, list[Suspicion]] = defaultdict(list)
    for row in casebook.findings():
        if row.rule in set(left_out) or row.decision == DISMISSED:
            continue
        about = row.members if row.subject["kind"] == "Community" else [row.subject]
        told = Suspicion(row.id, row.rule, row.severity, rank_of(row.severity), row.reason)
        for part in about:
            out[part["key"]].append(told)
    ordered = {
        code: sorted(found, key=lambda one: (-one.rank, one.rule, one.finding))
        for code, found in sorted(out.items())
    }
    return Suspicions(ordered, None if done is None else done[0])
