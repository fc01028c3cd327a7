"""How platforms were checked: passed, failed, failed and passed later, never; and what that plants."""

from dataclasses import dataclass, field

import numpy as np

from world.cast import DAYS, Cast
from world.identifiers import Ints
from world.truth import Truth

CHECKS = (
    "can_register",
    "can_login",
    "can_purchase",
    "goods_shipped",
    "goods_on_sale",
    "traffic_match",
    "licence_valid",
)
# What becomes of honest platforms, and their shares.
_HONEST = ("never", "failed", "mended", "unknown", "passed")
_SHARES = (0.15, 0.035, 0.05, 0.06, 0.705)
SEEN = 20  # sales that make it certain that a rule had enough to see


@dataclass
class Checks:
    """The fate of each platform; rows of its checks: platform, day, position in CHECKS, result, why."""

    fate: list[str]
    rows: list[tuple[int, int, int, str, str]] = field(default_factory=list)

    def visit(self, platform: int, day: int, results: list[str], selection: str) -> None:
        """One visit: all seven checks."""
        self.rows += [(platform, day, check, result, selection) for check, result in enumerate(results)]


def make_checks(rng: np.random.Generator, cast: Cast) -> Checks:
    """Check five in six honest platforms, about two in three ring platforms and few of the watched ones.

    Platforms that nobody ever checked are made old enough that nobody can call them new (changes `cast`).
    """
    out = Checks(_fates(rng, cast))
    for platform, fate in enumerate(out.fate):
        if fate == "never":
            cast.first_day[platform] = min(int(cast.first_day[platform]), 90)
        if fate in ("never", "new"):
            continue
        day = int(cast.first_day[platform]) + int(rng.integers(-10, 25))
        passed = ["pass"] * len(CHECKS)
        if cast.overseas[platform]:
            passed[6] = "not_applicable"
        selection = str(rng.choice(["random", "routine", "suspicion"], p=[0.4, 0.4, 0.2]))
        forged = cast.ring_of[platform] >= 0
        if fate == "unknown":
            now = list(passed)
            now[int(rng.integers(0, 6))] = "unknown"
            out.visit(platform, day, now, selection)
            continue
        out.visit(platform, day, passed, "routine" if fate in ("failed", "mended") else selection)
        if fate in ("failed", "mended"):
            bad = list(passed)
            for check in rng.choice(6, int(rng.integers(2, 5)) if forged else 1, replace=False):
                bad[int(check)] = "fail"
            out.visit(platform, int(rng.integers(day + 20, 255)), bad, "suspicion" if forged else selection)
        if fate == "mended" or (fate == "passed" and rng.random() < 0.4):
            out.visit(platform, int(rng.integers(262, DAYS - 5)), passed, "routine")
    return out


def _fates(rng: np.random.Generator, cast: Cast) -> list[str]:
    """What becomes of every platform."""
    fates = [str(fate) for fate in rng.choice(_HONEST, len(cast.platforms), p=_SHARES)]
    for platform in cast.groups.get("watched", ()):
        fates[int(platform)] = str(rng.choice(["never", "passed"], p=[0.7, 0.3]))
    for ring in cast.rings:
        members = rng.permutation(ring.platforms)
        checked = max(5, round(0.66 * len(members)))
        bad = max(4, round(0.7 * checked))
        for place, platform in enumerate(members):
            fates[int(platform)] = "failed" if place < bad else "passed" if place < checked else "never"
    for platform in cast.groups["new"]:
        fates[int(platform)] = "new"
    return fates


def tell_checks(cast: Cast, checks: Checks, volume: Ints, truth: Truth) -> None:
    """Write what the checks plant, and what only looks so, into the truth; `volume` is sales a platform."""
    silent = {
        "new": ("began within the grace time", ["platform-unverified"]),
        "unknown": ("a check unknown", ["platform-failed-checks", "platform-unverified"]),
        "mended": ("failed once, passed later", ["platform-failed-checks"]),
        "failed": ("honest platform with one failed check", ["ring-platforms", "payment-captive-platforms"]),
    }
    planted = {"never": "platform-unverified", "failed": "platform-failed-checks"}
    for platform, fate in enumerate(checks.fate):
        if not volume[platform]:
            continue
        code = cast.platforms[platform].code
        ring = int(cast.ring_of[platform])
        if fate in planted:
            note = f"ring {ring}" if ring >= 0 else "honest"
            truth.plant(planted[fate], "Platform", code, note=note, required=bool(volume[platform] >= SEEN))
        if fate in silent and ring < 0:
            what, rules = silent[fate]
            truth.look_alike(what, rules, ("Platform", code))
        if cast.overseas[platform] and fate == "passed":
            truth.look_alike("a check not applicable", ["platform-failed-checks"], ("Platform", code))
