"""Replies of the payment authority: the share of payments that it refutes, against peers."""

from dataclasses import dataclass

import numpy as np

from app.detection.peers import Ints, Peers, fit_peers
from app.detection.significance import benjamini_hochberg, jeffreys

LEVEL = 0.95
"""Of every interval of a share of replies."""


@dataclass(frozen=True)
class ReplyParameters:
    """Every number that decides; they come from the rule's file."""

    minimum_replies: int  # payments with a reply, below which a subject is not judged
    minimum_refuted: int  # of them refuted
    minimum_peers: int  # subjects of a role with replies, below which `mistakes` stands for the peers
    mistakes: float  # share of replies that mistakes of honest subjects explain at most
    minimum_lift: float  # lower end of the share's interval over the usual share
    level: float  # false discovery rate over all judged subjects of a role


@dataclass(frozen=True)
class Replies:
    """One subject: payments that the authority spoke about, how many it refutes, and how usual that is.

    `low`, `high`: 95 % interval of the refuted share (Jeffreys). `usual`, `p` and `q` are None below the
    least number of replies.
    """

    replies: int
    refuted: int
    low: float
    high: float
    usual: float | None = None
    p: float | None = None
    q: float | None = None


def interval(refuted: int, replies: int) -> tuple[float, float]:
    """95 % interval of a share of replies (Jeffreys); (0, 1) where there are none."""
    low, high = jeffreys(refuted, replies, level=LEVEL)
    return float(low), float(high)


def judge_replies(counts: dict[str, tuple[int, int]], parameters: ReplyParameters) -> dict[str, Replies]:
    """Every subject of one role (subject → replies, refuted) against its peers.

    What peers show is fitted without those who stand out, and is never taken for more than `mistakes`: an
    office asks where it suspects, and most of those whom it asked about may be guilty. q is over all subjects
    with the least number of replies.
    """
    subjects = sorted(counts)
    replies = np.array([counts[subject][0] for subject in subjects], dtype=np.int64)
    refuted = np.array([counts[subject][1] for subject in subjects], dtype=np.int64)
    judged = np.flatnonzero(replies >= parameters.minimum_replies)
    peers = _peers(replies, refuted, parameters)
    p = peers.tail(refuted[judged], replies[judged])
    tested = dict(
        zip(judged.tolist(), zip(p.tolist(), benjamini_hochberg(p).tolist(), strict=True), strict=True)
    )
    results = {}
    for place, subject in enumerate(subjects):
        k, n = int(refuted[place]), int(replies[place])
        result = Replies(n, k, *interval(k, n))
        if place in tested:
            result = Replies(n, k, result.low, result.high, peers.share, *tested[place])
        results[subject] = result
    return results


def _peers(replies: Ints, refuted: Ints, parameters: ReplyParameters) -> Peers:
    if np.count_nonzero(replies) < parameters.minimum_peers:
        return Peers(parameters.mistakes, 0.0)
    fitted = fit_peers(refuted, replies)
    if fitted.share > parameters.mistakes:
        return Peers(parameters.mistakes, 0.0)
    return fitted
