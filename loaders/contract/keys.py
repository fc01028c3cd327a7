"""Keys of persons: the same secret and the same normal form give the same key, and no key gives its value back."""

import hashlib
import os
import secrets
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

# An address at building level is an address: the same key wherever the unit form is the building itself.
_PERSON = {"building": "address"}


def normalise(kind: str, raw: str) -> str:
    """Normal form of a raw value; kinds id, name, phone, address, building, account, bank."""
    try:
        return NORMAL_FORMS[kind](raw)
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
        self.key_id = self._digest("key-id", "").hex()[:16]

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> "Keys":
        """Read the secret at `path`; made there on first use, readable by its owner alone.

        Two processes that make it at once agree on one. Raises NotFoundError where it is absent and `create` is
        False, BadInputError where the file holds something else.
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
        digest = self._digest(_PERSON.get(kind, kind), normalised)
        return _base32(np.frombuffer(digest, dtype=np.uint8).reshape(1, -1))[0].as_py()  # type: ignore[no-any-return]

    def key_of(self, kind: str, raw: str) -> str:
        """Key of a raw value."""
        return self.key(kind, normalise(kind, raw))

    def column(self, kind: str, raw: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Keys of a column of raw values, as strings of the same length; null stays null.

        An id is given as `type:number`, an account as `ebpCode|buyerRegNo`. Distinct values are keyed once.
        """
        encoded = raw.combine_chunks() if isinstance(raw, pa.ChunkedArray) else raw
        if not pa.types.is_dictionary(encoded.type):
            encoded = pc.dictionary_encode(encoded)
        return self._keyed(kind, encoded.dictionary).take(encoded.indices)

    def _keyed(self, kind: str, distinct: pa.Array) -> pa.Array:
        form = NORMAL_FORMS[kind]
        prototype = hashlib.blake2b(
            digest_size=_DIGEST_BYTES, key=self._secret, person=b"cg:" + _PERSON.get(kind, kind).encode()
        )
        digests = bytearray()
        copy = prototype.copy
        for raw in distinct.to_pylist():
            hashed = copy()
            hashed.update(form(raw).encode() if raw is not None else b"")
            digests += hashed.digest()
        return _base32(np.frombuffer(digests, dtype=np.uint8).reshape(-1, _DIGEST_BYTES))

    def _digest(self, kind: str, normalised: str) -> bytes:
        return hashlib.blake2b(
            normalised.encode(), digest_size=_DIGEST_BYTES, key=self._secret, person=b"cg:" + kind.encode()
        ).digest()


def _base32(digests: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> pa.Array:
    """Digests (n × 20 bytes) → strings (n) of 32 letters; done at once, `base64` takes longer than the hash."""
    count = len(digests)
    bits = np.unpackbits(digests, axis=1).reshape(count, -1, 5)
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
