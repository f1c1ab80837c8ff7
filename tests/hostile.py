"""What a notebook may hold to act on whoever looks at it, and how it is seen in a page whether it does."""

import re

import nbformat
from bs4 import BeautifulSoup

HIT = "window.hit = 1"
"""What every payload that runs, runs; it stands in no page of ours."""

MARKDOWN = {
    "script": f"<script>{HIT}</script>",
    "script in a line": f"a <script>{HIT}</script> b",
    "handler": f'<img src="x" onerror="{HIT}">',
    "handler in a line": f'a <b onmouseover="{HIT}" style="font-size:400px">b</b>',
    "iframe": f'<iframe srcdoc="<script>parent.{HIT}</script>"></iframe>',
    "object": f'<object data="data:text/html,<script>{HIT}</script>"></object>',
    "svg": f'<svg onload="{HIT}"><script>{HIT}</script></svg>',
    "math": f'<math><mtext><table><mglyph><style><img src="x" onerror="{HIT}"></style></mglyph></table></mtext></math>',
    "form": f'<form action="javascript:{HIT}"><button>send</button></form>',
    "refresh": '<meta http-equiv="refresh" content="0;url=javascript:window.hit=1">',
    "base": '<base href="https://evil.invalid/">',
    "link": f"[here](javascript:{HIT.replace(' ', '')})",
    "link in disguise": "[here](java&#115;cript:window.hit=1)",
    "link by reference": "[here][a]\n\n[a]: javascript:window.hit=1",
    "link behind a prefix": '<a href="files/javascript:window.hit=1">here</a>',
    "link to data": f"[here](data:text/html;base64,PHNjcmlwdD4= '{HIT}')",
    "link to a page beside": "[here](evil.html)",
    "style": "<style>body { display: none }</style>",
    "style of an element": '<p style="position:fixed;top:0;background:url(https://evil.invalid/)">all over</p>',
    "style in entities": '<p style="background:url&#40;https://evil.invalid/&#41;">all over</p>',
    "class": '<div class="modal fade in" id="notebook">all over</div>',
    "picture from elsewhere": "![it](https://evil.invalid/a.png)",
    "picture that ends a session": "![it](/logout)",
    "two hrefs": f'<a href="#" href="javascript:{HIT}">here</a>',
    "comment": f'<!--> <img src="x" onerror="{HIT}"> -->',
    "comment in a comment": f'<!--a--!><img src="x" onerror="{HIT}">-->',
    "instruction": f'<?a <img src="x" onerror="{HIT}"> ?>',
    "cdata": f'<![CDATA[ <img src="x" onerror="{HIT}"> ]]>',
    "noscript": f'<noscript><p title="</noscript><img src=x onerror={HIT}>"></noscript>',
    "textarea": f'<textarea><img src="x" onerror="{HIT}">',
    "unclosed attribute": '<div title="',
    "behind an unclosed attribute": f'x" tabindex=1 autofocus onfocus="{HIT}" y="',
    "unclosed comment": "<div>\n<!-- ",
    "unclosed page": "</div></div></body></html>",
    "diagram": f'```mermaid\n</pre><img src="x" onerror="{HIT}">\n```',
    "language": f'```<img/src="x"/onerror="{HIT}">\nx\n```',
    "title": f'![a](b.png "c\\" onerror=\\"{HIT}")',
    "mathematics": f'$$ </p><img src="x" onerror="{HIT}"> $$',
    "environment": f'\\begin{{a}} <img src="x" onerror="{HIT}"> \\end{{a}}',
    "heading": f'# a <img src="x" onerror="{HIT}"> {{#id}}',
    "attachment": "![it](attachment:a.png)",
}

BUNDLES = {
    "html": {"text/html": f"<script>{HIT}</script><p>read this</p>", "text/plain": "plain"},
    "handler": {"text/html": f'<p onclick="{HIT}"><img src="x" onerror="{HIT}">', "text/plain": "plain"},
    "svg": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{HIT}'><script>{HIT}</script></svg>"},
    "javascript": {"application/javascript": HIT, "text/plain": "plain"},
    "widget": {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": "plain"},
    "markdown": {"text/markdown": f'a <img src="x" onerror="{HIT}">'},
    "latex": {"text/latex": f"$x$ <script>{HIT}</script>"},
    "png": {"image/png": f'" onerror="{HIT}'},
    "diagram": {"text/vnd.mermaid": f'</pre><img src="x" onerror="{HIT}">'},
    "unknown": {"application/x-what": f"<script>{HIT}</script>"},
}

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def shown(data, **metadata):
    return nbformat.from_dict({"output_type": "display_data", "data": data, "metadata": metadata})


def hostile_notebook():
    """Return a notebook with every payload; nbgrader's own cells may be added to it."""
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell(source) for source in MARKDOWN.values()]
    bad = {"a.png": {"image/png": f'x" onerror="{HIT}'}}
    cells += [v4.new_markdown_cell("![it](attachment:a.png)", attachments=bad)]
    cells += [v4.new_raw_cell(f'<a href="evil.html">x</a><img src="x" onerror="{HIT}">')]
    cells += [v4.new_raw_cell("<p>", metadata={"raw_mimetype": "text/html"})]
    outputs = [shown(data) for data in BUNDLES.values()]
    injection = f"1 onload={HIT.replace(' ', '')}"
    outputs += [
        shown({"image/png": PIXEL}, **{"image/png": {"width": injection, "height": 5, "alt": "x"}}),
        shown({"image/png": PIXEL}, width=injection, unconfined=True, filenames={"image/png": "javascript:x"}),
        shown({"text/html": "<p>"}, **{"text/html": {"isolated": True}}),
        v4.new_output("stream", text=f"<script>{HIT}</script>"),
        v4.new_output("error", ename="<script>", evalue="<script>", traceback=[f"<script>{HIT}</script>"]),
    ]
    cells += [
        v4.new_code_cell(f'"<script>{HIT}</script>"', outputs=outputs, metadata={"tags": ['"><script>'], "alt": 1})
    ]
    notebook = v4.new_notebook(cells=cells)
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"m": f"</script><script>{HIT}</script>"}}}
    notebook.metadata |= {"widgets": state, "title": f"<script>{HIT}</script>", "authors": "somebody"}
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": '"><script>'}
    return notebook


ACTING = {
    "script", "style", "iframe", "object", "embed", "form", "input", "button", "textarea", "meta", "base", "link",
    "svg",
    "math", "frame", "template", "noscript", "audio", "video",
}  # fmt: skip


def acting(html):
    """Return what in a page's body acts, fetches or leads somewhere, or looks like the page itself."""
    found = []
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        if tag.name in ACTING:
            found.append(str(tag)[:300])
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            address = text.strip().lower()
            bad = name.startswith("on") or name in ("srcdoc", "action", "formaction", "autofocus", "srcset")
            bad |= name in ("href", "src") and not re.fullmatch(r"#.*|data:image/[a-z+]+;base64,\S*|\w+\.png", address)
            bad |= name == "style" and ("url" in text or "position" in text)
            bad |= name == "class" and "modal" in text
            if bad:
                found.append(f"{tag.name} {name}={text[:200]}")
    return found


def body(html):
    """Return what stands in the page for the notebook's cells."""
    return str(BeautifulSoup(html, "html.parser").find(id="notebook-container"))
