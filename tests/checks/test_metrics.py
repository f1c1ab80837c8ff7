"""Metrics, against numbers worked out by hand."""

import numpy as np
import pytest

from tfcourse.checks import accuracy, balanced_accuracy, mean_absolute_error


def test_accuracy_takes_the_largest_probability():
    predictions = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.4, 0.35, 0.25]])
    assert accuracy(np.array([1, 0, 2, 1]), predictions) == 0.75


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("labels", [(4,), (4, 1)])
def test_accuracy_of_two_classes_cuts_above_one_half(shape, labels):
    predictions = np.array([0.9, 0.5, 0.2, 0.51]).reshape(shape)
    assert accuracy(np.array([1, 0, 1, 1]).reshape(labels), predictions) == 0.75


def test_balanced_accuracy_is_the_mean_recall_of_the_classes_that_occur():
    labels = np.array([0, 0, 0, 0, 2, 2, 3])
    answers = np.eye(4)[[0, 0, 0, 1, 2, 0, 1]]
    assert balanced_accuracy(labels, answers) == pytest.approx((3 / 4 + 1 / 2 + 0) / 3)


def test_balanced_accuracy_of_always_the_same_class_is_one_class_of_k():
    labels = np.array([0] * 97 + [1, 2, 3])
    assert balanced_accuracy(labels, np.eye(4)[np.zeros(100, int)]) == 0.25
    assert balanced_accuracy(labels[:, None], np.eye(4)[labels]) == 1


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_mean_absolute_error_does_not_broadcast(shape):
    assert mean_absolute_error(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 1.0]).reshape(shape)) == 1.0


def test_mean_absolute_error_is_over_all_steps_ahead():
    assert mean_absolute_error(np.zeros((2, 2)), np.array([[1.0, 0.0], [0.0, 3.0]])) == 1.0


def test_a_metric_is_a_plain_float_and_shows_its_digits():
    value = accuracy(np.array([1]), np.array([0.9], dtype="float32"))
    assert type(value) is float
    assert mean_absolute_error.show(1.23456) == "1.235"


def test_which_direction_is_better():
    assert accuracy.higher_is_better
    assert balanced_accuracy.higher_is_better
    assert not mean_absolute_error.higher_is_better
