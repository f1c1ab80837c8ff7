"""What is said of a trained model beside its score, and which advice is chosen by it."""

import math
from dataclasses import replace

import pytest

from tfcourse.checks import Advice, accuracy, mean_absolute_error
from tfcourse.checks.diagnosis import (
    Diagnosis,
    Facts,
    History,
    both,
    choose,
    diverged,
    has,
    lacks,
    no_hidden_layer,
    not_learning,
    overfits,
    past_its_best,
    range_within,
    rungs_without,
    still_learning,
    unscaled,
)

NAN, INFINITY = math.nan, math.inf


def after(*loss, validation=(), hidden=0.8, training=None, **fields):
    return Diagnosis(hidden, training, history=History(tuple(loss), tuple(validation), 10 * len(loss)), **fields)


def made_of(*layers, **fields):
    return Diagnosis(0.8, facts=Facts(layers=layers, **fields))


FALLING = [0.9**epoch for epoch in range(12)]
FLAT = [1.0, 0.5, *[0.4 + 0.001 * (-1) ** epoch for epoch in range(10)]]


# ---------------------------------------------------------------------------- overfitting


@pytest.mark.parametrize(
    ("training", "hidden", "higher_is_better", "gap", "expected"),
    [
        (0.99, 0.71, True, 0.05, True),
        (0.80, 0.79, True, 0.05, False),
        (0.70, 0.80, True, 0.05, False),
        (0.92, 0.80, True, 0.05, True),
        (0.89, 0.80, True, 0.05, False),
        (0.92, 0.80, True, 0.07, False),
        (0.20, 0.50, False, 0.05, True),
        (0.50, 0.20, False, 0.05, False),
        (8.0, 10.0, False, 0.5, True),
        (9.2, 10.0, False, 0.05, False),
        (None, 0.50, True, 0.05, False),
        (NAN, 0.50, True, 0.05, False),
    ],
)
def test_a_model_overfits_where_it_is_clearly_better_on_what_it_has_seen(
    training, hidden, higher_is_better, gap, expected
):
    found = Diagnosis(hidden, training, higher_is_better=higher_is_better, gap=gap)
    assert overfits(found) is expected


# ---------------------------------------------------------------------------- curves


def test_a_loss_that_falls_to_the_end_is_still_falling():
    assert still_learning(after(*FALLING))
    assert still_learning(after(*FALLING, validation=FALLING))


@pytest.mark.parametrize(
    "loss",
    [
        FLAT,
        [],
        [1.0],
        [1.0, 0.9, 0.8],
        [1.0] * 12,
        [*FALLING[:6], *[FALLING[5]] * 8],
        [0.999**epoch for epoch in range(12)],
        [0.3**epoch for epoch in range(12)],
        [1.0, 0.8, 0.9, 0.7, 0.8, 0.6, 0.7],
        [*FALLING, NAN],
        [*FALLING, INFINITY],
    ],
    ids=[
        "flat",
        "none",
        "one",
        "too few to tell",
        "constant",
        "has stopped",
        "hardly falls",
        "has nowhere to go",
        "up and down",
        "NaN",
        "infinite",
    ],
)
def test_what_is_not_still_falling(loss):
    assert not still_learning(after(*loss))


def test_who_stopped_early_was_not_still_learning():
    """The training loss falls on and on; the validation loss says when it is enough."""
    turned = [*FALLING[:-5], *[2.0] * 5]
    found = after(*FALLING, validation=turned)
    assert not still_learning(found)
    assert "still learning" not in found.sentence(accuracy)


def test_a_loss_that_hardly_moved_has_not_learned():
    assert not_learning(after(1.0, 0.99, 0.98, 0.985))
    assert not_learning(after(2.3, 2.4, 2.5))
    for loss in ([], [1.0], [1.0, 0.9, 0.99], [1.0, 0.5], [1.0, NAN], [1.0, INFINITY]):
        assert not not_learning(after(*loss)), loss


def test_a_single_dense_layer_is_no_hidden_layer():
    assert no_hidden_layer(made_of("Normalization", "Dense"))
    for names in (("Dense", "Dense"), ("Conv1D", "Flatten", "Dense"), ("Bidirectional", "LSTM", "Dense"), ()):
        assert not no_hidden_layer(made_of(*names)), names


def test_a_loss_that_became_infinite_has_diverged():
    assert diverged(after(1.0, NAN))
    assert diverged(after(1.0, INFINITY, 2.0))
    assert not diverged(after(1.0, 1e30))
    assert not diverged(after())


def test_a_validation_loss_that_rose_again_is_past_its_best():
    assert past_its_best(after(1.0, validation=[1.0, 0.5, 0.4, 0.6]))
    assert past_its_best(after(1.0, validation=[1.0, NAN, 0.4, 0.6]))
    for validation in ([], [0.4, 0.6], [1.0, 0.5, 0.4], [1.0, 0.5, 0.4, 0.43], [NAN] * 5):
        assert not past_its_best(after(1.0, validation=validation)), validation


# ---------------------------------------------------------------------------- facts


def test_values_far_from_one_are_unscaled():
    assert unscaled(made_of("Dense", low=0.0, high=255.0))
    assert unscaled(made_of("Dense", low=-30.0, high=1.0))
    assert not unscaled(made_of("Dense", low=-3.0, high=5.0))
    assert not unscaled(made_of("Dense"))


def test_layers_are_found_by_what_their_names_begin_with():
    found = made_of("Sequential", "RandomFlip", "Conv2D", "Dense")
    assert has("Random")(found)
    assert has("LSTM", "Conv")(found)
    assert not has("LSTM", "GRU")(found)
    assert lacks("LSTM", "GRU")(found)
    assert not lacks("LSTM", "Conv")(found)


def test_of_a_model_of_which_nothing_is_known_nothing_is_lacking():
    assert not lacks("Dropout")(made_of())
    assert not has("Dropout")(made_of())


def test_ranges():
    assert range_within(0, 1)(made_of("Dense", low=0.0, high=1.0))
    assert not range_within(0, 1)(made_of("Dense", low=-1.0, high=1.0))
    assert not range_within(0, 1)(made_of("Dense", low=0.0, high=255.0))
    assert not range_within(0, 1)(made_of("Dense"))


def test_several_conditions():
    found = made_of("Dense", low=0.0, high=255.0)
    assert both(unscaled, has("Dense"))(found)
    assert not both(unscaled, has("Conv"))(found)


# ---------------------------------------------------------------------------- a sentence

SENTENCES = {
    "overfits": (
        Diagnosis(0.71, 0.99),
        "It overfits: accuracy 0.990 on its training data, 0.710 here.",
    ),
    "does not overfit": (
        Diagnosis(0.80, 0.82),
        "No overfitting: accuracy 0.820 on its training data, 0.800 here.",
    ),
    "still learning": (after(*FALLING), "It was still learning: the loss falls to the last epoch."),
    "both": (
        replace(after(*FALLING), training=0.99, hidden=0.5),
        "It overfits: accuracy 0.990 on its training data, 0.500 here. "
        "It was still learning: the loss falls to the last epoch.",
    ),
    "diverged": (after(1.0, 2.0, NAN), "The loss became infinite or NaN in training."),
    "past its best": (
        after(*FLAT, validation=[0.9, NAN, 0.4, 0.5, 0.7]),
        "Its validation loss was lowest after epoch 3 and rose from there.",
    ),
    "nothing": (after(*FLAT), ""),
}


@pytest.mark.parametrize(("found", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_what_is_said(found, expected):
    assert found.sentence(accuracy) == expected


def test_an_error_is_told_as_the_metric_shows_it():
    found = Diagnosis(2.0, 0.5, higher_is_better=False)
    assert found.sentence(mean_absolute_error) == "It overfits: MAE 0.500 on its training data, 2.000 here."


# ---------------------------------------------------------------------------- advice

ADVICE = (
    Advice("Scale.", when=unscaled),
    Advice("Augment.", rungs=(2, 3), when=both(overfits, lacks("Random"))),
    Advice("Go on.", rungs=(0, 1, 2, 3)),
    Advice("Well done.", rungs=(4, 5)),
)


@pytest.mark.parametrize(
    ("found", "rung", "expected"),
    [
        (Diagnosis(0.5, 0.9, facts=Facts(layers=("Dense",), low=0.0, high=255.0)), 2, "Scale."),
        (Diagnosis(0.5, 0.9, facts=Facts(layers=("Dense",), low=0.0, high=255.0)), 5, "Scale."),
        (Diagnosis(0.5, 0.9, facts=Facts(layers=("Dense",))), 2, "Augment."),
        (Diagnosis(0.5, 0.9, facts=Facts(layers=("Dense",))), 1, "Go on."),
        (Diagnosis(0.5, 0.9, facts=Facts(layers=("RandomFlip", "Dense"))), 2, "Go on."),
        (Diagnosis(0.5, 0.9), 3, "Go on."),
        (Diagnosis(0.9), 5, "Well done."),
    ],
)
def test_the_first_advice_that_fits_rung_and_model_is_chosen(found, rung, expected):
    assert choose(ADVICE, rung, found) == expected


def test_where_nothing_fits_nothing_is_said():
    assert choose((Advice("x", rungs=(1,)),), 2, Diagnosis(0.5)) == ""


def test_rungs_for_which_there_is_no_advice_that_always_fits():
    assert rungs_without(ADVICE) == []
    assert rungs_without(ADVICE[:3]) == [4, 5]
    assert rungs_without(ADVICE[:2]) == [0, 1, 2, 3, 4, 5]
    assert rungs_without((Advice("x"),)) == []
