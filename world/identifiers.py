"""Numbers of people and enterprises that pass their own checks but belong to nobody."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]

_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
# Two-digit provinces that GB/T 2260 never gave out: a number of a world is nobody's number.
_NO_PROVINCE = np.array(
    [16, 17, 18, 19, 24, 25, 26, 27, 28, 29, 38, 39, 47, 48, 49, 55, 56, 57, 58, 59, 66, 67, 68, 69]
)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BASE34 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def fixed_text(codes: npt.NDArray[np.uint8]) -> pa.Array:
    """An (n, width) array of ASCII bytes as n strings."""
    n, width = codes.shape
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(codes)))


def digits(values: Ints, width: int) -> pa.Array:
    """Whole numbers as decimal text of exactly `width` digits, zeros in front, higher digits cut."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return fixed_text(((values[:, None] // powers) % 10 + 48).astype(np.uint8))


def identity_numbers(rng: np.random.Generator, n: int) -> pa.Array:
    """n different identity numbers (GB 11643): unused district, date of birth, serial, check digit."""
    province = rng.choice(_NO_PROVINCE, n)
    born = np.datetime64("1955-01-01") + rng.integers(0, 18_200, n)
    years = born.astype("datetime64[Y]").astype(np.int64) + 1970
    months = born.astype("datetime64[M]").astype(np.int64) % 12 + 1
    days = (born - born.astype("datetime64[M]")).astype(np.int64) + 1
    # The running index fills district and serial (4 + 3 digits), so no two numbers are the same.
    serial = (np.arange(n, dtype=np.int64) * 6_367 + 4_211) % 10_000_000
    number = ((province * 10_000 + serial // 1_000) * 10_000 + years) * 10_000_000
    number += (months * 100 + days) * 1_000 + serial % 1_000
    powers = 10 ** np.arange(16, -1, -1, dtype=np.int64)
    figures = (number[:, None] // powers) % 10
    check = _ID_CHECK[(figures * _ID_WEIGHTS).sum(axis=1) % 11]
    return fixed_text(np.column_stack([(figures + 48).astype(np.uint8), check]))


def phones(rng: np.random.Generator, n: int, start: int = 0) -> pa.Array:
    """n different mobile numbers; `start` keeps two calls apart."""
    prefix = rng.choice(
        np.array([133, 135, 136, 137, 138, 139, 150, 152, 158, 159, 176, 180, 186, 187, 188]), n
    )
    serial = ((np.arange(n, dtype=np.int64) + start) * 41_999_999 + 17_171_717) % 100_000_000
    return digits(prefix * 100_000_000 + serial, 11)


def customs_codes(rng: np.random.Generator, n: int, zone: str = "96") -> list[str]:
    """n different customs enterprise codes: district, zone type and ownership, serial; letters occur."""
    districts = (
        "4401",
        "4403",
        "4404",
        "4419",
        "3302",
        "3301",
        "4101",
        "3101",
        "1201",
        "5001",
        "3702",
        "4201",
    )
    picked = rng.integers(0, len(districts), n)
    serials = rng.permutation(34**3)[:n]
    letters = [_BASE34[s // 1156] + _BASE34[s // 34 % 34] + _BASE34[s % 34] for s in serials]
    return [
        f"{districts[d]}{zone}{i % 10}{tail}" for i, (d, tail) in enumerate(zip(picked, letters, strict=True))
    ]


def social_credit_codes(rng: np.random.Generator, n: int) -> list[str]:
    """n unified social credit codes (GB 32100) with right check characters, in districts nobody has."""
    weights = [pow(3, i, 31) for i in range(17)]
    out = []
    for row in rng.integers(0, 31, (n, 9)):
        body = f"91{rng.choice(_NO_PROVINCE)}{rng.integers(0, 10_000):04d}" + "".join(_USCC[v] for v in row)
        total = sum(_USCC.index(c) * w for c, w in zip(body, weights, strict=True))
        out.append(body + _USCC[(31 - total % 31) % 31])
    return out


def join(*parts: pa.Array | str) -> pa.Array:
    """Text put together row by row; a null anywhere makes the row null."""
    return pc.binary_join_element_wise(*parts, "")
