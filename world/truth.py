"""What a world knows about itself: what was planted, what only looks like it, and which sales differ."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TRUTH_FILE = "truth.json"


@dataclass
class Truth:
    """The truth of one world. Sales and enterprises are named by their ids; no personal value is in it.

    `planted`: rule, subject {kind, key}, members, note, required (False: true, but nobody must find it).
    `rings`: members, payment_company, forged sales. `look_alikes`: what, subject, members, silent rules.
    `differences`: name of a difference → planted, noise and look_alike sale ids. `wrong`: what an inspection
    would find (a discrepancy, as the contract of `inspections` names it) → sale ids.
    """

    orders: int
    seed: int
    kind: str
    format: str
    planted: list[dict[str, Any]] = field(default_factory=list)
    rings: list[dict[str, Any]] = field(default_factory=list)
    look_alikes: list[dict[str, Any]] = field(default_factory=list)
    differences: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def plant(
        self,
        rule: str,
        kind: str,
        key: str,
        members: list[tuple[str, str]] | None = None,
        *,
        note: str = "",
        required: bool = True,
    ) -> None:
        """Record that a rule should find this subject."""
        self.planted.append(
            {
                "rule": rule,
                "subject": {"kind": kind, "key": key},
                "members": [{"kind": k, "key": v} for k, v in members or []],
                "note": note,
                "required": required,
            }
        )

    def excuse(self, rule: str, kind: str, keys: set[str]) -> None:
        """Demand these of nobody: too few of their sales were drawn to show it."""
        for one in self.planted:
            subject = one["subject"]
            if (one["rule"], subject["kind"]) == (rule, kind) and one["required"] and subject["key"] in keys:
                one |= {"required": False, "note": f"{one['note']}; too few sales to show it"}

    def look_alike(
        self,
        what: str,
        rules: list[str],
        subject: tuple[str, str] | None = None,
        members: list[tuple[str, str]] | None = None,
    ) -> None:
        """Record an honest subject that these rules must not name at medium severity or above."""
        self.look_alikes.append(
            {
                "what": what,
                "subject": {"kind": subject[0], "key": subject[1]} if subject else None,
                "members": [{"kind": k, "key": v} for k, v in members or []],
                "rules": rules,
            }
        )

    def write(self, folder: Path) -> Path:
        """Write the truth file into a folder and return its path."""
        path = folder / TRUTH_FILE
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return path

    @staticmethod
    def read(folder: Path) -> "Truth":
        """Read the truth file of a world's folder."""
        return Truth(**json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8")))
