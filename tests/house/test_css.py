"""The style sheets keep their order: layers, meanings instead of colors, one component a file, legible pairs."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css"
LAYERS = ["reset", "tokens", "base", "layout", "components", "utilities"]
# The index has no rules; the admin's own sheets stand in no layer and would win over a layered theme.
OUTSIDE = {"site.css", "admin.css"}
SHEETS = [path for path in sorted(CSS.rglob("*.css")) if path.name not in OUTSIDE]
COMPONENTS = sorted((CSS / "components").glob("*.css"))
NAMED = "white|black|red|green|blue|gray|grey|yellow|orange|purple|silver|gold|navy"


def read(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL).strip()


def layer_of(path):
    if path.parent.name == "components":
        return "components"
    return path.stem if path.stem in LAYERS else "utilities"


def selectors(css):
    """Every selector of a sheet, without the at-rules around it."""
    heads = re.findall(r"([^{};]+)\{", css)
    return [part.strip() for head in heads if not head.strip().startswith("@") for part in apart(head)]


def apart(head):
    """The list's selectors; a comma inside brackets separates none."""
    depth, parts = 0, [""]
    for character in head:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def name(path):
    return str(path.relative_to(CSS))


def test_the_helpers_see_what_they_look_for():
    assert selectors("@layer x { .a:is(b, c:not(d)), .e { f: g } @media (x) { .h { i: j } } }") == [
        ".a:is(b, c:not(d))",
        ".e",
        ".h",
    ]
    assert len(COMPONENTS) > 20


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_a_sheet_wraps_itself_in_its_layer(path):
    css, depth = read(path), 0
    assert css.startswith(f"@layer {layer_of(path)} {{")
    for position, character in enumerate(css):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0 and character == "}":
            assert position == len(css) - 1


def test_the_index_names_the_layers_and_each_sheet_once():
    index = read(CSS / "site.css")
    assert index.splitlines()[0] == f"@layer {', '.join(LAYERS)};"
    assert sorted(re.findall(r'@import url\("([^"]+)"\);', index)) == sorted(name(path) for path in SHEETS)


@pytest.mark.parametrize("path", [*SHEETS, CSS / "admin.css"], ids=name)
def test_importance_is_for_utilities(path):
    assert ("!important" in read(path)) is (layer_of(path) == "utilities" and path.name != "admin.css")


@pytest.mark.parametrize("path", [p for p in SHEETS if p.name not in {"tokens.css", "print.css"}], ids=name)
def test_sheets_name_meanings_and_no_colors(path):
    values = " ".join(re.findall(r":\s*([^;{}]+);", read(path)))
    assert re.findall(rf"#[0-9a-fA-F]{{3,8}}\b|\b(?:rgb|hsl|oklch|lab|color)\(|(?<![\w-])(?:{NAMED})\b", values) == []
    assert re.findall(r"var\(--(?:blue|gray|night|gold|green|amber|red)-", values) == []


@pytest.mark.parametrize("path", [p for p in SHEETS if p.name != "tokens.css"] + [CSS / "admin.css"], ids=name)
def test_every_variable_that_is_used_is_defined(path):
    css = read(path)
    known = set(re.findall(r"(--[\w-]+):", read(CSS / "tokens.css"))) | set(re.findall(r"(--[\w-]+):", css))
    assert set(re.findall(r"var\((--[\w-]+)", css)) - known == set()


@pytest.mark.parametrize("path", COMPONENTS, ids=name)
def test_a_component_styles_its_own_block(path):
    block = re.compile(rf"\.{path.stem}(__[\w-]+|--[\w-]+)?(?![\w-])")
    assert [selector for selector in selectors(read(path)) if not block.match(selector)] == []


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_schemes_and_contrast_are_answered_in_one_place(path):
    assert ("prefers-color-scheme" in read(path)) is (path.name == "tokens.css")


def tokens(scheme):
    css = read(CSS / "tokens.css")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    declared = re.findall(r"(--[\w-]+):\s*([^;]+);", light)
    if scheme == "dark":
        declared += re.findall(r"(--[\w-]+):\s*([^;]+);", dark.split("@media")[0])
    return dict(declared)


def resolve(values, token):
    value = values[token]
    while value.startswith("var("):
        value = values[value[4:-1]]
    return value


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXTS = ["text", "text-muted", "heading", "link", "accent-text", "info", "success", "warning", "danger"]
PAIRS = [(text, ground, 4.5) for text in TEXTS for ground in ("page", "surface", "sunken")]
PAIRS += [(kind, f"{kind}-tint", 4.5) for kind in ("info", "success", "warning", "danger")]
PAIRS += [("text", f"{kind}-tint", 4.5) for kind in ("info", "success", "warning", "danger", "accent")]
PAIRS += [
    ("accent-text", "accent-tint", 4.5),
    ("text", "tint-strong", 4.5),
    ("link", "tint-strong", 4.5),
    ("link", "info-tint", 4.5),
    ("on-action", "action", 4.5),
    ("on-action", "action-hover", 4.5),
    ("on-danger", "danger", 4.5),
    ("on-danger", "danger-hover", 4.5),
    ("on-brand", "brand", 4.5),
    ("on-brand-muted", "brand", 4.5),
    ("on-brand-accent", "brand", 3),
    ("line-strong", "page", 3),
    ("line-strong", "surface", 3),
    ("action", "page", 3),
    ("focus", "page", 3),
]


def test_contrast_is_reckoned_as_wcag_does():
    assert round(contrast("#ffffff", "#000000"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_what_stands_on_a_ground_can_be_read(scheme, front, ground, least):
    values = tokens(scheme)
    assert contrast(resolve(values, f"--color-{front}"), resolve(values, f"--color-{ground}")) >= least
