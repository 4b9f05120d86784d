import pytest

from core.middleware import way_back


@pytest.mark.parametrize(
    ("method", "referer", "target"),
    [
        ("post", "http://testserver/things/1/", "http://testserver/things/1/"),
        ("post", "http://testserver/offer/", "http://testserver/offer/"),
        ("get", "http://testserver/offer/", "/"),
        ("post", "http://elsewhere.example/things/", "/"),
        ("post", "//elsewhere.example/", "/"),
        ("post", "", "/"),
    ],
)
def test_a_refusal_leads_back_but_never_elsewhere_and_never_in_circles(rf, method, referer, target):
    assert way_back(getattr(rf, method)("/offer/", headers={"referer": referer})) == target
