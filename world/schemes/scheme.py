"""What a scheme is: hooks along the way of a world, and the stage on which all of them play."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from world.cast import Cast
from world.events import Events
from world.goods import Goods
from world.identifiers import Ints
from world.papers import Papers
from world.people import People
from world.render import Renderer, Table
from world.sales import Sales
from world.truth import Truth

Flags = npt.NDArray[np.bool_]
Tables = dict[str, Table]  # by kind


@dataclass
class Stage:
    """A world as far as it is made: `events` and `papers` come after `sales`, the renderer last.

    `lone` are platforms of nobody's ring that schemes may make fake, `odd` honest ones for look-alikes; each
    is handed out once. `claimed` are sales that a scheme has made its own: nothing else is planted on them.
    """

    cast: Cast
    people: People
    goods: Goods
    sales: Sales
    truth: Truth
    lone: list[int]
    odd: list[int]
    claimed: Flags
    events: Events | None = None
    papers: Papers | None = None
    notes: dict[str, Ints] = field(default_factory=dict)
    """What a scheme wants to find again at a later hook: positions of sales, platforms and the like."""
    wrong: dict[str, list[Ints]] = field(default_factory=dict)
    """What an inspection of single sales would find → positions of these."""

    def free(self) -> Ints:
        """Positions of honest sales, paid one by one, that no scheme has claimed."""
        sales = self.sales
        return np.flatnonzero(~self.claimed & (sales.ring < 0) & (sales.group < 0))

    def claim(self, at: Ints) -> Ints:
        """Make these sales a scheme's own; returns them."""
        self.claimed[at] = True
        return at

    def is_wrong(self, what: str, at: Ints) -> Ints:
        """Say what an inspection of these sales finds: value, name, hs_code, quantity, identity or other."""
        self.wrong.setdefault(what, []).append(at)
        return at

    def code(self, platform: int) -> str:
        """Code of a platform."""
        return self.cast.platforms[platform].code


class Scheme:
    """Hooks that do nothing; a scheme overrides those that it needs.

    `number` seeds its generator, for ever: no other scheme has it.
    """

    number: int

    def on_sales(self, rng: np.random.Generator, stage: Stage) -> None:
        """Sales are drawn (who bought what where, when, paid and sent how): change them, tell the truth."""

    def on_papers(self, rng: np.random.Generator, stage: Stage) -> None:
        """What each document says is drawn: change `stage.papers`."""

    def on_tables(self, renderer: Renderer, stage: Stage, tables: Tables, start: int, stop: int) -> None:
        """Documents of sales start..stop are text: change columns or add rows, in place."""

    def on_external(self, rng: np.random.Generator, renderer: Renderer, stage: Stage, tables: Tables) -> None:
        """External data is text: change columns or add rows, in place."""
