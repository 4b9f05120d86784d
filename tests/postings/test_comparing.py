import pytest

from postings.comparing import differences, marked
from postings.models import Posting


def drawn(words):
    return "".join(f"[{run.text}]" if run.changed else run.text for run in words)


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("one two three", "one four three", "one [two] three", "one [four] three"),
        ("one", "one two", "one", "one [two]"),
        ("one two", "two", "[one] two", "two"),
        ("one  two", "one\ntwo", "one  two", "one\ntwo"),
        ("–", "20", "[–]", "[20]"),
        ("", "", "", ""),
    ],
)
def test_words_that_the_other_version_lacks_are_marked(before, after, left, right):
    assert tuple(map(drawn, marked(before, after))) == (left, right)


def test_fields_are_compared_as_they_read():
    one = Posting(title="Old", location_mode="remote", travel_costs_covered=False, levels=["graduate"], brief="Same")
    other = Posting(title="New", location_mode="on_site", travel_costs_covered=True, levels=[], brief="Same")
    names = ["title", "brief", "location_mode", "travel_costs_covered", "levels"]
    assert [(found.name, drawn(found.before), drawn(found.after)) for found in differences(one, other, names)] == [
        ("title", "[Old]", "[New]"),
        ("location mode", "[Remote]", "[On site]"),
        ("travel costs covered", "[No]", "[Yes]"),
        ("levels", "[Graduate]", "[–]"),
    ]
