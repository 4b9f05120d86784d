from decimal import Decimal

import pytest

from postings import rules
from tests.postings.written import a_posting


@pytest.mark.parametrize(
    ("fields", "least", "most"),
    [
        ({}, 20, 36),
        ({"total_hours": 30}, 30, 30),
        ({"weeks_min": None}, None, None),
    ],
)
def test_total_hours_are_stated_or_reckoned(fields, least, most):
    span = rules.total_hours(a_posting(**fields))
    assert (span and (span.least, span.most)) == (least and (least, most))


def test_a_fixed_fee_is_spread_over_the_hours():
    span = rules.effective_pay(a_posting(pay_kind="fixed_fee", pay_amount=Decimal(500)))
    assert (span.least, span.most) == (Decimal("13.89"), Decimal("25.00"))
