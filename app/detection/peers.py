"""Shares against peers, and one cause for one finding.

A share of differing sales is compared with what the peers of the same role show: a beta-binomial, fitted
without those who stand out, so that honest peers may themselves differ. A sale that one subject explains is
taken from all others before they are judged again: the merchants of a bad platform, and the platforms of a
bad merchant, are then judged on what is left.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special, stats

from app.detection.significance import benjamini_hochberg, jeffreys

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PeerParameters:
    """Every number that decides; they come from the rule's file."""

    minimum_sales: int  # judgeable sales, below which a subject is not judged
    minimum_differing: int  # of them differing
    minimum_peers: int  # candidates of a role, below which none of them is judged
    minimum_lift: float  # lower end of the share's interval over the peers' share
    level: float  # false discovery rate over all candidates of a role

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "PeerParameters":
        """From the parameters of a rule."""
        return cls(**{name: values[name] for name in cls.__dataclass_fields__})


_APART, _ALONE, _ROUNDS = 1e-2, 1.0, 50
_SURE = 1.645  # normal deviate that chance exceeds one time in twenty
_LEAST, _HALVINGS = 1e-9, 20  # the share is sought from here to 1, to a ten-thousandth of itself

PREFERENCE = 0.05
"""Two subjects explain the same sales where what they explain differs by less than this share."""


@dataclass(frozen=True)
class Peers:
    """What peers of one role show: mean share and dispersion (intra-class correlation) of a beta-binomial."""

    share: float
    dispersion: float

    def tail(self, differing: Ints, judgeable: Ints) -> Floats:
        """P(X ≥ differing) for each subject if it were one of these peers."""
        if self.share <= 0.0:
            return np.where(differing > 0, 0.0, 1.0)
        if self.dispersion <= 0.0:
            return np.asarray(stats.binom.sf(differing - 1, judgeable, self.share), dtype=np.float64)
        total = 1.0 / self.dispersion - 1.0
        a, b = self.share * total, (1.0 - self.share) * total
        return np.asarray(stats.betabinom.sf(differing - 1, judgeable, a, b), dtype=np.float64)


@dataclass(frozen=True)
class Verdict:
    """One subject against its peers, on the sales that no other subject explains."""

    judgeable: int
    differing: int
    low: float  # lower end of the 95 % interval of its share (Jeffreys)
    peers_share: float
    p: float
    q: float
    found: bool


@dataclass(frozen=True)
class Cells:
    """Counts of the sales that the same platform, merchant and agent made together (length C).

    `owner[r]` numbers, for role r, the subject that each cell belongs to (-1: none); roles are in the order
    in which a subject is preferred where two explain the very same sales. `shared` names roles that serve
    everybody, as carriers do: what one of them shows is what its partners (of the first role) show without
    those who stand out among them, so that a few bad partners are not its doing.
    """

    judgeable: Ints
    differing: Ints
    owner: list[Ints]
    subjects: list[int]  # how many subjects each role has
    shared: frozenset[int] = field(default=frozenset())

    @classmethod
    def of(
        cls, table: pa.Table, roles: Sequence[Sequence[Hashable | None]], shared: Collection[int] = ()
    ) -> tuple["Cells", list[list[Any]]]:
        """Cells of a table (columns judgeable and differing, C rows) and the names of each role's subjects by
        number; `roles` are the subject of each row, role by role (None: nobody)."""
        names = [sorted({name for name in role if name is not None}) for role in roles]  # type: ignore[type-var]
        numbers = [{name: number for number, name in enumerate(distinct)} for distinct in names]
        cells = cls(
            judgeable=table["judgeable"].to_numpy().astype(np.int64),
            differing=table["differing"].to_numpy().astype(np.int64),
            owner=[
                np.array([number.get(name, -1) for name in role], dtype=np.int64)
                for number, role in zip(numbers, roles, strict=True)
            ],
            subjects=[len(distinct) for distinct in names],
            shared=frozenset(shared),
        )
        return cells, names


def alone(judgeable: Sequence[int], differing: Sequence[int]) -> Cells:
    """Cells of subjects of one role that have no sale in common: a cell each."""
    return Cells(
        judgeable=np.array(judgeable, dtype=np.int64),
        differing=np.array(differing, dtype=np.int64),
        owner=[np.arange(len(judgeable), dtype=np.int64)],
        subjects=[len(judgeable)],
    )


def fit_peers(differing: Ints, judgeable: Ints) -> Peers:
    """Peers' share and dispersion by moments, without those that the rest makes improbable (P < 0.01).

    Nobody stands out by one alone: where most have one or two judgeable each, one differing is all that
    chance can show. No subject at all gives a share of 0.
    """
    some = judgeable > 0
    if not some.any():
        return Peers(0.0, 0.0)
    n, x = judgeable[some].astype(np.float64), differing[some].astype(np.float64)
    kept, share = _alike(differing[some], judgeable[some])
    # One alone, where hardly anything was judgeable, counts for the share and says nothing of a spread.
    kept &= (x > _ALONE) | (Peers(share, 0.0).tail(differing[some], judgeable[some]) >= _APART)
    return Peers(share, _dispersion(x[kept], n[kept], share))


def _alike(differing: Ints, judgeable: Ints) -> tuple[Bools, float]:
    """Who does not stand out, and the share that they have together; all have something judgeable."""
    n, x = judgeable.astype(np.float64), differing.astype(np.float64)
    share = _middle(differing, judgeable)
    kept = np.zeros(len(n), dtype=np.bool_)
    for _ in range(_ROUNDS):
        # Their dispersion is left out here: who stands out would hide behind his own spread.
        tail = Peers(share, 0.0).tail(differing, judgeable)
        fits = (tail >= _APART) | (x <= np.maximum(3.0 * share * n, _ALONE))
        if (fits == kept).all():
            break
        kept = fits
        share = float((x[kept].sum() + 0.5) / (n[kept].sum() + 1.0))
    return kept, share


def _middle(differing: Ints, judgeable: Ints) -> float:
    """The share by which subjects stand, on average, in the middle of what chance gives each.

    Solves mean(P(X < x) + P(X = x) / 2) = 1/2 for X binomial: no subject weighs more than another, however
    large and guilty it is; and where most have nothing differing, as where it is rare, those who have some
    count as they should (a median would be 0, and make them stand out).
    """
    some = differing > 0
    low, high = np.log(_LEAST), 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        share = float(np.exp(middle))
        less = np.where(some, special.bdtr(np.maximum(differing - 1.0, 0.0), judgeable, share), 0.0)
        standing = float((less + special.bdtr(differing.astype(np.float64), judgeable, share)).mean()) / 2.0
        low, high = (middle, high) if standing > 0.5 else (low, middle)
    return float(np.exp(low))


def _dispersion(x: Floats, n: Floats, share: float) -> float:
    """Intra-class correlation by moments (Kleinman 1973), 0 where chance alone may have spread them so.

    By chance the spread has the variance of a sum of squared binomial deviations: where differences are rare
    a single one in a small subject weighs much, and shows no habit of its peers.
    """
    chance = share * (1.0 - share)
    degrees = n.size - 1.0
    inflation = float(n.sum() - (n**2).sum() / n.sum()) - degrees
    if inflation <= 0.0 or chance <= 0.0:
        return 0.0
    excess = float((n * (x / n - share) ** 2).sum()) / chance - degrees
    usual = float(np.sqrt((2.0 + (1.0 - 6.0 * chance) / (n * chance)).sum()))
    return min(excess / inflation, 0.5) if excess > _SURE * usual else 0.0


def judge(cells: Cells, parameters: PeerParameters) -> tuple[list[dict[int, Verdict]], list[Ints]]:
    """Every candidate of every role against its peers, one cause for one finding.

    Again and again the subject that explains most (log-likelihood ratio against its peers) among those that
    are significant is found, and its sales are taken from all the others; who is left at the end is judged
    on what is left. Returns, a role, the verdict of each candidate (subject → verdict), and the cells that
    each found subject explains as owner numbers (length C a role, -1: not explained by that role).
    """
    left = np.ones(len(cells.judgeable), dtype=np.bool_)
    explained = [np.full(len(left), -1, dtype=np.int64) for _ in cells.owner]
    verdicts: list[dict[int, Verdict]] = [{} for _ in cells.owner]
    candidates = [
        np.flatnonzero(_sums(cells, role, cells.judgeable, left) >= parameters.minimum_sales)
        for role in range(len(cells.owner))
    ]
    candidates = [some if some.size >= parameters.minimum_peers else some[:0] for some in candidates]
    while True:
        state = [
            _judge_role(cells, role, left, candidates[role], verdicts[role])
            for role in range(len(cells.owner))
        ]
        # One yardstick for all roles: subjects that made the very same sales then explain equally much.
        usual = max((float(part["peers"][0]) for part in state if part["peers"].size), default=0.0)
        best: tuple[float, int, int] | None = None
        for role, part in enumerate(state):
            gain = np.where(_significant(part, parameters), _gain(part["x"], part["n"], usual), 0.0)
            index = int(np.argmax(gain)) if gain.size else 0
            # Where two explain the same sales, the earlier role is named.
            if gain.size and gain[index] > (best[0] * (1.0 + PREFERENCE) if best else 0.0):
                best = (float(gain[index]), role, index)
        if best is None:
            break
        _, role, index = best
        subject = int(candidates[role][index])
        verdicts[role][subject] = _verdict(state[role], index, found=True)
        mine = state[role]["left"] & (cells.owner[role] == subject)
        explained[role][mine] = subject
        left &= ~mine
    for role, part in enumerate(state):
        for index in np.flatnonzero(part["x"] > 0).tolist():
            subject = int(candidates[role][index])
            if subject not in verdicts[role]:
                verdicts[role][subject] = _verdict(part, index, found=False)
    return verdicts, explained


def _judge_role(
    cells: Cells,
    role: int,
    left: Bools,
    candidates: Ints,
    found: Mapping[int, Verdict],
) -> dict[str, Any]:
    if role in cells.shared:
        left = left & ~_standing_out(cells, role, left, candidates)
    n = _sums(cells, role, cells.judgeable, left)
    x = _sums(cells, role, cells.differing, left)
    peers = fit_peers(x, n)
    n, x = n[candidates], x[candidates]
    low, _ = jeffreys(x, n, level=0.95)
    p = peers.tail(x, n)
    for index, subject in enumerate(candidates.tolist()):
        if subject in found:  # its sales are explained; it still is one of the discoveries
            p[index] = found[subject].p
    return {
        "n": n,
        "x": x,
        "p": p,
        "q": benjamini_hochberg(p),
        "low": np.where(n > 0, low, 0.0),
        "peers": np.full(len(n), peers.share),
        "left": left,
    }


def _standing_out(cells: Cells, role: int, left: Bools, candidates: Ints) -> Bools:
    """Cells of partners who stand out among those of one subject of a shared role."""
    out = np.zeros(len(left), dtype=np.bool_)
    partners = cells.owner[0]
    for subject in candidates.tolist():
        mine = np.flatnonzero(left & (cells.owner[role] == subject) & (partners >= 0))
        names, partner = np.unique(partners[mine], return_inverse=True)
        n = np.bincount(partner, weights=cells.judgeable[mine], minlength=len(names)).astype(np.int64)
        x = np.bincount(partner, weights=cells.differing[mine], minlength=len(names)).astype(np.int64)
        some = np.flatnonzero(n > 0)
        if x.any():
            alike, _ = _alike(x[some], n[some])
            out[mine[np.isin(partner, some[~alike])]] = True
    return out


def _significant(part: dict[str, Any], parameters: PeerParameters) -> Bools:
    return np.asarray(
        (part["q"] <= parameters.level)
        & (part["n"] >= parameters.minimum_sales)
        & (part["x"] >= parameters.minimum_differing)
        & (part["low"] >= parameters.minimum_lift * part["peers"]),
        dtype=np.bool_,
    )


def _gain(x: Ints, n: Ints, share: float) -> Floats:
    """Log-likelihood ratio of each subject's own share against the peers', 0 where it is not above them."""
    own = x / np.maximum(n, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        hits = np.where(x > 0, x * np.log(own / max(share, 1e-12)), 0.0)
        misses = np.where(n > x, (n - x) * np.log((1.0 - own) / (1.0 - share)), 0.0)
    return np.asarray(np.where(own > share, hits + misses, 0.0), dtype=np.float64)


def _sums(cells: Cells, role: int, values: Ints, left: Bools) -> Ints:
    owner = cells.owner[role]
    mine = left & (owner >= 0)
    sums = np.bincount(owner[mine], weights=values[mine], minlength=cells.subjects[role])
    return np.asarray(np.rint(sums), dtype=np.int64)


def _verdict(part: dict[str, Any], index: int, *, found: bool) -> Verdict:
    return Verdict(
        judgeable=int(part["n"][index]),
        differing=int(part["x"][index]),
        low=float(part["low"][index]),
        peers_share=float(part["peers"][index]),
        p=float(part["p"][index]),
        q=float(part["q"][index]),
        found=found,
    )
