"""Which instructions a sale falls under."""

from collections import defaultdict
from collections.abc import Iterable

from app.supervision.instructions import Instruction
from app.supervision.sale_risk import Sale

_COLUMNS = {
    "platform": "platform",
    "merchant": "merchant",
    "agent": "agent",
    "consumer": "consumer_key",
    "address": "address_key",
}
_GOODS = "goods"


class Scopes:
    """Instructions by whom they are about; of goods by the first digits of a declared code."""

    def __init__(self, instructions: Iterable[Instruction]) -> None:
        self._of: dict[tuple[str, str], list[Instruction]] = defaultdict(list)
        self._goods: list[Instruction] = []
        for one in instructions:
            if one.scope_kind == _GOODS:
                self._goods.append(one)
            else:
                self._of[one.scope_kind, one.scope_key].append(one)

    @property
    def need_goods(self) -> bool:
        """Whether the codes of a sale's goods (`goods`, a list) have to be known."""
        return bool(self._goods)

    def of(self, sale: Sale) -> list[Instruction]:
        """The instructions that a sale falls under, by id."""
        found = [
            one
            for kind, column in _COLUMNS.items()
            for one in self._of.get((kind, str(sale.get(column))), ())
        ]
        codes = [str(code) for code in sale.get(_GOODS) or ()]
        found += [one for one in self._goods if any(code.startswith(one.scope_key) for code in codes)]
        return sorted(found, key=lambda one: one.id)
