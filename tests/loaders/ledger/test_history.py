"""Whatever the order and the number of loads, the same documents make the same ledger view."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_desk import Desk
from ledger_documents import (
    Document,
    alias,
    cancel,
    inventory,
    order,
    payment,
    raw_payment,
    receipt,
    signed,
    waybill,
)

TIMES = ["", "20240104100000", "20240105100000", "20240106100000", "20240901100000"]
ORDERS, PLATFORMS = ["O1", "O2"], ["E1", "E2"]
NUMBERS = ["W-E1-O1", "W-E1-O2", "W-E2-O1"]
BACKGROUND = 24
"""Sales that nothing else touches: most sales must be untouched, or everything is computed anew."""

no, ebp = st.sampled_from(ORDERS), st.sampled_from(PLATFORMS)
envelope = st.fixed_dictionaries(
    {},
    optional={
        "appTime": st.sampled_from(TIMES),
        "appType": st.sampled_from(["1", "1", "2", "3"]),
        "appStatus": st.sampled_from(["2", "2", "1"]),
        "copCode": st.sampled_from(["S1", "S2"]),
    },
)


def made(
    make: Callable[..., Document], *args: st.SearchStrategy[str], **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[Document]:
    """A document of some kind, any version of it."""
    return st.builds(
        lambda positional, changes, version: make(*positional, **changes, **version),
        st.tuples(*args),
        st.fixed_dictionaries({}, optional=dict(fields)),
        envelope,
    )


document = st.one_of(
    made(
        order,
        no,
        ebp,
        lines=st.integers(1, 3),
        price=st.sampled_from(["100", "50"]),
        payTransactionId=st.sampled_from(["T1", "T2"]),
        payCode=st.sampled_from(["P1", "P2"]),
    ),
    made(
        payment,
        no,
        ebp,
        payTransactionId=st.sampled_from(["T1", "T2"]),
        amount=st.sampled_from(["100", "200"]),
    ),
    made(waybill, no, st.sampled_from(NUMBERS), weight=st.sampled_from(["1", "2"])),
    made(
        inventory,
        no,
        ebp,
        lines=st.integers(1, 3),
        cop=st.sampled_from(["C1", "C2", ""]),
        logisticsNo=st.sampled_from(NUMBERS),
        invtNo=st.sampled_from(["010020241000000001"]),
        preNo=st.sampled_from(["N" * 18]),
    ),
    made(signed, st.sampled_from(NUMBERS), st.sampled_from(["20240108120000", "20240102120000"])),
    st.builds(
        lambda cop, status, when, more: receipt(cop, status, when, **more),
        st.sampled_from(["C1", "C2"]),
        st.sampled_from(["120", "800"]),
        st.sampled_from(["20240107120000000", "20240108120000000"]),
        st.fixed_dictionaries(
            {},
            optional={
                "invtNo": st.sampled_from(["010020241000000001", "010020241000000002"]),
                "preNo": st.just("N" * 18),
                "agentCode": st.just(""),
            },
        ),
    ),
    st.builds(
        raw_payment,
        st.sampled_from(["T1", "T2"]),
        st.lists(st.tuples(ebp, no), min_size=1, max_size=3, unique_by=lambda pair: pair[1]),
        st.sampled_from(["100", "200"]),
    ),
    st.builds(alias, st.sampled_from(["P1", "P2"]), st.sampled_from(["P2", "P3"])),
    made(cancel, no, ebp),
    st.builds(lambda o, e: receipt(f"X-{e}-{o}", "120", kind="CEB624"), no, ebp),
)


@pytest.mark.timeout(900)
@settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, derandomize=True
)
@given(data=st.data(), documents=st.lists(document, min_size=2, max_size=14))
def test_any_order_and_any_split_give_the_same_view(
    new_desk: Callable[[], Desk], data: st.DataObject, documents: list[Document]
) -> None:
    background = [f(f"B{n}") for n in range(BACKGROUND) for f in (order, payment, inventory)]
    whole = new_desk()
    whole.load(*background, *documents)

    parts = new_desk()
    parts.load(*background)
    shuffled = data.draw(st.permutations(documents))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=2)))
    for start, stop in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
        if shuffled[start:stop]:
            parts.load(*shuffled[start:stop])

    expected, found = whole.state(), parts.state()
    for name, rows in expected.items():
        assert found[name] == rows, name
