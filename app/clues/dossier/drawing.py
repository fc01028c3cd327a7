"""The picture of a finding as SVG: boxes in columns by how far they are from whom it is about.

Names stand inside their boxes, and boxes on a grid: no label covers another. Lines run between neighbouring
columns, or as arcs beside a column. How much is drawn is bounded, and what is left out is said.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from app.clues.dossier.words import plain_text, word
from app.supervision.pictures import svg_open, svg_text

MOST_NODES = 40
MOST_EDGES = 120
_COLUMNS, _ROWS = 4, 14
_WIDE, _HIGH, _GAP_X, _GAP_Y, _MARGIN = 232, 34, 100, 10, 14
_ARC = 70  # room for arcs beside the last column
_LINE = 16  # of the words below the picture
_DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 5", "1 5", "5 2 1 2 1 2")
_GREYS = ("#111", "#666", "#333", "#888")

Node = Mapping[str, Any]
Edge = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """What is drawn: columns of nodes, the first with the subject; edges between them; what is left out."""

    columns: list[list[Node]]
    edges: list[Edge]
    left_out: list[str]


def picture_svg(picture: Mapping[str, Any], subject: str, members: Sequence[str] = ()) -> str:
    """The picture (nodes and edges, as `draw` gives them) of a subject and its members (keys)."""
    shown = _shown(picture, subject, members)
    tallest = max((len(column) for column in shown.columns), default=1)
    height = tallest * (_HIGH + _GAP_Y)
    width = max(len(shown.columns), 2) * (_WIDE + _GAP_X) - _GAP_X + _ARC
    places = {
        node["id"]: (
            _MARGIN + number * (_WIDE + _GAP_X),
            _MARGIN + (height - len(column) * (_HIGH + _GAP_Y)) / 2 + row * (_HIGH + _GAP_Y),
            number,
        )
        for number, column in enumerate(shown.columns)
        for row, node in enumerate(column)
    }
    styles = _styles(shown.edges)
    below = _legend(styles, shown.left_out, height + 2 * _MARGIN)
    total = height + 2 * _MARGIN + _LINE * (len(styles) + len(shown.left_out)) + _MARGIN
    parts = [svg_open(width + 2 * _MARGIN, total, "picture")]
    parts += [_line(edge, places, styles[edge["type"]]) for edge in shown.edges]
    for column in shown.columns:
        for node in column:
            parts += _box(node, *places[node["id"]][:2], strong=node["key"] == subject)
    return "".join([*parts, *below, "</svg>"])


def _shown(picture: Mapping[str, Any], subject: str, members: Sequence[str]) -> Shown:
    nodes = {node["id"]: node for node in picture["nodes"]}
    near: dict[str, list[str]] = defaultdict(list)
    for edge in picture["edges"]:
        near[edge["source"]].append(edge["target"])
        near[edge["target"]].append(edge["source"])
    far = _distances(nodes, near, subject)
    columns: list[list[Node]] = []
    known = set(members)
    for number in range(_COLUMNS):
        there = [node for node in nodes.values() if far[node["id"]] == number]
        room = min(_ROWS, MOST_NODES - sum(map(len, columns)))
        columns.append(_chosen(there, near, known, columns[-1] if columns else [], room))
    columns = [column for column in columns if column]
    drawn = {node["id"] for column in columns for node in column}
    edges = [edge for edge in picture["edges"] if edge["source"] in drawn and edge["target"] in drawn]
    return Shown(columns, edges[:MOST_EDGES], _left_out(picture, columns, edges))


def _distances(nodes: Mapping[str, Node], near: Mapping[str, list[str]], subject: str) -> dict[str, int]:
    """Steps from the subject to each node, at most those of the last column, where the unreached are too."""
    far = {node["id"]: 0 for node in nodes.values() if node["key"] == subject}
    ring = sorted(far)
    for steps in range(1, len(nodes)):
        ring = sorted({other for one in ring for other in near.get(one, ()) if other not in far})
        far.update(dict.fromkeys(ring, min(steps, _COLUMNS - 1)))
    return {identity: far.get(identity, _COLUMNS - 1 if far else 0) for identity in nodes}


def _chosen(
    there: list[Node], near: Mapping[str, list[str]], members: set[str], before: list[Node], room: int
) -> list[Node]:
    """As many of a column as there is room for: members, then of each kind in turn the best connected."""
    rows = {node["id"]: row for row, node in enumerate(before)}
    by_kind: dict[str, list[Node]] = defaultdict(list)
    for node in sorted(there, key=lambda one: (-len(near[one["id"]]), one["id"])):
        if not rows or _hangs_on(node, near, rows):
            by_kind[node["kind"]].append(node)
    chosen = [node for node in there if node["key"] in members][:room]
    taken = {node["id"] for node in chosen}
    queues = [[node for node in by_kind[kind] if node["id"] not in taken] for kind in sorted(by_kind)]
    while any(queues) and len(chosen) < room:
        for queue in queues:
            if queue and len(chosen) < room:
                chosen.append(queue.pop(0))

    def place(node: Node) -> tuple[str, float, str]:
        beside = [rows[other] for other in near[node["id"]] if other in rows]
        return node["kind"], sum(beside) / len(beside) if beside else len(rows), node["id"]

    return sorted(chosen, key=place)


def _hangs_on(node: Node, near: Mapping[str, list[str]], rows: Mapping[str, int]) -> bool:
    """Whether something is drawn that it is joined to, or nothing is joined to it: others would float."""
    return not near[node["id"]] or any(other in rows for other in near[node["id"]])


def _left_out(picture: Mapping[str, Any], columns: list[list[Node]], edges: list[Edge]) -> list[str]:
    drawn = Counter(node["kind"] for column in columns for node in column)
    told = [
        f"{word('kinds', kind)['zh']} {word('kinds', kind)['en']}: {drawn[kind]} / {count}"
        for kind, count in sorted(Counter(node["kind"] for node in picture["nodes"]).items())
        if drawn[kind] < count
    ]
    lines = [f"未全部绘出 Not all are drawn: {'; '.join(told[at : at + 3])}" for at in range(0, len(told), 3)]
    if len(edges) > MOST_EDGES:
        lines.append(f"连线 Lines drawn: {MOST_EDGES} / {len(edges)}")
    if picture["cut"]:
        lines.append(
            "图谱中还有更多节点或关系，未取出。 The graph holds more nodes or relations than were asked for."
        )
    return lines


def _styles(edges: Sequence[Edge]) -> dict[str, tuple[str, str]]:
    """Dashes and grey of each type of edge, told apart without colour."""
    types = sorted({edge["type"] for edge in edges})
    return {
        name: (_DASHES[number % len(_DASHES)], _GREYS[number % len(_GREYS)])
        for number, name in enumerate(types)
    }


def _stroke(style: tuple[str, str]) -> str:
    dash = f' stroke-dasharray="{style[0]}"' if style[0] else ""
    return f'fill="none" stroke="{style[1]}" stroke-width="1.1"{dash}'


def _line(edge: Edge, places: Mapping[str, tuple[float, float, int]], style: tuple[str, str]) -> str:
    (x1, y1, one), (x2, y2, other) = places[edge["source"]], places[edge["target"]]
    y1, y2 = y1 + _HIGH / 2, y2 + _HIGH / 2
    if one == other:  # an arc to the right of the column, the wider the farther apart
        x = x1 + _WIDE
        bulge = x + min(14 + abs(y2 - y1) * 0.22, _GAP_X - 24)
        path = f"M{x:.1f},{y1:.1f} C{bulge:.1f},{y1:.1f} {bulge:.1f},{y2:.1f} {x:.1f},{y2:.1f}"
    else:
        left, right = ((x1, y1), (x2, y2)) if one < other else ((x2, y2), (x1, y1))
        start, middle = left[0] + _WIDE, (left[0] + _WIDE + right[0]) / 2
        path = (
            f"M{start:.1f},{left[1]:.1f} C{middle:.1f},{left[1]:.1f} {middle:.1f},{right[1]:.1f} "
            f"{right[0]:.1f},{right[1]:.1f}"
        )
    return f'<path d="{path}" {_stroke(style)}/>'


def _box(node: Node, x: float, y: float, *, strong: bool) -> list[str]:
    kind = word("kinds", node["kind"])
    name = plain_text(_name_of(node))
    fill, wide = ("#e4e4e4", 2.4) if strong else ("#fff", 1)
    return [
        f"<g><title>{escape(plain_text(node['key']))}</title>"
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{_WIDE}" height="{_HIGH}" rx="3" fill="{fill}" '
        f'stroke="#000" stroke-width="{wide:g}"/>',
        svg_text(x + 6, y + 12, fitting(f"{kind['zh']} {kind['en']}", _WIDE - 12, 9), size=9, fill="#444"),
        svg_text(
            x + 6, y + 27, fitting(name, _WIDE - 12, 11), size=11, weight="bold" if strong else "normal"
        ),
        "</g>",
    ]


def _name_of(node: Node) -> str:
    """What tells a node from others: of what is masked the beginning of its key as well."""
    name, key = node["name"], str(node["key"])
    if node["kind"] in ("Verification", "PaymentReply", "Inspection", "ConsumerReport"):
        return f"{node['properties'].get('check', '')} {node['properties'].get('result', '')} {key}".strip()
    if name is None or name == key:
        return key
    return f"{name} · {key[:8]}" if len(key) == 32 else f"{name} {key}"


def fitting(text: str, width: float, size: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width` in letters of `size` (both in pixels)."""
    wide = [size * (1.02 if ord(letter) > 0x2E7F else 0.62) for letter in text]
    if sum(wide) <= width:
        return text
    room, kept = width - size, 0
    while kept < len(text) and wide[kept] <= room:
        room -= wide[kept]
        kept += 1
    return text[:kept] + "…"


def _legend(styles: Mapping[str, tuple[str, str]], left_out: Sequence[str], top: float) -> list[str]:
    parts = []
    for row, (name, style) in enumerate(styles.items()):
        y = top + row * _LINE
        told = word("relations", name)
        parts.append(f'<path d="M{_MARGIN},{y - 4} H{_MARGIN + 46}" {_stroke(style)}/>')
        parts.append(svg_text(_MARGIN + 54, y, f"{told['zh']} {told['en']}", size=11))
    for row, sentence in enumerate(left_out, len(styles)):
        parts.append(svg_text(_MARGIN, top + row * _LINE, sentence, size=11))
    return parts
