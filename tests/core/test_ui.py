"""The component tags, the gallery that shows them all, and error pages that need nothing but themselves."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import Http404
from django.template import engines, loader
from django.test import RequestFactory

from core.gallery import gallery


def render(source, path="/here/", **context):
    template = engines["django"].from_string(source)
    return re.sub(r"\s+", " ", template.render(context, RequestFactory().get(path))).strip()


def test_pairs_group_two_by_two():
    assert render("{% pairs 1 2 3 4 as rows %}{% for a, b in rows %}{{ a }}-{{ b }};{% endfor %}") == "1-2;3-4;"


def test_facts_leave_out_what_is_empty_and_keep_zero():
    html = render('{% facts "Pay" pay "Hours" hours "Note" note "None" none %}', pay="$22", hours=0, note="", none=None)
    assert re.findall(r"<dt[^>]*>(\w+)</dt><dd[^>]*>([^<]+)</dd>", html) == [("Pay", "$22"), ("Hours", "0")]


def test_the_last_breadcrumb_is_this_page():
    html = render('{% breadcrumbs "Postings" "/postings/" "Bike-share" %}')
    assert re.findall(r'href="([^"]+)"', html) == ["/postings/"]
    assert '<span aria-current="page">Bike-share</span>' in html


def test_tabs_mark_where_one_is():
    html = render('{% tabs "Parts" "All" "/here/" "Drafts" "/here/?state=draft" %}', path="/here/?state=draft")
    assert re.findall(r'href="([^"]+)" aria-current', html) == ["/here/?state=draft"]


def test_a_tab_is_marked_whatever_else_the_address_asks():
    html = render('{% tabs "Parts" "All" "/here/" "Drafts" "/here/?state=draft" %}', path="/here/?page=2")
    assert re.findall(r'href="([^"]+)" aria-current', html) == ["/here/"]


def test_a_notice_says_its_kind_in_words_and_shape():
    html = render('{% notice "danger" "No safe window" 3 %}<p>{{ text }}</p>{% endnotice %}', text="<b>")
    assert "icons.svg#octagon" in html
    assert '<h3 class="notice__title"><span class="visually-hidden">Problem: </span>No safe window</h3>' in html
    assert "<p>&lt;b&gt;</p>" in html


@pytest.mark.parametrize(
    ("number", "shown"),
    [(1, [1, 2, None, 12]), (6, [1, None, 5, 6, 7, None, 12]), (12, [1, None, 11, 12])],
)
def test_pagination_shows_the_ends_and_the_neighbors(number, shown):
    page = Paginator(range(240), 20).page(number)
    html = render("{% for n in page|page_numbers %}{{ n|default_if_none:'gap' }} {% endfor %}", page=page)
    assert html.split() == ["gap" if n is None else str(n) for n in shown]


def test_pagination_keeps_the_filters():
    page = Paginator(range(60), 20).page(2)
    html = render('{% include "components/pagination.html" with page=page only %}', path="/x/?q=a&page=2", page=page)
    assert re.findall(r'<a [^>]*href="([^"]+)"', html) == [f"?q=a&amp;page={n}" for n in (1, 1, 3, 3)]


@pytest.mark.django_db
def test_the_gallery_draws_every_component(settings):
    settings.DEBUG = True
    request = RequestFactory().get("/gallery/")
    request.user = AnonymousUser()
    html = gallery(request).content.decode()
    assert html.count("<h1") == 1
    ids = re.findall(r' id="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


def test_the_gallery_is_for_development(settings):
    settings.DEBUG = False
    with pytest.raises(Http404):
        gallery(RequestFactory().get("/gallery/"))


@pytest.mark.parametrize("name", ["400", "500", "503", "403_csrf"])
def test_pages_for_a_failing_site_need_neither_context_nor_database(name):
    html = loader.get_template(f"{name}.html").render()
    assert html.count("<h1") == 1
    assert "static/css/site.css" in html
