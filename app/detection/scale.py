"""Volume against age and capital: who sells far more than peers as young and as small as it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import stats

from app.detection.significance import benjamini_hochberg

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ScaleParameters:
    """Every number that decides; they come from the rule's file."""

    minimum_sales: int  # of an enterprise in the window
    minimum_peers: int  # enterprises of a role that the register tells of
    relation: float  # probability below which volume is taken to grow with age or capital


@dataclass(frozen=True)
class Scale:
    """One enterprise against its peers; `young` and `small`: below the median of their age and capital."""

    enterprise: str
    sales: int
    age: int  # days
    capital_e5: int
    expected: float  # sales of a peer of that age and capital
    peers_age: int
    peers_capital_e5: int
    young: bool
    small: bool
    p: float
    q: float


@dataclass(frozen=True)
class _Fit:
    """Coefficients (constant, age, capital; 0 where volume does not grow with it), spread of a peer about
    the line, and what each enterprise's own place on the line adds to it (leverage)."""

    coefficients: Floats
    spread: float
    leverage: Floats


def scales(table: pa.Table, parameters: ScaleParameters) -> list[Scale]:
    """Enterprises of one role against the line of its peers; nobody where there are too few of them, or
    where their volume grows neither with age nor with capital: nothing is then out of line with these.

    `table`: enterprise, sales, age (days, null where unknown), capital (CNY decimal, null where unknown). A
    line of log sales on log age and log capital, by least squares without those that stand out (more than
    2.5 spreads; anew until nobody joins or leaves), the spread by median absolute deviation, or by the
    ninth decile where that is wider above the line. P of a residual is Student's t; Benjamini-Hochberg over
    all.
    """
    rows = [
        row
        for row in table.to_pylist()
        if row["age"] is not None
        and row["capital"] is not None
        and row["capital"] > 0
        and row["sales"] >= parameters.minimum_sales
    ]
    if len(rows) < parameters.minimum_peers:
        return []
    age = np.array([max(row["age"], 1) for row in rows], dtype=np.float64)
    capital = np.array([float(row["capital"]) for row in rows])
    volume = np.log(np.array([row["sales"] for row in rows], dtype=np.float64))
    design = np.column_stack([np.ones(len(rows)), np.log(age), np.log(capital)])
    fit = _fit(design, volume, parameters.relation)
    if fit is None:
        return []
    line = design @ fit.coefficients
    z = (volume - line) / (fit.spread * np.sqrt(1.0 + fit.leverage))
    p = stats.t.sf(z, len(rows) - 3)
    q = benjamini_hochberg(p)
    return [
        Scale(
            enterprise=row["enterprise"],
            sales=row["sales"],
            age=row["age"],
            capital_e5=int(row["capital"] * 100_000),
            expected=float(np.exp(line[at])),
            peers_age=round(float(np.median(age))),
            peers_capital_e5=round(float(np.median(capital)) * 100_000),
            young=bool(age[at] < np.median(age)),
            small=bool(capital[at] < np.median(capital)),
            p=float(p[at]),
            q=float(q[at]),
        )
        for at, row in enumerate(rows)
    ]


def _fit(
    design: Floats, volume: Floats, relation: float, *, apart: float = 2.5, rounds: int = 50
) -> _Fit | None:
    """The line of the peers; None where volume grows with nothing."""
    columns = [0, 1, 2]
    while len(columns) > 1:
        kept = np.ones(len(volume), dtype=np.bool_)
        for _ in range(rounds):
            own = _least_squares(design[kept][:, columns], volume[kept])
            residual = volume - design[:, columns] @ own
            spread = _spread(residual - np.median(residual))
            fits = residual <= apart * spread
            if (fits == kept).all():
                break
            kept = fits
        inverse = np.linalg.pinv(design[kept][:, columns].T @ design[kept][:, columns])
        # How surely volume grows with each: t of its coefficient.
        with np.errstate(divide="ignore", invalid="ignore"):
            t = own / (spread * np.sqrt(np.diag(inverse)))
        grows = stats.t.sf(t, max(int(kept.sum()) - len(columns), 1)) <= relation
        weak = [column for at, column in enumerate(columns) if column and not grows[at]]
        if not weak:
            coefficients = np.zeros(3)
            coefficients[columns] = own
            some = design[:, columns]
            return _Fit(coefficients, spread, np.einsum("ij,jk,ik->i", some, inverse, some))
        worst = min(weak, key=lambda column: t[columns.index(column)])
        columns.remove(worst)
    return None


def _least_squares(design: Floats, volume: Floats) -> Floats:
    solution, *_ = np.linalg.lstsq(design, volume, rcond=None)
    return np.asarray(solution, dtype=np.float64)


def _spread(residual: Floats) -> float:
    """Standard deviation of a normal variable with this MAD, or with this ninth decile if that is wider."""
    mad = float(np.median(np.abs(residual))) * 1.4826
    decile = float(np.quantile(residual, 0.9)) / 1.2816
    return max(mad, decile, 1e-6)
