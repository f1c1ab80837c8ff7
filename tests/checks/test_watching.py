"""How a training is watched, and what a model is said to be made of."""

import math

import numpy as np
import pytest
from lazily import keras, layers

from tfcourse.checks import watching
from tfcourse.checks.diagnosis import NO_HISTORY
from tfcourse.checks.watching import MOST_EPOCHS, Curves, facts_of, loss_curves
from tfcourse.datasets.backbone import load_backbone

pytestmark = pytest.mark.slow

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = X[:, :1]


def compiled(*parts, shape=(3,), **options):
    model = keras.Sequential([keras.Input(shape), *parts])
    model.compile(loss="mse", **options)
    return model


def line():
    return compiled(layers.Dense(1))


# ---------------------------------------------------------------------------- curves


def test_losses_of_every_epoch_and_steps_are_kept():
    with loss_curves() as curves:
        history = line().fit(X, Y, epochs=3, batch_size=10, verbose=0)
    found = curves.history()
    assert found.loss == pytest.approx(history.history["loss"])
    assert (found.validation_loss, found.steps, curves.fits) == ((), 12, 1)


def test_losses_of_what_is_held_back_are_kept():
    with loss_curves() as curves:
        history = line().fit(X, Y, epochs=3, validation_split=0.5, verbose=0)
    assert curves.history().validation_loss == pytest.approx(history.history["val_loss"])


def test_two_trainings_are_one_curve_and_their_steps_add_up():
    with loss_curves() as curves:
        model = line()
        model.fit(X, Y, epochs=2, batch_size=20, verbose=0)
        model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.001))  # its optimizer counts from 0 again
        model.fit(X, Y, epochs=3, batch_size=10, verbose=0)
        model.fit(X, Y, epochs=1, batch_size=40, verbose=0)  # and this one goes on
    found = curves.history()
    assert (len(found.loss), found.steps, curves.fits) == (6, 4 + 12 + 1, 3)


def test_steps_before_the_watch_do_not_count():
    model = line()
    model.fit(X, Y, epochs=2, verbose=0)
    with loss_curves() as curves:
        model.fit(X, Y, batch_size=20, verbose=0)
    assert curves.history().steps == 2


def test_predicting_and_evaluating_is_no_training():
    with loss_curves() as curves:
        model = line()
        model.predict(X, verbose=0)
        model.evaluate(X, Y, verbose=0)
    assert curves.history() == NO_HISTORY
    assert curves.fits == 0


class Stops:
    """Ends a training after its second epoch."""

    def __new__(cls):
        class Callback(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = epoch == 1

        return Callback()


@pytest.mark.parametrize("several", [lambda one: one, lambda one: [one], lambda one: (one,)])
def test_the_learners_own_callbacks_work_as_ever(several):
    with loss_curves() as curves:
        history = line().fit(X, Y, epochs=9, verbose=0, callbacks=several(Stops()))
    assert len(history.epoch) == len(curves.history().loss) == 2


def test_a_list_of_callbacks_is_not_written_to():
    callbacks = [Stops()]
    with loss_curves():
        line().fit(X, Y, epochs=1, verbose=0, callbacks=callbacks)
    assert len(callbacks) == 1


def test_nobody_watches_afterwards_whatever_happened():
    before = keras.callbacks.CallbackList.__init__
    with pytest.raises(ZeroDivisionError), loss_curves():
        raise ZeroDivisionError
    assert keras.callbacks.CallbackList.__init__ is before
    with loss_curves() as curves:
        pass
    line().fit(X, Y, verbose=0)
    assert curves.fits == 0


def test_a_loss_that_is_none_is_kept_as_none():
    model = compiled(layers.Dense(1), optimizer=keras.optimizers.SGD(1e30))
    with loss_curves() as curves:
        model.fit(X, Y, epochs=3, verbose=0)
    found = curves.history().loss
    assert len(found) == 3
    assert not math.isfinite(found[-1])


def test_of_a_very_long_training_the_end_is_kept():
    curves = Curves(loss=[float(number) for number in range(MOST_EPOCHS + 5)])
    assert curves.history().loss[0] == 5
    assert len(curves.history().loss) == MOST_EPOCHS


# ---------------------------------------------------------------------------- how far it is


def told_of(fit):
    told = []
    with loss_curves(told.append):
        fit()
    return told


def test_every_step_and_every_epoch_is_told():
    told = told_of(lambda: line().fit(X, Y, epochs=2, batch_size=20, verbose=0))
    assert [(epoch.number, epoch.of, epoch.share) for epoch in told] == [
        (1, 2, 0.5),
        (1, 2, 1.0),
        (1, 2, 1.0),
        (2, 2, 0.5),
        (2, 2, 1.0),
        (2, 2, 1.0),
    ]
    assert all(math.isfinite(epoch.loss) and epoch.validation_loss is None for epoch in told)


def test_what_is_held_back_is_told_at_the_end_of_an_epoch():
    told = told_of(lambda: line().fit(X, Y, epochs=2, validation_split=0.5, verbose=0))
    ends = [epoch for epoch in told if epoch.validation_loss is not None]
    assert [epoch.number for epoch in ends] == [1, 2]


def test_each_training_has_its_number():
    def twice():
        model = line()
        model.fit(X, Y, epochs=1, verbose=0)
        model.fit(X, Y, epochs=3, initial_epoch=2, verbose=0)

    told = told_of(twice)
    assert {(epoch.fit, epoch.number, epoch.of) for epoch in told} == {(1, 1, 1), (2, 3, 3)}


def test_a_training_of_unknown_length_is_told_all_the_same():
    def endless():
        while True:
            yield X, Y

    told = told_of(lambda: line().fit(endless(), epochs=2, steps_per_epoch=2, verbose=0))
    assert told[-1].number == 2
    told = told_of(lambda: line().fit(((X, Y) for _ in range(3)), epochs=1, verbose=0))
    assert [epoch.share for epoch in told][:1] == [0.0]
    assert told[-1].share == 1.0


# ---------------------------------------------------------------------------- facts


def test_facts_of_a_small_network():
    model = compiled(layers.Dense(4, "relu"), layers.Dropout(0.5), layers.Dense(1, trainable=False), optimizer="sgd")
    found = facts_of(model, X)
    assert (found.parameters, found.trainable) == (21, 16)
    assert found.layers == ("Dense", "Dropout", "Dense")
    assert (found.optimizer, found.rate) == ("SGD", pytest.approx(0.01))
    assert (found.low, found.high) == (pytest.approx(X.min()), pytest.approx(X.max()))


def test_layers_within_models_and_wrappers_are_named_in_their_order():
    model = compiled(
        keras.Sequential([layers.Dropout(0.1)]),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.TimeDistributed(layers.Dense(2)),
        layers.RNN(layers.GRUCell(2)),
        shape=(4, 2),
    )
    found = facts_of(model, np.zeros((3, 4, 2), "float32")).layers
    assert found[:2] == ("Sequential", "Dropout")
    assert "Bidirectional" in found
    assert "LSTM" in found
    assert found.index("TimeDistributed") < found.index("Dense")
    assert found[-2:] == ("RNN", "GRUCell")


def test_a_model_that_is_not_compiled_has_no_optimizer():
    found = facts_of(keras.Sequential([keras.Input((3,)), layers.Dense(1)]), X)
    assert (found.optimizer, found.rate) == ("", None)


def test_the_rate_of_a_schedule_is_the_one_that_it_begins_with():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.1)
    model = compiled(layers.Dense(1), optimizer=keras.optimizers.SGD(schedule))
    model.fit(X, Y, epochs=20, verbose=0)
    assert facts_of(model, X).rate == pytest.approx(0.5)


def test_a_rate_that_cannot_be_told_costs_nothing(monkeypatch):
    model = line()
    monkeypatch.setattr(model.optimizer, "_learning_rate", lambda step: 1 / 0)
    assert facts_of(model, X).rate is None


PIXELS = np.random.default_rng(0).uniform(0, 255, (8, 6, 6, 3)).astype("float32")
RANGES = {
    "raw": ([], (0, 255)),
    "rescaled": (["Rescaling", 1 / 255], (0, 1)),
    "augmented and rescaled": (["RandomFlip", "horizontal", "Rescaling", 1 / 127.5], (0, 2)),
    "flattened": (["Rescaling", 1 / 255, "Flatten"], (0, 1)),
}


def parts_of(names):
    made = []
    for name in names:
        if isinstance(name, str) and hasattr(keras.layers, name):
            made.append([name])
        else:
            made[-1].append(name)
    return [getattr(layers, name)(*arguments) for name, *arguments in made]


@pytest.mark.parametrize(("before", "expected"), RANGES.values(), ids=RANGES)
@pytest.mark.parametrize("nested", [False, True])
def test_the_range_of_what_the_first_layer_with_weights_gets(before, expected, nested):
    parts = parts_of(before)
    if nested and parts:
        parts = [keras.Sequential([keras.Input((6, 6, 3)), *parts])]
    last = [layers.Dense(1)] if "Flatten" in before else [layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(1)]
    found = facts_of(compiled(*parts, *last, shape=(6, 6, 3)), PIXELS)
    low, high = expected
    assert low <= found.low < low + 0.1 * (high - low)
    assert high - 0.1 * (high - low) < found.high <= high


def test_scaling_within_a_model_that_is_used_as_a_layer_is_seen():
    inner = keras.Sequential([keras.Input((6, 6, 3)), layers.Rescaling(1 / 255), layers.Conv2D(2, 3), layers.Flatten()])
    found = facts_of(compiled(inner, layers.Dense(1), shape=(6, 6, 3)), PIXELS)
    assert 0 <= found.low < found.high <= 1


def test_what_is_frozen_counts_as_a_layer_with_weights():
    backbone = load_backbone()
    backbone.trainable = False
    pixels = np.random.default_rng(0).uniform(0, 255, (4, 16, 16, 3)).astype("float32")
    raw = facts_of(compiled(backbone, layers.Flatten(), layers.Dense(1), shape=(16, 16, 3)), pixels)
    assert raw.high > 200
    scaled = compiled(layers.Rescaling(1 / 127.5, -1), backbone, layers.Flatten(), layers.Dense(1), shape=(16, 16, 3))
    assert -1.01 <= facts_of(scaled, pixels).low < -0.9


def test_a_batch_normalization_in_front_is_no_layer_that_learns_from_raw_values():
    """Its weights are vectors: what comes behind it gets values near 1."""
    model = compiled(layers.BatchNormalization(), layers.Dense(1))
    model.fit(200 + X, Y, epochs=60, verbose=0)
    assert facts_of(model, 200 + X).high < 150


def test_word_numbers_have_no_range():
    model = compiled(layers.Embedding(1000, 4), layers.Flatten(), layers.Dense(1))
    found = facts_of(model, np.full((4, 3), 900.0, "float32"))
    assert (found.low, found.high) == (None, None)


def test_a_model_without_weights_has_no_range():
    found = facts_of(keras.Sequential([keras.Input((3,)), layers.Flatten()]), X)
    assert (found.low, found.high, found.parameters, found.layers) == (None, None, 0, ("Flatten",))


def test_an_unusual_model_has_less_to_be_said_of_it(monkeypatch):
    monkeypatch.setattr(watching, "_first_learning", lambda model: 1 / 0)
    found = facts_of(line(), X)
    assert (found.low, found.high, found.parameters) == (None, None, 4)
