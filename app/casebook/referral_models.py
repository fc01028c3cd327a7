"""Tables about referrals: what the payment authority is asked to verify, and who exported it."""

from datetime import date

from sqlalchemy import Date, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

METHODS = ("sample", "all")


class Referral(Base):
    """Payments of one company and one period (both days included, Asia/Shanghai) that are to be verified.

    `population` counts the payments that could be asked about, `without_number` those of which no document
    gives a number. `strata` is canonical JSON: name → payments, asked. `argument` says why so many are asked.
    """

    __tablename__ = "referrals"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    company: Mapped[str] = mapped_column(String(18))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(10))
    half_width: Mapped[float | None] = mapped_column(Float)
    parameters: Mapped[str] = mapped_column(Text)
    population: Mapped[int] = mapped_column(Integer)
    without_number: Mapped[int] = mapped_column(Integer)
    asked: Mapped[int] = mapped_column(Integer)
    argument: Mapped[str] = mapped_column(Text)
    strata: Mapped[str] = mapped_column(Text)
    finding: Mapped[str | None] = mapped_column(String(32))
    ledger_version: Mapped[int] = mapped_column(Integer)
    due: Mapped[date] = mapped_column(Date)
    drawn_by: Mapped[str] = mapped_column(String(120))
    drawn_at: Mapped[str] = mapped_column(String(40))


class ReferralItem(Base):
    """One payment that is asked about: the sale that stands for it, and both its numbers.

    `pay_number` is what was pushed to customs (411), `clearing_number` what the clearing institution knows
    (179 data), with its kind in `ver_dept`. The account of the payee is not here: it stays in the ledger.
    """

    __tablename__ = "referral_items"
    referral: Mapped[str] = mapped_column(ForeignKey("referrals.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    sale: Mapped[str] = mapped_column(String(120))
    platform: Mapped[str] = mapped_column(String(18))
    pay_code: Mapped[str] = mapped_column(String(18))
    pay_number: Mapped[str | None] = mapped_column(String(60))
    clearing_number: Mapped[str | None] = mapped_column(String(60))
    ver_dept: Mapped[str | None] = mapped_column(String(10))
    amount: Mapped[str | None] = mapped_column(String(30))
    currency: Mapped[str | None] = mapped_column(String(10))
    paid_at: Mapped[str | None] = mapped_column(String(40))
    stratum: Mapped[str] = mapped_column(String(60))

    __table_args__ = (Index("ix_referral_items_pay_number", "pay_number"),)


class ReferralExport(Base):
    """Who exported a referral, when, and the SHA-256 of what went out; more than one row was asked for."""

    __tablename__ = "referral_exports"
    referral: Mapped[str] = mapped_column(ForeignKey("referrals.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    exported_by: Mapped[str] = mapped_column(String(120))
    exported_at: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
