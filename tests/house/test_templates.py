"""What the templates keep to: nothing inline, a token in every form that writes, one first heading a page."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.base import TextNode
from django.template.defaulttags import IfNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = TEMPLATES / "components"


def is_mail(path):
    """Mails are read in programs that know no style sheet: theirs stands inline."""
    return "mail" in path.relative_to(TEMPLATES).parts or "email" in path.relative_to(TEMPLATES).parts


HTML = [path for path in sorted(TEMPLATES.rglob("*.html")) if not is_mail(path)]
INLINE = re.compile(r"""\s(?:style|on[a-z]+)\s*=|<style|<script(?![^>]*\bsrc=)|javascript:|<\w+[^>]*\shx-on""", re.I)
WRITING = re.compile(r"<form\b(?![^>]*method=[\"']get)[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)
TOKEN = re.compile(r"{%\s*csrf_(?:token|field)\s*%}|{%\s*slot body\s*%}")


def name(path):
    return str(path.relative_to(TEMPLATES))


def source(path):
    return re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize(
    "bad", ['<p style="x">', '<a onclick="x">', "<style>", "<script>x</script>", '<a href="javascript:x">']
)
def test_inline_code_is_recognized(bad):
    assert INLINE.search(bad)


def test_forms_that_write_are_recognized():
    assert WRITING.search('<form method="post" action="x"></form>')
    assert WRITING.search('<form class="a"></form>')
    assert not WRITING.search('<form class="a" method="get"></form>')


@pytest.mark.parametrize("path", HTML, ids=name)
def test_nothing_is_inline(path):
    assert INLINE.findall(source(path)) == []


@pytest.mark.parametrize("path", HTML, ids=name)
def test_a_form_that_writes_carries_a_token(path):
    assert [form[:80] for form in WRITING.findall(source(path)) if not TOKEN.search(form)] == []


@pytest.mark.parametrize("path", HTML, ids=name)
def test_icons_are_there(path):
    known = set(re.findall(r'<symbol id="([\w-]+)"', (TEMPLATES.parent / "static" / "icons.svg").read_text()))
    assert set(re.findall(r'{% icon "([\w-]+)"', source(path))) - known == set()


@pytest.mark.parametrize("path", [p for p in HTML if p.parent != COMPONENTS], ids=name)
def test_components_that_are_used_exist(path):
    used = set(re.findall(r'{% include "components/([\w.]+)"', source(path)))
    assert used - {component.name for component in COMPONENTS.glob("*.html")} == set()


def test_the_reference_names_every_component():
    text = (COMPONENTS / "README.md").read_text()
    drawn_by_base_or_a_tag = {
        f"{tag}.html" for tag in ("facts", "breadcrumbs", "tabs", "nav_link", "notice", "sharing")
    } | {
        "site_header.html",
        "site_footer.html",
        "account_menu.html",
    }
    named = set(re.findall(r"^\| `(\w+\.html)`", text, re.MULTILINE))
    assert named == {component.name for component in COMPONENTS.glob("*.html")} - drawn_by_base_or_a_tag


def headings(nodes):
    """The numbers of first headings that these nodes can come to, over every way through their conditions."""
    ways = [headings_of(node) for node in nodes]
    return {sum(way) for way in product(*(way for way in ways if way != {0}))}


def headings_of(node):
    if isinstance(node, TextNode):
        return {len(re.findall(r"<h1\b", node.s))}
    if isinstance(node, IfNode):
        branches = [headings(nodes) for _, nodes in node.conditions_nodelists]
        otherwise = set() if node.conditions_nodelists[-1][0] is None else {0}
        return otherwise.union(*branches)
    if isinstance(node, IncludeNode):
        included = getattr(node.template, "var", None)
        first = included == "components/page_header.html" or str(node.extra_context.get("level")) == "1"
        return {1} if first else {0}
    children = [getattr(node, attribute, None) for attribute in ("nodelist", "nodelist_loop")]
    return headings([child for nodes in children if nodes is not None for child in nodes])


def page_of(path):
    """The content block of a template that is a page of its own."""
    nodes = engines["django"].get_template(name(path)).template.nodelist
    extends = next((node for node in nodes if isinstance(node, ExtendsNode)), None)
    if extends is None or "admin" in path.relative_to(TEMPLATES).parts:
        return None
    blocks = extends.nodelist.get_nodes_by_type(BlockNode)
    return next((block.nodelist for block in blocks if block.name == "content"), None)


PAGES = [path for path in HTML if page_of(path) is not None]


def test_headings_are_counted_over_every_branch():
    template = engines["django"].from_string("{% if a %}<h1>x</h1>{% elif b %}<h1>y</h1>{% endif %}<p></p>")
    assert headings(template.template.nodelist) == {0, 1}
    assert len(PAGES) > 10


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_has_one_first_heading(path):
    assert headings(page_of(path)) == {1}
