"""Pictures as SVG text: a radar of groups, a history of scores and classes; made to be printed in black."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

_MARGIN, _RADIUS = 118, 120
_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 96, 16, 34
_FONTS = "'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"
_SHADES = {"A": "#ffffff", "B": "#f2f2f2", "C": "#e2e2e2", "D": "#cfcfcf"}


def radar(groups: Mapping[str, float], names: Mapping[str, tuple[str, str]]) -> str:
    """A radar of groups (points 0 to 100), the first at the top, clockwise; `names` are (zh, en) by group."""
    size_x, size_y = 2 * (_RADIUS + _MARGIN), 2 * (_RADIUS + 46)
    middle_x, middle_y = size_x / 2, size_y / 2
    order = list(groups)

    def at(place: int, points: float) -> tuple[float, float]:
        turn = 2 * math.pi * place / len(order) - math.pi / 2
        far = _RADIUS * points / 100
        return middle_x + far * math.cos(turn), middle_y + far * math.sin(turn)

    def ring(points: Sequence[float]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(i, p) for i, p in enumerate(points)))

    parts = [svg_open(size_x, size_y, "radar")]
    for level in (100, 75, 50, 25):
        style = 'stroke="#555"' if level == 100 else 'stroke="#bbb" stroke-dasharray="2 3"'
        parts.append(f'<polygon points="{ring([level] * len(order))}" fill="none" {style}/>')
        if level < 100:
            up = middle_y - _RADIUS * level / 100
            parts.append(svg_text(middle_x + 3, up + 10, str(level), size=8, fill="#666"))
    for place in range(len(order)):
        x, y = at(place, 100)
        parts.append(f'<line x1="{middle_x}" y1="{middle_y}" x2="{x:.1f}" y2="{y:.1f}" stroke="#bbb"/>')
    shape = ring([groups[name] for name in order])
    parts.append(
        f'<polygon points="{shape}" fill="#000" fill-opacity="0.14" stroke="#000" stroke-width="1.8"/>'
    )
    for place, name in enumerate(order):
        x, y = at(place, groups[name])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#000"/>')
        parts += _label(*at(place, 110), middle_x, middle_y, names[name], groups[name])
    return "".join([*parts, "</svg>"])


def _label(
    x: float, y: float, middle_x: float, middle_y: float, name: tuple[str, str], points: float
) -> list[str]:
    anchor = "middle" if abs(x - middle_x) < 8 else "start" if x > middle_x else "end"
    shift = 9 * (y - middle_y) / _RADIUS  # two lines stand above the top, and below the bottom
    return [
        svg_text(x, y + shift - 2, f"{name[0]} {points:.0f}", anchor=anchor, size=12, weight="bold"),
        svg_text(x, y + shift + 10, name[1], anchor=anchor, size=9, fill="#333"),
    ]


def history(ratings: Sequence[Mapping[str, Any]], bands: Sequence[tuple[str, float, float]]) -> str:
    """Scores over the days of ratings, over the bands of classes; the class stands at each score.

    `ratings`: on_day, score, class, in order of time; `bands`: (class, from, to).
    """
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    days = [row["on_day"] for row in ratings]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)

    def x_of(day: date) -> float:
        return _LEFT + (wide / 2 if first == last else 12 + (wide - 24) * (day - first).days / span)

    def y_of(score: float) -> float:
        return _TOP + high * (1 - score / 100)

    parts = [svg_open(_WIDTH, _HEIGHT, "history")]
    for letter, lower, upper in bands:
        tall = y_of(lower) - y_of(upper)
        shade = _SHADES.get(letter, "#fff")
        parts.append(
            f'<rect x="{_LEFT}" y="{y_of(upper):.1f}" width="{wide}" height="{tall:.1f}" '
            f'fill="{shade}" stroke="#999"/>'
        )
        told = f"{letter}  {lower:g}–{upper:g}"
        parts.append(svg_text(_LEFT + wide + 8, y_of((lower + upper) / 2) + 4, told, size=11, weight="bold"))
    for score in (0, 25, 50, 75, 100):
        parts.append(svg_text(_LEFT - 6, y_of(score) + 3, str(score), anchor="end", size=9, fill="#333"))
    line = " ".join(f"{x_of(row['on_day']):.1f},{y_of(row['score']):.1f}" for row in ratings)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#000" stroke-width="1.5"/>')
    shown = -1e9
    for row in ratings:
        x, y = x_of(row["on_day"]), y_of(row["score"])
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#fff" stroke="#000" stroke-width="1.5"/>'
        )
        # Below the point where there is room, for those that stand at the top.
        told_at = y - 8 if y > _TOP + 22 else y + 18
        parts.append(
            svg_text(
                x, told_at, f"{row['class']} {row['score']:.1f}", anchor="middle", size=11, weight="bold"
            )
        )
        if x - shown > 66:
            parts.append(svg_text(x, _HEIGHT - 14, str(row["on_day"]), anchor="middle", size=9))
            shown = x
    return "".join([*parts, "</svg>"])


def svg_open(width: float, height: float, name: str) -> str:
    """The opening tag of a picture of this size (pixels) and class."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" role="img" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" font-family="{_FONTS}">'
    )


def svg_text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 11, weight: str = "normal",
    fill: str = "#000",
) -> str:  # fmt: skip
    """A line of text at a place; what stands in it never becomes markup."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}">{escape(text)}</text>'
    )
