"""Replies of the payment authority: the share of payments that it refutes, against what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.detection.peers import Peers, fit_peers
from app.detection.significance import benjamini_hochberg, jeffreys
from app.detection.stratified import Stratum, estimate

LEVEL = 0.95
"""Of every interval of a share of replies."""

Counts = tuple[int, int]
"""Payments with a reply, and those of them that are refuted."""


@dataclass(frozen=True)
class ReplyParameters:
    """Every number that decides; they come from the rule's file."""

    minimum_replies: int  # payments with a reply, below which a subject is not judged
    minimum_refuted: int  # of them refuted
    minimum_peers: int  # platforms with replies, below which `mistakes` is taken as usual
    mistakes: float  # share of replies that mistakes of honest subjects explain at most
    minimum_lift: float  # lower end of the share's interval over the usual share
    level: float  # false discovery rate over all judged subjects of a role


@dataclass(frozen=True)
class Replies:
    """One subject: payments that the authority spoke about, and the refuted share of all its payments.

    `low`, `high`: 95 % interval of the share. `usual`, `p` and `q` are None below the least number of
    replies.
    """

    replies: int
    refuted: int
    share: float
    low: float
    high: float
    usual: float | None = None
    p: float | None = None
    q: float | None = None


def interval(refuted: int, replies: int) -> tuple[float, float]:
    """95 % interval of a share of replies (Jeffreys); (0, 1) where there are none."""
    low, high = jeffreys(refuted, replies, level=LEVEL)
    return float(low), float(high)


def usual_share(platforms: Mapping[str, Counts], parameters: ReplyParameters) -> Peers:
    """What replies about platforms usually show: fitted without those who stand out, at most `mistakes`.

    An office asks where it suspects, and most of those whom it asked about may be guilty. Mistakes are made
    payment by payment: platforms with one reply each, some of them guilty, are no spread of honest ones.
    """
    counts = [platforms[platform] for platform in sorted(platforms)]
    if len(counts) < parameters.minimum_peers:
        return Peers(parameters.mistakes, 0.0)
    fitted = fit_peers(
        np.array([refuted for _, refuted in counts], dtype=np.int64),
        np.array([replies for replies, _ in counts], dtype=np.int64),
    )
    return Peers(min(fitted.share, parameters.mistakes), 0.0)


def judge_platforms(platforms: Mapping[str, Counts], parameters: ReplyParameters) -> dict[str, Replies]:
    """Every platform with a reply against its peers; q is over those with the least number of replies."""
    peers = usual_share(platforms, parameters)
    results, p = {}, {}
    for platform in sorted(platforms):
        replies, refuted = platforms[platform]
        results[platform] = Replies(replies, refuted, refuted / replies, *interval(refuted, replies))
        if replies >= parameters.minimum_replies:
            p[platform] = float(peers.tail(np.array([refuted]), np.array([replies]))[0])
    return _with_q(results, p, peers.share)


def judge_companies(
    replies: Mapping[str, Mapping[str, Counts]],
    sales: Mapping[str, Mapping[str, int]],
    usual: float,
    parameters: ReplyParameters,
) -> dict[str, Replies]:
    """Every company with a reply: the refuted share of all that it settles, against the usual share.

    `replies`: company → platform → counts; `sales`: company → platform → sales of the window that it settled.
    Each platform weighs what it is of the company's business, and those that nobody was asked about count
    as usual: else a wallet would answer for the few platforms that forge in its name, about which
    the authority is asked most.
    """
    results, p = {}, {}
    for company in sorted(replies):
        told, settled = replies[company], sales.get(company, {})
        strata = [
            Stratum(max(settled.get(platform, 0), told.get(platform, (0, 0))[0]), *told.get(platform, (0, 0)))
            for platform in sorted(settled.keys() | told.keys())
        ]
        found = estimate(strata, level=LEVEL)
        rest = (1.0 - found.covered) * usual
        share, low, high = (
            found.covered * value + rest for value in (found.share or 0.0, found.low, found.high)
        )
        many, refuted = sum(one.answered for one in strata), sum(one.refuted for one in strata)
        results[company] = Replies(many, refuted, share, low, high)
        if many >= parameters.minimum_replies:
            p[company] = found.tail(usual)
    return _with_q(results, p, usual)


def _with_q(results: dict[str, Replies], p: dict[str, float], usual: float) -> dict[str, Replies]:
    q = dict(zip(p, benjamini_hochberg(list(p.values())).tolist(), strict=True))
    for subject, value in p.items():
        one = results[subject]
        results[subject] = Replies(
            one.replies, one.refuted, one.share, one.low, one.high, usual, value, q[subject]
        )
    return results
