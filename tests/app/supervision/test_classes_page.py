"""docs/classes.md tells indicators, weights, bands, limits and events as the files have them."""

from classes_page import CARD, PAGE, filled_in

from app.supervision.indicators import indicators


def test_the_page_tells_what_the_files_say() -> None:
    page = PAGE.read_text("utf-8")
    assert page == filled_in(page), "run: python tests/app/supervision/classes_page.py"
    assert set(CARD.indicators) == set(indicators().indicators)
    assert f"neutral** ({CARD.neutral:g} points" in page
    assert f"by {CARD.hysteresis:g} points" in page
