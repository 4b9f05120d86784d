import pytest
from markdown_it import MarkdownIt

from postings.templatetags import posting_tags
from postings.templatetags.posting_tags import markdown, plain


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Bold** and *soft*", "<p><strong>Bold</strong> and <em>soft</em></p>\n"),
        ("# Big", "<h3>Big</h3>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("<b onclick='x()'>hi</b>", "<p>&lt;b onclick='x()'&gt;hi&lt;/b&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html;base64,PHM+)", "<p>[x](data:text/html;base64,PHM+)</p>\n"),
        (
            "[x](https://a.example)",
            '<p><a href="https://a.example" rel="nofollow ugc noopener noreferrer">x</a></p>\n',
        ),
        (
            "![spy](https://a.example/p.png)",
            '<p>!<a href="https://a.example/p.png" rel="nofollow ugc noopener noreferrer">spy</a></p>\n',
        ),
        ("", ""),
    ],
)
def test_briefs_are_rendered_without_html_pictures_and_tricks(text, html):
    assert markdown(text) == html


def test_the_sanitizer_is_a_second_lock(monkeypatch):
    """With the first lock open, nothing that runs gets through."""
    monkeypatch.setattr(posting_tags, "_MARKDOWN", MarkdownIt("commonmark", {"html": True}))
    assert markdown("<script>alert(1)</script>") == ""
    assert markdown('a <img src=x onerror="y()"> <i style="color:red">b</i>') == "<p>a  b</p>\n"


def test_the_first_words_are_plain():
    assert plain("# Churn\n\n**Two** years of [trips](https://a.example).") == "Churn Two years of trips."
