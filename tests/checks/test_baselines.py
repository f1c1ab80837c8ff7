"""Baselines, against predictions worked out by hand."""

import numpy as np
import pytest

from tfcourse.checks import FixedBudget, Output, Split, baselines
from tfcourse.checks.baselines import MOST_POINTS


def predict(baseline, x, y, x_test):
    return baseline.predict(Split(x, y, x_test, np.full(len(x_test), np.nan)))


WINDOWS = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
TWO_AHEAD = np.array([[5.0, 6.0], [9.0, 10.0]])


def test_what_does_not_learn_may_get_one_point_and_what_is_simple_three():
    assert MOST_POINTS == {"does not learn": 1, "simple": 3}
    assert baselines.majority().kind == baselines.mean().kind == baselines.last_value().kind == "does not learn"
    assert baselines.last_season(2).kind == "does not learn"
    assert baselines.linear().kind == baselines.logistic().kind == baselines.bag_of_words().kind == "simple"
    assert baselines.moving_average(2).kind == "simple"


def test_majority_of_many_classes_is_a_row_of_probabilities():
    found = predict(baselines.majority(), np.zeros((5, 1)), np.array([0, 2, 2, 1, 2]), np.zeros((2, 1)))
    assert found.tolist() == [[0, 0, 1], [0, 0, 1]]


def test_majority_of_two_classes_is_one_probability():
    found = predict(baselines.majority(), np.zeros((3, 1)), np.array([0, 1, 1]), np.zeros((2, 1)))
    assert found.tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize("y", [np.array([1.0, 3.0]), np.array([[1.0, 3.0], [1.0, 3.0]])])
def test_mean_has_the_shape_of_the_targets(y):
    found = predict(baselines.mean(), WINDOWS, y, WINDOWS[:1])
    assert found.shape == (1, *y.shape[1:])
    assert (found == 2).all()


@pytest.mark.parametrize("x", [WINDOWS, np.stack([WINDOWS, -WINDOWS], axis=-1)], ids=["one series", "features"])
def test_last_value_is_repeated_for_every_step(x):
    assert predict(baselines.last_value(), x, TWO_AHEAD, x).tolist() == [[4, 4], [8, 8]]


@pytest.mark.parametrize(("period", "expected"), [(2, [[3, 4], [7, 8]]), (4, [[1, 2], [5, 6]]), (1, [[4, 4], [8, 8]])])
def test_last_season_repeats_what_stands_a_period_before(period, expected):
    assert predict(baselines.last_season(period), WINDOWS, TWO_AHEAD, WINDOWS).tolist() == expected


def test_last_season_wraps_where_the_horizon_is_longer():
    ahead = np.zeros((2, 3))
    assert predict(baselines.last_season(2), WINDOWS, ahead, WINDOWS[:1]).tolist() == [[3, 4, 3]]


def test_moving_average_is_the_level_of_the_end():
    assert predict(baselines.moving_average(2), WINDOWS, np.zeros(2), WINDOWS).tolist() == [[3.5], [7.5]]


def test_linear_regression_finds_a_line():
    x = np.random.default_rng(0).normal(size=(50, 2, 3))
    y = x.reshape(50, -1) @ np.arange(6.0)
    found = predict(baselines.linear(), x, y, x)
    np.testing.assert_allclose(found[:, 0], y, atol=1e-8)


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_regression_gives_probabilities(classes):
    y = np.arange(90) % classes
    x = np.eye(classes)[y] + np.random.default_rng(0).normal(scale=0.1, size=(90, classes))
    found = predict(baselines.logistic(), x, y, x)
    if classes == 2:
        assert found.shape == (90, 1)
        assert ((found[:, 0] > 0.5) == y).all()
    else:
        np.testing.assert_allclose(found.sum(axis=1), 1)
        assert (found.argmax(axis=1) == y).all()


def test_bag_of_words_reads_words():
    texts = np.array(["good good day", "bad day", "good", "bad bad"] * 5)
    labels = np.array([1, 0, 1, 0] * 5)
    found = predict(baselines.bag_of_words(), texts, labels, np.array(["good", "bad"]))
    assert found[0, 0] > 0.5 > found[1, 0]


@pytest.mark.slow
def test_networks_trained_and_untrained_are_the_same_at_every_run():
    import keras

    def build_model():
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        model.compile(loss="mae")
        return model

    training = FixedBudget(Output("value", (2,)), epochs=1)
    for baseline, kind in (
        (baselines.untrained(training, build_model), "does not learn"),
        (baselines.network("dense", training, build_model), "simple"),
    ):
        assert baseline.kind == kind
        first = predict(baseline, WINDOWS, TWO_AHEAD, WINDOWS)
        keras.utils.set_random_seed(99)
        np.testing.assert_array_equal(predict(baseline, WINDOWS, TWO_AHEAD, WINDOWS), first)
    untrained, trained = (
        predict(baseline, WINDOWS, TWO_AHEAD, WINDOWS)
        for baseline in (
            baselines.untrained(training, build_model),
            baselines.network("dense", training, build_model),
        )
    )
    assert not np.array_equal(untrained, trained)
