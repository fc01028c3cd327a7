"""Reading and conforming in one step, and small files to read."""

import io
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sample_rows
from sample_rows import GUID, KEYS

from loaders.contract import SourceFile, conform
from loaders.sources import Limits, read

STANDARDS = Path(__file__).parents[4] / "shared" / "standards"
NAMESPACE = 'xmlns="http://www.chinaport.gov.cn/ceb"'

PAYMENT = sample_rows.PAYMENT | {"payerIdType": "1"}
ENVELOPE = {"guid": GUID, "appType": "1", "appTime": "20240301080000", "appStatus": "2"}


@dataclass
class Done:
    """Everything that came out of a reading."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    files: list[SourceFile] = field(default_factory=list)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return self.tables.get(kind, [])

    def reasons(self) -> list[str]:
        return [reject["reason"] for reject in self.rejects]


def load(
    paths: Sequence[str | Path], *, limits: Limits | None = None, max_rows: int = 1000, workers: int = 1
) -> Done:
    done = Done()
    for batch in read(paths, limits=limits, max_rows=max_rows, workers=workers):
        for source in batch.files:
            assert source.open().read() is not None, "the original is at hand while its batch is"
        conformed = conform(batch, KEYS)
        for kind, table in conformed.tables.items():
            done.tables.setdefault(kind, []).extend(table.to_pylist())
        done.rejects += conformed.rejects.to_pylist()
        done.files += batch.files
    return done


def csv_of(rows: Sequence[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    return "\n".join(lines) + "\n"


def elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def payment_message(*payments: dict[str, str], sender: str = "<copCode>C1</copCode><dxpId>D1</dxpId>") -> str:
    documents = "".join(
        f"<Payment><PaymentHead>{elements(ENVELOPE | p)}</PaymentHead></Payment>" for p in payments
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><CEB411Message guid="{GUID}" version="1.0" {NAMESPACE}>'
        f"{documents}<BaseTransfer>{sender}</BaseTransfer></CEB411Message>"
    )


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()
