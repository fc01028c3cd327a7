"""What the API says of documents that were posted."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Refused(BaseModel):
    """Something of a body that was not accepted; values are never repeated."""

    kind: str | None = Field(description="Table that it would have gone to.", examples=["orders"])
    position: int | None = Field(
        description="Which document of the body, from 1 on; null: the body itself.", examples=[2]
    )
    field: str | None = Field(description="The field that is wrong.", examples=["orderNo"])
    reason: str = Field(description="What is wrong.", examples=["orderNo is missing"])


class Load(BaseModel):
    """What became of a body: it waits, is loaded, or was refused as a whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _ID,
                    "state": "loaded",
                    "received": "2024-06-30T08:00:00+00:00",
                    "loaded": "2024-06-30T08:00:02+00:00",
                    "load": 12,
                    "new": {"orders": 1, "order_items": 2},
                    "known": 0,
                    "refused": [],
                    "reason": None,
                }
            ]
        }
    )

    id: str = Field(description="SHA-256 of the body; the same body has the same.")
    state: Literal["waiting", "loaded", "refused"] = Field(
        description="`refused`: nothing of it was accepted."
    )
    received: datetime | None = Field(description="When it came.")
    loaded: datetime | None = Field(description="When it was loaded.")
    load: int | None = Field(description="The load that holds it; null while it waits.")
    new: dict[str, int] = Field(description="New rows by table.")
    known: int = Field(description="Rows that the ledger had before.")
    refused: list[Refused] = Field(description="What was not accepted.")
    reason: str | None = Field(description="Why it was refused as a whole, or that it came before.")
