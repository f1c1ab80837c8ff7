"""Loss curves, drawn and in plain text."""

import base64
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest

from tfcourse.checks.diagnosis import History
from tfcourse.reports.curves import _MOST_BLOCKS, curves_html, curves_text

NAN, INFINITY = math.nan, math.inf


def history(*loss, validation=()):
    return History(tuple(loss), tuple(validation), 10)


# ---------------------------------------------------------------------------- text


def test_a_curve_is_a_row_of_blocks_with_its_ends():
    assert curves_text(history(8.0, 4.0, 2.0, 1.0)) == ["  loss     █▄▂▁  8 → 1 in 4 epochs"]


def test_both_curves_are_shown():
    lines = curves_text(history(1.0, 0.5, validation=(2.0, 0.125)))
    assert lines == ["  loss     █▁  1 → 0.5 in 2 epochs", "  val_loss █▁  2 → 0.125 in 2 epochs"]


@pytest.mark.parametrize("loss", [(), (1.0,), (NAN, NAN), (1.0, INFINITY)])
def test_where_there_is_no_curve_nothing_is_drawn(loss):
    assert curves_text(history(*loss)) == []
    assert curves_html(history(*loss)) == ""


def test_a_flat_curve_is_drawn():
    assert curves_text(history(0.5, 0.5, 0.5)) == ["  loss     ▁▁▁  0.5 → 0.5 in 3 epochs"]


def test_what_is_no_number_leaves_no_block():
    assert curves_text(history(1.0, NAN, 0.5)) == ["  loss     █▁  1 → 0.5 in 3 epochs"]


@pytest.mark.parametrize("epochs", [40, 41, 79, 100, 2_000])
def test_a_long_training_fits_into_a_line_and_ends_where_it_ended(epochs):
    (line,) = curves_text(history(*(1.0 - epoch / epochs for epoch in range(epochs))))
    blocks = line.split()[1]
    assert len(blocks) <= _MOST_BLOCKS
    assert (blocks[0], blocks[-1]) == ("█", "▁")
    assert line.endswith(f"in {epochs} epochs")


# ---------------------------------------------------------------------------- a picture


def drawn(found):
    """Return the picture, which has to be well-formed, and the points of its curves."""
    page = curves_html(found)
    content = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]).decode()
    assert 'xmlns="http://www.w3.org/2000/svg"' in content, "or it is no image"
    picture = ElementTree.fromstring(content.replace(' xmlns="http://www.w3.org/2000/svg"', ""))
    lines = [line.get("points").split() for line in picture.iter("polyline")]
    return picture, [[tuple(map(float, point.split(","))) for point in line] for line in lines], page


def test_a_curve_runs_from_edge_to_edge():
    picture, (line,), _ = drawn(history(1.0, 0.5, 0.0))
    _, _, width, height = map(float, picture.get("viewBox").split())
    assert len(line) == 3
    assert line[0][1] == 0
    assert line[-1][0] == width
    assert line[-1][1] == max(y for _, y in line) <= height
    assert [x for x, _ in line] == sorted(x for x, _ in line)


def test_both_curves_have_one_scale_and_a_legend():
    _, (training, validation), page = drawn(history(1.0, 0.2, validation=(2.0, 0.4)))
    assert validation[0][1] == 0
    assert training[0][1] > 0
    assert "</span> training" in page
    assert "</span> validation" in page
    assert "0 to 2" in page


def test_who_cannot_see_it_is_told():
    _, _, page = drawn(history(1.0, 0.25, validation=(2.0, 0.5)))
    assert page.startswith(
        '<img alt="Loss by epoch: training loss 1 at first, 0.25 after 2 epochs; '
        'validation loss 2 at first, 0.5 after 2 epochs" '
    )


def test_what_is_no_number_is_left_out():
    _, (line,), page = drawn(history(1.0, NAN, INFINITY, 0.5))
    assert len(line) == 2
    assert "nan" not in page
    assert "inf" not in page


def test_a_training_that_ended_in_nan_is_told_up_to_there():
    _, (line,), page = drawn(history(1.0, 2.0, NAN))
    assert len(line) == 2
    assert "nan" not in page
    assert "1 at first, 2 after 3 epochs" in page


def test_a_loss_below_nothing_has_a_scale_of_its_own():
    _, (line,), page = drawn(history(1.0, -1.0))
    assert line[0][1] == 0
    assert "-1 to 1" in page
