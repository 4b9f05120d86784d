"""What a page holds, read as a browser would: its forms with their fields, its links, what could run or style it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

BUTTONS = {"submit", "button", "image", "reset"}


@dataclass
class Field:
    name: str
    kind: str  # the input's type, or textarea, select
    value: str = ""
    options: list[str] = field(default_factory=list)
    length: int = 10_000
    required: bool = False


@dataclass
class Form:
    action: str
    method: str
    multipart: bool
    fields: dict[str, Field] = field(default_factory=dict)


class Page(HTMLParser):
    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.nonces: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: Field | None = None
        self.feed(html)
        self.close()

    @property
    def parameters(self) -> set[str]:
        """The names that this page itself puts into query strings."""
        in_links = {name for link in self.links for name, _ in parse_qsl(urlsplit(link).query)}
        return in_links | {name for form in self.forms if form.method == "GET" for name in form.fields}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._judge(tag, given)
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.address, given["href"]))
        elif tag == "form":
            self._open_form(given)
        elif tag in {"input", "textarea", "select", "button"}:
            self._add_field(tag, given)
        elif tag == "option" and self._select:
            self._select.options.append(given.get("value", ""))
            if "selected" in given:
                self._select.value = given.get("value", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # an end tag that HTML does not know closes nothing

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _judge(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(self.get_starttag_text() or tag)
        if tag == "script" and "src" not in given and given.get("type", "") in {"", "module", "text/javascript"}:
            self.inline.append(self.get_starttag_text() or tag)
        if "nonce" in given:
            self.nonces.append(given["nonce"])

    def _open_form(self, given: dict[str, str]) -> None:
        action = urljoin(self.address, given.get("action") or self.address)
        self._form = Form(action, given.get("method", "get").upper(), "multipart" in given.get("enctype", ""))
        self.forms.append(self._form)
        if "id" in given:
            self._by_id[given["id"]] = self._form

    def _add_field(self, tag: str, given: dict[str, str]) -> None:
        form = self._by_id.get(given["form"]) if "form" in given else self._form
        name = given.get("name", "")
        if form is None or not name:
            return
        kind = given.get("type", "text") if tag == "input" else "submit" if tag == "button" else tag
        if "vDateField" in given.get("class", ""):
            kind = "date"  # to the admin's own calendar, a text
        found = form.fields.setdefault(name, Field(name, kind))
        found.required = "required" in given
        found.length = int(given.get("maxlength", found.length))
        if kind in {"radio", "checkbox"}:
            found.options.append(given.get("value", "on"))
            found.value = given.get("value", "on") if "checked" in given else found.value
        elif kind in BUTTONS:
            found.options.append(given.get("value", ""))
        else:
            found.value = given.get("value", "")
        if tag == "select":
            self._select = found
