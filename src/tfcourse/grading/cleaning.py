"""What a graded notebook may show: nothing in it acts in the browser of whoever looks at it.

nbconvert puts a notebook's Markdown, HTML and some of its metadata into a page as they are, and both the formgrader
and feedback are such pages. So a cell's Markdown is rendered here as nbconvert will render it, and what comes out is
cleaned by bleach with a list of what is allowed. A cell that cleaning does not change stays as it was written; another
becomes the cleaned HTML; and one that cannot be rendered, or not in time, is shown as its own text. Outputs keep text,
pictures and cleaned HTML. Cards of ours are made of what is allowed, so they need no exception.

A stranger's text can make every parser slow, so this runs in a process of its own: see `tfcourse.grading.cleaner`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from html import escape, unescape
from typing import Any

import nbformat
import tinycss2
from bleach.css_sanitizer import CSSSanitizer
from bleach.sanitizer import Cleaner
from bs4 import BeautifulSoup
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import clean_html, strip_files_prefix
from nbformat.notebooknode import NotebookNode

from tfcourse.grading.outputs import clean_outputs
from tfcourse.reports.card import RECEIPT_MIME

PIECE_SECONDS = 1.0
"""Of a processor, for one cell's text or one output. An ordinary one takes milliseconds."""
NOTEBOOK_SECONDS = 5.0
"""For a notebook; what is left then is shown as text."""
MOST_TEXT = 2_000_000
"""Characters of one cell's text, or of one output's HTML, that are rendered."""
_MOST_SHOWN = 20_000
"""Characters that are shown of what is not rendered."""

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_SVG = "image/svg+xml"
_TEXTS = ("text/plain", "text/latex")
_TAGS = frozenset({
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
})  # fmt: skip
_ATTRIBUTES = frozenset({
    "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face", "headers",
    "height", "lang", "open", "reversed", "rowspan", "scope", "size", "span", "start", "title", "valign", "value",
    "width",
})  # fmt: skip
_CLASS = re.compile(
    r"dataframe|highlight|hl-[\w-]{1,30}|anchor-link|alert|alert-[a-z]{1,10}|language-[\w+#.-]{1,30}|[a-z][a-z0-9]{0,2}"
)
"""Of tables and of highlighted code. Others are the page's own, buttons and dialogues among them."""
_LINK = re.compile(r"(https?://|mailto:)[^\s\\]*|#\S*|(\.\./)?[\w-]+(/[\w-]+)*\.ipynb", re.IGNORECASE)
_PICTURE = re.compile(
    r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[a-z0-9+/=\s]*|[\w-]+(/[\w-]+)*\.(png|jpe?g|gif|webp)",
    re.IGNORECASE,
)
"""Nothing is fetched from elsewhere: an address is enough to end a session, or to tell that somebody looked."""
_STYLES = re.compile(
    r"background(-color)?|border(-[a-z-]+)?|color|display|font(-[a-z-]+)?|(min-|max-)?(width|height)|letter-spacing|"
    r"line-height|list-style-type|margin(-[a-z]+)?|opacity|overflow(-[xy])?|padding(-[a-z]+)?|text-(align|decoration)|"
    r"vertical-align|white-space|word-break"
)
_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla"})
_SCRIPTS = re.compile(r"<(script|style|title|template|noscript)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_NBGRADER = ("cell_type", "checksum", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task")


class _Slow(BaseException):
    """A piece took too long. No `Exception`: libraries catch those."""


class Unshown(Exception):
    """What cannot be shown as it was meant; the message says why, to whoever looks."""


def clean(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook that says what another one says, and does nothing.

    What nobody needs is left out: attachments without a picture, metadata other than nbgrader's and the kernel's, and
    whatever nbformat's schema does not know. The result is valid, and cleaning it again changes nothing more.

    Args:
        notebook: Of nbformat 4, with nbgrader's metadata; it is not changed.
    """
    end = time.process_time() + NOTEBOOK_SECONDS

    def attempt(work: Callable[[str], str], text: str) -> str:
        """Do what may take too long.

        Raises:
            Unshown: It did, or it failed.
        """
        if len(text) > MOST_TEXT:
            raise Unshown(f"longer than {MOST_TEXT:,} characters")
        try:
            with _at_most(min(PIECE_SECONDS, end - time.process_time())):
                return work(text)
        except _Slow:
            raise Unshown("it takes too long to be rendered") from None
        except Unshown:
            raise
        except Exception as error:  # whatever a parser meets in a stranger's text, a lack of memory too
            raise Unshown(f"it cannot be rendered ({type(error).__name__})") from error

    return _rebuilt(notebook, attempt)


def plain(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook of which nothing is rendered; for one that could not be cleaned at all."""

    def refuse(work: Callable[[str], str], text: str) -> str:
        raise Unshown("this notebook takes too much to be rendered")

    return _rebuilt(notebook, refuse)


Attempt = Callable[[Callable[[str], str], str], str]


def _rebuilt(notebook: NotebookNode, attempt: Attempt) -> NotebookNode:
    """Make a notebook anew, of what is known and cleaned."""
    ids: set[str] = set()
    cells = []
    for index, cell in enumerate(notebook.cells):
        metadata = cell.get("metadata")
        made: dict[str, Any] = {
            "id": _id(cell.get("id"), index, ids),
            "cell_type": cell.cell_type if cell.cell_type in ("code", "markdown") else "raw",
            "metadata": _cell_metadata(metadata if isinstance(metadata, dict) else {}),
        }
        lines = cell.get("source")
        source = lines if isinstance(lines, str) else "".join(map(str, lines)) if isinstance(lines, list) else ""
        if cell.cell_type == "code":
            count = cell.get("execution_count")
            made["execution_count"] = count if isinstance(count, int) and 0 <= count < 2**31 else None
            made["source"] = _code(source, attempt)
            made["outputs"] = _outputs(cell.get("outputs"), attempt)
        elif cell.cell_type == "markdown":
            attachments = _attachments(cell.get("attachments"))
            made["source"] = _markdown(source, attachments, attempt)
            if attachments and made["source"] == source:
                made["attachments"] = attachments
        else:
            made["source"] = _raw(source, attempt)
        cells.append(made)
    table = {"cells": cells, "metadata": _metadata(notebook.metadata), "nbformat": 4, "nbformat_minor": 5}
    result = nbformat.from_dict(table)
    nbformat.validate(result)
    return result


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Bound the processor time of a block, where the system can; elsewhere its process is bounded alone.

    Raises:
        _Slow: There was not enough of it.
    """
    if seconds <= 0:
        raise _Slow
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise _Slow

    before = signal.signal(signal.SIGPROF, stop)
    # Again and again: a destructor, or a callback of C, may swallow the first.
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


# ---------------------------------------------------------------------------- text of cells


class _Renderer(IPythonRenderer):
    """nbconvert's, which also notes whether HTML of the text's own went into what it made."""

    own_html = False

    def block_html(self, html: str) -> str:
        self.own_html = True
        return str(super().block_html(html))

    def inline_html(self, html: str) -> str:
        self.own_html = True
        return str(super().inline_html(html))

    def block_mermaidjs(self, code: str) -> str:
        self.own_html = True
        return str(super().block_mermaidjs(escape(code)))


def _render(source: str, attachments: Mapping[str, Any]) -> tuple[str, bool]:
    """Return Markdown as nbconvert renders it, and whether there was HTML in it."""
    renderer = _Renderer(escape=False, attachments=dict(attachments))
    return strip_files_prefix(MarkdownWithMath(renderer=renderer).render(source)), renderer.own_html


def _markdown(source: str, attachments: Mapping[str, Any], attempt: Attempt) -> str:
    def cleaned(source: str) -> str:
        rendered, own_html = _render(source, attachments)
        safe = clean_fragment(rendered)
        if not own_html and _as_in_page(rendered) == _as_in_page(safe):
            return source
        if not safe.strip():
            raise Unshown("it holds nothing but HTML that is not shown")
        block = _block(safe)
        again, _ = _render(block, {})
        if again.strip() != strip_files_prefix(block).strip():
            raise Unshown("it holds HTML that cannot be cleaned")
        return block

    if _is_fenced(source):
        return source
    try:
        return attempt(cleaned, source)
    except Unshown as why:
        return _fenced(source, str(why))


def _as_in_page(html: str) -> str:
    """Return HTML as nbconvert writes it into a page in the end."""
    return str(BeautifulSoup(html, "html.parser"))


def _block(html: str) -> str:
    """Return HTML as a text that Markdown leaves alone: a block begins with a tag, and ends at an empty line."""
    html = html.strip()
    if html.startswith("<div>\n") and html.endswith("\n</div>") and not re.search(r"\n[ \t\v\f]*\n", html):
        return html  # It is one already.
    text = "".join(f"\n{line}" if line.strip() else "&#10;" for line in html.split("\n"))
    return f"<div>{text}\n</div>"


def _fenced(source: str, why: str) -> str:
    """Return a text as a block of code, whatever is in it."""
    cut = _cut(source)
    fence = "`" * (2 + max(1, *(len(run) for run in re.findall("`+", cut)), 1))
    return f"{fence}\n[Shown as text: {why}.]\n{cut}\n{fence}"


def _is_fenced(source: str) -> bool:
    """Tell whether a text is nothing but such a block, so that it need not be rendered again."""
    lines = source.split("\n")
    fence = lines[0]
    return (
        re.fullmatch("`{3,}", fence) is not None
        and len(lines) > 2
        and lines[1].startswith("[Shown as text: ")
        and lines[-1] == fence
        and not any(fence in line for line in lines[1:-1])
    )


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}\n[Cut here, of {len(text):,} characters.]"


def _code(source: str, attempt: Attempt) -> str:
    highlight = Highlight2HTML(pygments_lexer="ipython3")
    try:
        attempt(lambda text: str(highlight(text)), source)
    except Unshown as why:
        return f"# [Cut here: {why}.]\n{_cut(source)}" if len(source) > _MOST_SHOWN else source
    return source


def _raw(source: str, attempt: Attempt) -> str:
    """Return a raw cell's text, which nbconvert takes for HTML."""

    def cleaned(source: str) -> str:
        shown = clean_html(source)
        return source if _as_in_page(shown) == _as_in_page(clean_fragment(shown)) else escape(source)

    try:
        return attempt(cleaned, source)
    except Unshown:
        return escape(_cut(source))


# ---------------------------------------------------------------------------- HTML


def _attribute(tag: str, name: str, value: str) -> bool:
    """Tell whether an attribute may stay."""
    value = unescape(value).strip()
    if name == "class":
        return all(_CLASS.fullmatch(each) for each in value.split())
    if name == "id":
        return tag in ("h1", "h2", "h3", "h4", "h5", "h6")
    if name == "href":
        return tag == "a" and _LINK.fullmatch(value) is not None
    if name == "src":
        return tag == "img" and _PICTURE.fullmatch(value) is not None
    return name == "style" or name in _ATTRIBUTES


class _Style(CSSSanitizer):
    """Keeps declarations that change how an element looks, and not where it stands or what is fetched."""

    def sanitize_css(self, style: str) -> str:
        style = unescape(style)
        if "&" in style or "\\" in style:
            return ""
        kept = [
            f"{one.lower_name}:{tinycss2.serialize(one.value).strip()}"
            for one in tinycss2.parse_declaration_list(style)
            if one.type == "declaration" and _STYLES.fullmatch(one.lower_name) and all(map(_is_a_look, one.value))
        ]
        return ";".join(kept)


def _is_a_look(token: Any) -> bool:
    if token.type == "function":
        return token.lower_name in _FUNCTIONS and all(map(_is_a_look, token.arguments))
    if token.type in ("number", "percentage", "dimension"):
        return bool(token.value >= 0)  # A margin below nothing covers the page's own words.
    return token.type in ("ident", "hash", "literal", "string", "whitespace")


_CLEANER = Cleaner(
    tags=_TAGS,
    attributes=_attribute,
    protocols={"http", "https", "mailto", "data"},
    strip=True,
    css_sanitizer=_Style(),
)


def clean_fragment(html: str) -> str:
    """Return HTML without anything that acts, fetches, or looks like a part of the page around it."""
    for checked, sign in ((" checked", "☑ "), ("", "☐ ")):
        html = html.replace(f'<input class="task-list-item-checkbox" type="checkbox" disabled{checked}/>', sign)
    # For the eye alone: what stands in such tags would otherwise be shown as text.
    return str(_CLEANER.clean(_SCRIPTS.sub("", html)))


# ---------------------------------------------------------------------------- outputs


def _outputs(outputs: Any, attempt: Attempt) -> list[NotebookNode]:
    made = []
    for output in outputs if isinstance(outputs, list) else []:
        for cleaned in clean_outputs([output]):
            if "data" in cleaned:
                cleaned.metadata = _sizes(cleaned.metadata)
                cleaned.data = _data(cleaned.data, attempt)
                if RECEIPT_MIME in output["data"]:
                    cleaned.data[RECEIPT_MIME] = output["data"][RECEIPT_MIME]
            made.append(cleaned)
    return made


def _data(data: Mapping[str, Any], attempt: Attempt) -> NotebookNode:
    made = {mime: data[mime] for mime in _TEXTS if mime in data}
    made |= {mime: data[mime] for mime in _PICTURES if mime in data and _is_base64(data[mime])}
    lost = []
    for mime, work in (("text/html", clean_fragment), ("text/markdown", _markdown_html)):
        if mime in data and "text/html" not in made:
            try:
                made["text/html"] = attempt(work, data[mime])
            except Unshown as why:
                lost.append(f"{mime}, {why}")
    if _SVG in data and not {"text/html", *_PICTURES} & set(made):
        # In an image, a picture's scripts are not run.
        content = base64.b64encode(data[_SVG].encode()).decode()
        made["text/html"] = f'<img alt="A drawing" src="data:{_SVG};base64,{content}">'
    if not made.get("text/html", "-").strip():
        del made["text/html"]
    if not made:
        lost += [mime for mime in data if mime not in ("text/html", "text/markdown")]
        made["text/plain"] = f"[Not shown: {', '.join(lost)[:200] or 'HTML without a text'}.]"
    return nbformat.from_dict(made)


def _markdown_html(text: str) -> str:
    return clean_fragment(_render(text, {})[0])


def _sizes(metadata: Mapping[str, Any]) -> NotebookNode:
    """Return the sizes of pictures: nbconvert writes them without quotes."""
    sizes: dict[str, Any] = {}
    for mime in (*_PICTURES, _SVG):
        about = metadata.get(mime)
        for name in ("width", "height"):
            size = about.get(name) if isinstance(about, dict) else metadata.get(name)
            if isinstance(size, int | float) and not isinstance(size, bool) and 0 < size < 10_000:
                sizes.setdefault(mime, {})[name] = size
    return nbformat.from_dict(sizes)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


# ---------------------------------------------------------------------------- metadata


def _id(id: Any, index: int, seen: set[str]) -> str:
    if not (isinstance(id, str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", id)) or id in seen:
        id = f"cell-{index}"
        while id in seen:
            id += "-again"
    seen.add(id)
    return str(id)


def _cell_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    graded = metadata.get("nbgrader")
    if isinstance(graded, dict):
        made["nbgrader"] = {name: graded[name] for name in _NBGRADER if name in graded and _is_harmless(graded[name])}
    tags = metadata.get("tags")
    if isinstance(tags, list):
        tags = [tag for tag in tags if isinstance(tag, str) and re.fullmatch(r"[\w.:-]{1,60}", tag)]
        made |= {"tags": list(dict.fromkeys(tags))} if tags else {}
    return made


def _is_harmless(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) < 200 and not set(value) & set("<>\"'&`")
    return value is None or isinstance(value, bool | int | float)


def _attachments(attachments: Any) -> dict[str, dict[str, str]]:
    """Return the pictures that a Markdown cell carries."""
    if not isinstance(attachments, dict):
        return {}
    found = {
        name: {
            mime: content
            for mime, content in bundle.items()
            if mime in (*_PICTURES, _SVG) and isinstance(content, str) and _is_base64(content)
        }
        for name, bundle in attachments.items()
        if isinstance(bundle, dict)
    }
    return {name: bundle for name, bundle in found.items() if bundle}


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what nbgrader and nbconvert need of a notebook's metadata: its kernel and its language."""
    made: dict[str, Any] = {}
    kernel, language = metadata.get("kernelspec"), metadata.get("language_info")
    if isinstance(kernel, dict) and all(_is_name(kernel.get(name)) for name in ("name", "display_name")):
        made["kernelspec"] = {n: kernel[n] for n in ("name", "display_name", "language") if _is_name(kernel.get(n))}
    if isinstance(language, dict) and _is_name(language.get("name")):
        made["language_info"] = {n: language[n] for n in ("name", "version") if _is_name(language.get(n))}
        if language["name"] == "python":
            made["language_info"] |= {"file_extension": ".py", "pygments_lexer": "ipython3"}
    return made


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100 and not set(value) & set("<>\"'&`")
