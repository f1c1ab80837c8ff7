"""Loss curves, as a small picture and as plain text."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Sequence

from tfcourse.checks.diagnosis import History

_WIDTH, _HEIGHT, _EDGE = 300, 90, 6
_BLOCKS = "▁▂▃▄▅▆▇█"
_MOST_BLOCKS = 40
_TRAINING, _VALIDATION = "#0969da", "#bc4c00"


def curves_text(history: History) -> list[str]:
    """Return the curves as lines of text; none where there is nothing to draw."""
    lines = []
    for name, values in (("loss", history.loss), ("val_loss", history.validation_loss)):
        shown = [value for value in values if math.isfinite(value)]
        if len(shown) > 1:
            lines.append(f"  {name:9}{_blocks(shown)}  {shown[0]:.3g} → {shown[-1]:.3g} in {len(values)} epochs")
    return lines


def _blocks(values: Sequence[float]) -> str:
    step = max(1, math.ceil(len(values) / _MOST_BLOCKS))
    some = list(values[::step])
    low, high = min(some), max(some)
    span = high - low or 1.0
    return "".join(_BLOCKS[round((value - low) / span * (len(_BLOCKS) - 1))] for value in some)


def curves_html(history: History) -> str:
    """Return the curves as an image, an SVG with a text alternative; empty where there is nothing to draw.

    Feedback shows no SVG within HTML, for one may hold scripts: see `tfcourse.grading.cleaning`.
    """
    curves = [
        (name, colour, values)
        for name, colour, values in (
            ("training", _TRAINING, history.loss),
            ("validation", _VALIDATION, history.validation_loss),
        )
        if sum(map(math.isfinite, values)) > 1
    ]
    if not curves:
        return ""
    finite = [value for _, _, values in curves for value in values if math.isfinite(value)]
    low, high = min(0.0, *finite), max(finite)
    lines = "".join(_line(values, low, high, colour) for _, colour, values in curves)
    told = "; ".join(
        f"{name} loss {shown[0]:.3g} at first, {shown[-1]:.3g} after {len(values)} epochs"
        for name, _, values in curves
        for shown in [[value for value in values if math.isfinite(value)]]
    )
    legend = " ".join(f'<span style="color:{colour}">■</span> {name}' for name, colour, _ in curves)
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" fill="none">'
        f'<path d="M{_EDGE} 0V{_HEIGHT - _EDGE}H{_WIDTH}" stroke="#808080"/>{lines}</svg>'
    )
    return (
        f'<img alt="Loss by epoch: {told}" src="data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}" '
        f'style="display:block;width:{_WIDTH}px;max-width:100%;margin:6px 0 0">'
        f'<div style="font-size:85%;opacity:.8">loss by epoch, {low:.3g} to {high:.3g}: {legend}</div>'
    )


def _line(values: Sequence[float], low: float, high: float, colour: str) -> str:
    span, last = high - low or 1.0, max(1, len(values) - 1)
    points = [
        f"{_EDGE + place / last * (_WIDTH - _EDGE):.1f},{(high - value) / span * (_HEIGHT - _EDGE):.1f}"
        for place, value in enumerate(values)
        if math.isfinite(value)
    ]
    return f'<polyline points="{" ".join(points)}" stroke="{colour}" stroke-width="2"/>'
