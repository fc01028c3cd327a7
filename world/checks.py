"""How platforms were checked: passed, failed, failed and passed later, never checked; and what that plants."""

from dataclasses import dataclass

import numpy as np

from world.cast import DAYS, Cast
from world.identifiers import Ints
from world.truth import Truth

CHECKS = ("can_register", "can_login", "can_purchase", "goods_shipped", "goods_on_sale", "traffic_match", "licence_valid")


@dataclass
class Checks:
    """Rows of platform verifications: platform, day, check (position in CHECKS), result, selection."""

    platform: list[int]
    day: list[int]
    check: list[int]
    result: list[str]
    selection: list[str]

    def add(self, platform: int, day: int, results: list[str], selection: str) -> None:
        """One visit: all seven checks."""
        for check, result in enumerate(results):
            self.platform.append(platform)
            self.day.append(day)
            self.check.append(check)
            self.result.append(result)
            self.selection.append(selection)


def make_checks(rng: np.random.Generator, cast: Cast, volume: Ints, truth: Truth) -> Checks:
    """Check four in five honest platforms, about two in three ring platforms and few of the watched ones."""
    out = Checks([], [], [], [], [])
    new = set(cast.groups["new"].tolist())
    watched = set(cast.groups.get("watched", np.zeros(0, dtype=np.int64)).tolist())
    ring_result = _ring_results(rng, cast)
    failed: list[int] = []
    unverified: list[int] = []
    shown = {"failed, passed later": 0, "unknown": 0}
    for platform in range(len(cast.platforms)):
        if volume[platform] == 0:
            continue
        firm = ("Platform", cast.platforms[platform].code)
        how = ring_result.get(platform) or _honest_result(rng, platform in watched)
        if platform in new:
            truth.look_alike("began within the grace time", ["platform-unverified"], firm)
            continue
        if how == "never":
            unverified.append(platform)
            # Old enough that nobody can call it new.
            cast.first_day[platform] = min(int(cast.first_day[platform]), 120)
            continue
        day = int(cast.first_day[platform]) + int(rng.integers(-10, 25))
        passed = ["pass"] * len(CHECKS)
        if cast.overseas[platform]:
            passed[6] = "not_applicable"
        selection = str(rng.choice(["random", "routine", "suspicion"], p=[0.4, 0.4, 0.2]))
        if how == "unknown":
            now = list(passed)
            now[int(rng.integers(0, 6))] = "unknown"
            out.add(platform, day, now, selection)
            shown["unknown"] += 1
            truth.look_alike("a check unknown", ["platform-failed-checks", "platform-unverified"], firm)
        elif how in ("failed", "mended"):
            bad = _broken(rng, passed, platform in ring_result)
            out.add(platform, day, passed, "routine")
            out.add(platform, int(rng.integers(day + 30, 255)), bad, "suspicion" if platform in ring_result else selection)
            if how == "mended":
                out.add(platform, int(rng.integers(262, DAYS - 5)), passed, "routine")
                shown["failed, passed later"] += 1
                truth.look_alike("failed once, passed later", ["platform-failed-checks"], firm)
            else:
                failed.append(platform)
        else:
            out.add(platform, day, passed, selection)
            if rng.random() < 0.4:
                out.add(platform, int(rng.integers(max(day + 30, 150), DAYS - 10)), passed, "routine")
    for platform in unverified:
        truth.plant("platform-unverified", "Platform", cast.platforms[platform].code, note=_where(cast, platform))
    for platform in failed:
        code = cast.platforms[platform].code
        truth.plant("platform-failed-checks", "Platform", code, note=_where(cast, platform))
        if cast.ring_of[platform] < 0:
            truth.look_alike(
                "honest platform with one failed check", ["ring-platforms", "payment-captive-platforms"], ("Platform", code)
            )
    return out


def _where(cast: Cast, platform: int) -> str:
    return f"ring {cast.ring_of[platform]}" if cast.ring_of[platform] >= 0 else "honest"


def _ring_results(rng: np.random.Generator, cast: Cast) -> dict[int, str]:
    """Of each ring two thirds were checked, seven in ten of those failed; the others passed."""
    out: dict[int, str] = {}
    for ring in cast.rings:
        members = [int(p) for p in rng.permutation(ring.platforms)]
        checked = max(5, round(0.66 * len(members)))
        bad = max(4, round(0.7 * checked))
        for place, platform in enumerate(members):
            out[platform] = "failed" if place < bad else "passed" if place < checked else "never"
    return out


def _honest_result(rng: np.random.Generator, watched: bool) -> str:
    if watched:
        return str(rng.choice(["never", "passed"], p=[0.7, 0.3]))
    return str(
        rng.choice(["never", "failed", "mended", "unknown", "passed"], p=[0.15, 0.035, 0.05, 0.06, 0.705])
    )


def _broken(rng: np.random.Generator, passed: list[str], forged: bool) -> list[str]:
    bad = list(passed)
    for check in rng.choice(6, int(rng.integers(2, 5)) if forged else 1, replace=False):
        bad[int(check)] = "fail"
    return bad
