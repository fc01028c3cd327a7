"""Keys of persons: the same secret and the same normal form give the same key, and no key gives its value
back."""

import hashlib
import os
import secrets
from base64 import b32encode
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract.normal import NORMAL_FORMS
from loaders.errors import BadInputError, NotFoundError

SECRET_BYTES = 32
_DIGEST_BYTES = 20
_ALPHABET = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_WEIGHTS = np.array([16, 8, 4, 2, 1], dtype=np.uint8)

_NOTHING = (pa.array([], pa.string()), pa.array([], pa.string()))
_REMEMBERED = 2_000_000

# An address at building level is an address: the same key wherever the unit form is the building itself.
_PERSON = {"building": "address"}


def normalise(kind: str, raw: str) -> str:
    """Normal form of a raw value; kinds id, name, phone, address, building, account, bank."""
    try:
        return NORMAL_FORMS[kind]([raw])[0]
    except KeyError:
        raise NotFoundError(
            f"There is no kind of key named {kind!r}; the kinds are {', '.join(NORMAL_FORMS)}."
        ) from None


class Keys:
    """`base32(BLAKE2b-160(key = secret, person = "cg:" + kind, normal form))`, lower case, 32 characters."""

    def __init__(self, secret: bytes) -> None:
        """Raises BadInputError for a secret that is not of 32 bytes."""
        if len(secret) != SECRET_BYTES:
            raise BadInputError(f"The key must have {SECRET_BYTES} bytes, this one has {len(secret)}.")
        self._secret = secret
        self._remembered: dict[str, tuple[pa.Array, pa.Array]] = {}
        self.key_id = self._digest("key-id", "").hex()[:16]

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> "Keys":
        """Read the secret at `path`; made there on first use, readable by its owner alone.

        Two processes that make it at once agree on one. Raises NotFoundError where it is absent and `create`
        is False, BadInputError where the file holds something else.
        """
        if not path.exists():
            if not create:
                raise NotFoundError(f"There is no key at {path}; it is made by the first load.")
            _make(path)
        secret = path.read_bytes()
        if len(secret) != SECRET_BYTES:
            raise BadInputError(
                f"{path} is not a key: it must hold {SECRET_BYTES} bytes; restore it from your backup."
            )
        return cls(secret)

    def key(self, kind: str, normalised: str) -> str:
        """Key of a normal form."""
        return b32encode(self._digest(_PERSON.get(kind, kind), normalised)).decode().lower()

    def key_of(self, kind: str, raw: str) -> str:
        """Key of a raw value."""
        return self.key(kind, normalise(kind, raw))

    def column(self, kind: str, raw: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Keys of a column of raw values, as strings of the same length; null stays null, and so does what
        is blank.

        An id is given as `type:number`, an account as `ebpCode|buyerRegNo`. Distinct values are keyed once,
        and those of earlier calls are remembered.
        """
        encoded = raw.combine_chunks() if isinstance(raw, pa.ChunkedArray) else raw
        if not pa.types.is_dictionary(encoded.type):
            encoded = pc.dictionary_encode(encoded)
        return self._keyed(kind, encoded.dictionary).take(encoded.indices)

    def _keyed(self, kind: str, distinct: pa.Array) -> pa.Array:
        """Keys of distinct values: the remembered ones, and the new ones, which are remembered."""
        values, keys = self._remembered.get(kind, _NOTHING)
        # Looking up costs a pass over all that is remembered: not for a handful.
        if not len(values) or len(values) > 8 * len(distinct) + 1000:
            fresh = self._hashed(kind, distinct)
            if not len(values):
                self._remembered[kind] = (distinct, fresh)
            return fresh
        known = pc.index_in(distinct, value_set=values)
        unknown = distinct.filter(pc.is_null(known))
        if len(unknown):
            fresh = self._hashed(kind, unknown)
            values, keys = pa.concat_arrays([values, unknown]), pa.concat_arrays([keys, fresh])
            self._remembered[kind] = (values, keys) if len(values) <= _REMEMBERED else _NOTHING
            known = pc.index_in(distinct, value_set=values)
        return keys.take(known)

    def _hashed(self, kind: str, distinct: pa.Array) -> pa.Array:
        prototype = hashlib.blake2b(
            digest_size=_DIGEST_BYTES, key=self._secret, person=b"cg:" + _PERSON.get(kind, kind).encode()
        )
        forms = (
            NORMAL_FORMS[kind](["" if raw is None else raw for raw in distinct.to_pylist()])
            if len(distinct)
            else []
        )
        digests = []
        copy = prototype.copy
        for form in forms:
            hashed = copy()
            hashed.update(form.encode())
            digests.append(hashed.digest())
        keys = _base32(np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, _DIGEST_BYTES))
        if "" in forms:
            keys = pc.if_else(pa.array([form != "" for form in forms]), keys, pa.scalar(None, pa.string()))
        return keys

    def _digest(self, kind: str, normalised: str) -> bytes:
        return hashlib.blake2b(
            normalised.encode(), digest_size=_DIGEST_BYTES, key=self._secret, person=b"cg:" + kind.encode()
        ).digest()


def _base32(digests: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> pa.Array:
    """Digests (n × 20 bytes) → strings (n) of 32 letters; done at once, `base64` takes longer than the
    hash."""
    count = len(digests)
    bits = np.unpackbits(digests, axis=1).reshape(count, _DIGEST_BYTES * 8 // 5, 5)
    text = _ALPHABET[bits @ _WEIGHTS]
    width = text.shape[1]
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails where the name is taken: whoever is first has made the key, and the other reads it.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
