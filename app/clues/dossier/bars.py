"""The timeline as SVG: a bar for the sales of each period, and marks where a finding was made or changed."""

from app.clues.dossier.timeline import Event, Span, Timeline
from app.clues.dossier.words import word
from app.supervision.pictures import svg_open, svg_text

_WIDTH, _LEFT, _RIGHT, _TOP, _HIGH, _BOTTOM = 720, 46, 14, 26, 130, 44
_MARK = "▲ 线索发现或变化（晚于末笔交易者在右端） finding made or changed (right end: after the last sale)"
_LABEL = 62  # pixels that a day needs below its bar


def timeline_svg(times: Timeline) -> str:
    """Sales a period as bars; below them the days on which findings were made, changed or went."""
    parts = [svg_open(_WIDTH, _TOP + _HIGH + _BOTTOM, "timeline")]
    unit = word("units", times.unit)
    parts.append(svg_text(_LEFT, 14, f"每{unit['zh']}交易笔数 Sales a {unit['en']}", size=11, weight="bold"))
    if not times.spans:
        parts.append(svg_text(_LEFT, _TOP + _HIGH / 2, "无交易 No sales", size=12))
        return "".join([*parts, "</svg>"])
    most = max(span.sales for span in times.spans)
    step = (_WIDTH - _LEFT - _RIGHT) / len(times.spans)
    foot = _TOP + _HIGH
    for level in sorted({0, most // 2, most}):
        y = foot - _HIGH * level / most
        parts.append(f'<path d="M{_LEFT},{y:.1f} H{_WIDTH - _RIGHT}" stroke="#bbb" stroke-width="0.8"/>')
        parts.append(svg_text(_LEFT - 6, y + 3, str(level), anchor="end", size=9, fill="#333"))
    every = max(1, round(_LABEL / step + 0.5))
    for place, span in enumerate(times.spans):
        x, tall = _LEFT + place * step, _HIGH * span.sales / most
        parts.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{foot - tall:.1f}" width="{step * 0.76:.1f}" '
            f'height="{tall:.1f}" fill="#555"/>'
        )
        if place % every == 0:
            told = span.first.isoformat()[: {"month": 7, "year": 4}.get(times.unit, 10)]
            parts.append(svg_text(x + step / 2, foot + 13, told, anchor="middle", size=9))
    parts += _marks(times.events, times.spans, step, foot)
    return "".join([*parts, "</svg>"])


def _marks(events: list[Event], spans: list[Span], step: float, foot: float) -> list[str]:
    """A triangle for each day with events; those after the last sale stand at the right end."""
    parts = []
    days = sorted({event.day for event in events})
    for day in days:
        place = max((number for number, span in enumerate(spans) if span.first <= day), default=0)
        x = _LEFT + (place + 0.5) * step
        parts.append(f'<path d="M{x:.1f},{foot + 19} l5,9 h-10 z" fill="#000"/>')
    if days:
        parts.append(svg_text(_LEFT, foot + 41, _MARK, size=9, fill="#333"))
    return parts
