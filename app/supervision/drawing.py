"""The draw of a sale: blind, seeded, and the same whenever and wherever it is drawn again."""

from datetime import date
from hashlib import blake2b

from loaders.contract.keys import Keys


def share_of(seed: str, day: date, sale_id: str) -> float:
    """Where in [0, 1) a sale falls on a day: evenly spread over sales, days and seeds.

    The first 53 bits, which a float holds exactly, of BLAKE2b over the three, each with its length, so that
    no two triples are one text.
    """
    parts = (seed.encode(), day.isoformat().encode(), sale_id.encode())
    text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    digest = blake2b(text, digest_size=8, person=b"cg:draw").digest()
    return float(int.from_bytes(digest, "big") >> 11) / float(1 << 53)


def office_seed(keys: Keys) -> str:
    """The seed of an office, made from its secret key: it stays the same, and nobody else can draw ahead."""
    return keys.key("draw", "")
