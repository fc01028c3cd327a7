"""Signatures of webhooks, and who may be told: Standard Webhooks 1.0.0 (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from app.errors import NotFoundError
from app.outbox.http import Address

PREFIX: Final = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A secret in the form in which it is shown once: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, identity: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`: the HMAC-SHA256 of
    `id.timestamp.body`, keyed with the secret's bytes, in base64 after `v1,`."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    text = f"{identity}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": identity,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature}",
    }


def keep_secret(folder: Path, webhook: str, secret: str) -> None:
    """Keep a secret in a new file of the folder, readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = os.open(folder / webhook, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="ascii") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())


def secret_of(folder: Path, webhook: str) -> str:
    """The secret of a webhook; raises NotFoundError where this machine has none."""
    try:
        return (folder / webhook).read_text("ascii").strip()
    except OSError:
        raise NotFoundError(
            f"The secret of {webhook} is not in this data folder: it was added with another."
        ) from None


def forget_secret(folder: Path, webhook: str) -> None:
    """Delete the secret of a webhook."""
    with suppress(FileNotFoundError):
        (folder / webhook).unlink()


def may_be_told(loopback: bool) -> Callable[[Address], bool]:
    """Which machines webhooks go to: public and private networks, this machine only where `loopback`.

    Receivers of an office stand in its own network; what listens on loopback trusts this machine, and
    link-local addresses lead to the secrets of clouds: a subscription must reach neither.
    """

    def allowed(address: Address) -> bool:
        if address.is_loopback:
            return loopback
        return not (
            address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
        )

    return allowed
