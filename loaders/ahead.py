"""Making the next ones while one is at work."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(source: Iterable[T], depth: int = 1) -> Iterator[T]:
    """The same items in the same order; up to `depth` are made in a thread of their own before they are asked
    for. None ends them."""
    items = iter(source)
    with ThreadPoolExecutor(1) as thread:
        coming = deque(thread.submit(next, items, None) for _ in range(depth))
        while (item := coming.popleft().result()) is not None:
            coming.append(thread.submit(next, items, None))
            yield item
