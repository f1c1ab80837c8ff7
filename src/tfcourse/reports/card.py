"""A score as a small picture: the points, the metric beside its ladder and the baselines, the next step.

Every card has two forms that say the same: HTML for notebooks and plain text for everything else.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from tfcourse.checks.records import Outcome, Receipt, Score
from tfcourse.reports.curves import curves_html, curves_text

RECEIPT_MIME = "application/vnd.tfcourse.receipt+json"
_WIDTH = 100
_SIGN = {
    Outcome.NOT_ATTEMPTED: "○",
    Outcome.MISTAKE: "✗",
    Outcome.CRASH: "⚠",
    Outcome.OUT_OF_TIME: "⚠",
    Outcome.WRONG: "✗",
    Outcome.WEAK: "◐",
    Outcome.RIGHT: "✓",
}
_COLOUR = {
    Outcome.NOT_ATTEMPTED: "#6e7781",
    Outcome.MISTAKE: "#cf222e",
    Outcome.CRASH: "#bc4c00",
    Outcome.OUT_OF_TIME: "#bc4c00",
    Outcome.WRONG: "#cf222e",
    Outcome.WEAK: "#bf8700",
    Outcome.RIGHT: "#1a7f37",
}


def show_number(value: float) -> str:
    """Format points: no digits after the point where there is nothing to say."""
    return f"{value:g}"


def advice_html(text: str) -> str:
    """Return a hint as HTML; what stands between backticks is code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


@dataclass(frozen=True)
class Card:
    """Shows a score in a notebook.

    Args:
        score: What to show.
        receipt: Travels with the card, where the score is one of record.
    """

    score: Score
    receipt: Receipt | None = None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/html": self.html(), "text/plain": self.text()}
        if self.receipt is not None:
            bundle[RECEIPT_MIME] = asdict(self.receipt)
        return bundle

    def text(self) -> str:
        """Return the plain form."""
        score = self.score
        lines = [f"{_SIGN[score.outcome]} {self._headline()}", *_wrap(score.message)]
        lines += [f"    {line}" for line in score.lines.splitlines()]
        if score.ladder is not None and score.value is not None:
            for points, threshold, names, reached in self._rungs():
                mark = "●" if reached else "·"
                lines.append(f"  {points} {mark} {threshold:>8}  {', '.join(names)}".rstrip())
        lines += [line for said in self._diagnosis() for line in _wrap(said)]
        if score.diagnosis is not None:
            lines += curves_text(score.diagnosis.history)
        if score.next_step:
            lines += _wrap(f"Next: {score.next_step}")
        lines += [f"  | {line}" for line in score.printed.splitlines()]
        return "\n".join(lines)

    def html(self) -> str:
        """Return the form for notebooks; it keeps the page's own text and background colours."""
        score, colour = self.score, _COLOUR[self.score.outcome]
        parts = [
            f'<div style="border-left:4px solid {colour};padding:6px 12px;margin:4px '
            '0;max-width:46em;line-height:1.45">',
            f'<div><strong style="color:{colour}">{_SIGN[score.outcome]} {escape(self._headline())}</strong></div>',
            f"<div>{escape(score.message)}</div>",
        ]
        if score.lines:
            parts.append(f'<pre style="margin:6px 0;white-space:pre-wrap">{escape(score.lines)}</pre>')
        if score.ladder is not None and score.value is not None:
            parts.append(self._ladder_html())
        parts += [f"<div>{escape(said)}</div>" for said in self._diagnosis()]
        curves = curves_html(score.diagnosis.history) if score.diagnosis is not None else ""
        if curves:
            parts.append(curves)
        if score.next_step:
            parts.append(f"<div><strong>Next:</strong> {advice_html(score.next_step)}</div>")
        if score.printed:
            parts.append(f'<pre style="margin:6px 0;white-space:pre-wrap;opacity:.75">{escape(score.printed)}</pre>')
        if score.seconds:
            size = f"{score.parameters:,} parameters, " if score.parameters else ""
            parts.append(f'<div style="opacity:.65;font-size:85%">{size}{score.seconds:.1f} s</div>')
        return "\n".join([*parts, "</div>"])

    def _diagnosis(self) -> list[str]:
        """Return what is known of the model beside its score, in sentences."""
        score = self.score
        said = []
        if score.diagnosis is not None and score.ladder is not None:
            said.append(score.diagnosis.sentence(score.ladder.metric))
        if score.confusions:
            pairs = ", ".join(f"{true} taken for {told} ({count})" for true, told, count in score.confusions)
            said.append(f"Most often wrong: {pairs}.")
        return [each for each in said if each]

    def _headline(self) -> str:
        score = self.score
        points = f"{show_number(score.points)} of {show_number(score.max_points)} points"
        return f"{score.title}: {points}, {score.outcome}"

    def _rungs(self) -> list[tuple[int, str, list[str], bool]]:
        """Return, from the top: points, threshold, who stands on the rung, whether it was reached."""
        ladder, value = self.score.ladder, self.score.value
        assert ladder is not None
        assert value is not None
        standing: dict[int, list[tuple[float, str]]] = {points: [] for points in range(6)}
        for name, mean in self.score.landmarks.items():
            standing[ladder.rung(mean)].append((mean, f"{name} {ladder.metric.show(mean)}"))
        standing[ladder.rung(value)].append((value, f"you {ladder.metric.show(value)}"))
        rows = []
        for points in range(5, -1, -1):
            names = [name for _, name in sorted(standing[points], reverse=ladder.metric.higher_is_better)]
            sign = "≥" if ladder.metric.higher_is_better else "≤"
            threshold = f"{sign} {ladder.metric.show(ladder.thresholds[points - 1])}" if points else ""
            rows.append((points, threshold, names, 0 < points <= ladder.rung(value)))
        return rows

    def _ladder_html(self) -> str:
        rows = []
        for points, threshold, names, reached in self._rungs():
            chips = " ".join(_chip(name) for name in names)
            tint = "background:rgba(26,127,55,.16);" if reached else ""
            cell = f"{tint}padding:3px 10px;border:0;border-bottom:1px solid rgba(128,128,128,.35);text-align:left"
            rows.append(
                f'<tr style="background:none"><td style="{cell};font-weight:600">{points}</td>'
                f'<td style="{cell};white-space:nowrap">{threshold}</td>'
                f'<td style="{cell};min-width:18em;white-space:normal;line-height:1.9">{chips}</td></tr>'
            )
        metric = self.score.ladder.metric.name if self.score.ladder else ""
        head = "".join(
            f'<th style="padding:2px 10px;text-align:left;opacity:.65;font-weight:400">{title}</th>'
            for title in ("points", metric, "who stands here")
        )
        return (
            '<table style="color:inherit;border-collapse:collapse;margin:8px 0;font-size:95%">'
            f'<thead><tr style="background:none">{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        )


def _chip(name: str) -> str:
    if name.startswith("you "):
        style = "background:#0969da;color:#fff;font-weight:600"
    else:
        style = "border:1px solid rgba(128,128,128,.6)"
    style += ";border-radius:9px;padding:1px 8px;margin-right:2px;white-space:nowrap"
    return f'<span style="{style}">{escape(name)}</span>'


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")


@dataclass(frozen=True)
class Note:
    """A message of the course that is no score: a hint, a solution's absence, a defect of ours.

    Args:
        title: In bold.
        body: Plain text; line breaks are kept.
        code: Shown as code below it.
    """

    title: str
    body: str
    code: str = ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/html": self.html(), "text/plain": self.text()}

    def text(self) -> str:
        """Return the plain form."""
        return "\n".join(part for part in (f"{self.title}: {self.body}", self.code) if part)

    def html(self) -> str:
        """Return the form for notebooks."""
        body = escape(self.body).replace("\n", "<br>")
        code = f'<pre style="margin:6px 0">{escape(self.code)}</pre>' if self.code else ""
        return (
            '<div style="border-left:4px solid #0969da;padding:6px 12px;margin:4px 0;max-width:46em;line-height:1.45">'
            f"<strong>{escape(self.title)}</strong><div>{body}</div>{code}</div>"
        )
