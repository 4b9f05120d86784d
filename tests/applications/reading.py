"""A PDF as a screen reader would have it: its text in the order in which it stands, and its tags."""

import io
import re

import pikepdf

CODES = re.compile(rb"<([0-9A-Fa-f]+)>")


def opened(content):
    return pikepdf.open(io.BytesIO(content))


def text(content):
    """Without any space, since those at the ends of lines are not written."""
    with opened(content) as document:
        return squashed("".join(piece for page in document.pages for piece in _page(page)))


def squashed(words):
    return "".join(words.split())


def _page(page):
    fonts = {str(name): _letters(font) for name, font in page.Resources.get("/Font", {}).items()}
    letters = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            letters = fonts[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            pieces = operands[0] if str(operator) == "TJ" else operands
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    raw = bytes(piece)
                    yield "".join(letters.get(raw[at : at + 2], "\ufffd") for at in range(0, len(raw), 2))


def _letters(font):
    """Glyph to letters, by the table that copying and reading aloud go by."""
    found = {}
    table = font.ToUnicode.read_bytes()
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        codes = [bytes.fromhex(code.decode()) for code in CODES.findall(block)]
        found |= {glyph: word.decode("utf-16-be") for glyph, word in zip(codes[::2], codes[1::2], strict=True)}
    return found


def tags(content):
    """The kinds of its structure elements, from the first to the last."""
    with opened(content) as document:
        return list(_tags(document.Root.StructTreeRoot))


def _tags(element):
    if "/S" in element:
        yield str(element.S).lstrip("/")
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            yield from _tags(kid)
