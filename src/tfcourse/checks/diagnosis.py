"""What is known of a trained model beside its score: the curves of its training, and facts of its layers.

A score alone tells how good a model is. Why, and so what to try next, shows in its metric on the data that it
learned from, in how its loss fell, and in what it is made of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfcourse.checks.metrics import Metric


@dataclass(frozen=True)
class History:
    """The losses of a training, one entry an epoch.

    Args:
        loss: On the training data; NaN where it was none.
        validation_loss: On what the learner held back; empty where there was nothing.
        steps: Batches that the model learned from.
    """

    loss: tuple[float, ...] = ()
    validation_loss: tuple[float, ...] = ()
    steps: int = 0


@dataclass(frozen=True)
class Facts:
    """What a model is made of.

    Args:
        parameters: Number of weights.
        trainable: How many of them training changes.
        layers: Class names in order, those within models and wrappers included.
        optimizer: Class name; empty where the model is not compiled.
        rate: The learning rate that training began with, where it is known.
        low: The lowest value that reaches the first layer with trainable weights; None where it cannot be told.
        high: The highest.
    """

    parameters: int = 0
    trainable: int = 0
    layers: tuple[str, ...] = ()
    optimizer: str = ""
    rate: float | None = None
    low: float | None = None
    high: float | None = None


NO_HISTORY = History()
NO_FACTS = Facts()


@dataclass(frozen=True)
class Diagnosis:
    """What advice rests on.

    Args:
        hidden: The metric on hidden data.
        training: The metric on data that the model learned from; None where it is not known.
        higher_is_better: Of the metric.
        gap: A difference of the metric that matters: the distance of the ladder's two upper rungs.
        history: How training went.
        facts: What the model is made of.
    """

    hidden: float
    training: float | None = None
    higher_is_better: bool = True
    gap: float = 0.05
    history: History = NO_HISTORY
    facts: Facts = NO_FACTS

    def sentence(self, metric: Metric) -> str:
        """Return the diagnosis in a line; empty where there is nothing to say."""
        said = []
        if self.training is not None:
            where = f"{metric.name} {metric.show(self.training)} on its training data, {metric.show(self.hidden)} here"
            said.append(f"It overfits: {where}." if overfits(self) else f"No overfitting: {where}.")
        if diverged(self):
            said.append("The loss became infinite or NaN in training.")
        elif still_learning(self):
            said.append("It was still learning: the loss falls to the last epoch.")
        elif past_its_best(self):
            best = self.history.validation_loss.index(min(filter(math.isfinite, self.history.validation_loss)))
            said.append(f"Its validation loss was lowest after epoch {best + 1} and rose from there.")
        return " ".join(said)


def plain(found: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as JSON values: a loss that is no finite number is None."""

    def finite(rows: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: _finite(value) for name, value in rows}

    return asdict(found, dict_factory=finite)


def from_plain(row: Mapping[str, Any]) -> Diagnosis | None:
    """Return what `plain` was given; None where it is nothing of the kind."""
    try:
        history, facts = row["history"], row["facts"]
        curves = {
            name: tuple(math.nan if value is None else float(value) for value in history[name])
            for name in ("loss", "validation_loss")
        }
        return Diagnosis(
            **{
                **row,
                "history": History(**curves, steps=history["steps"]),
                "facts": Facts(**{**facts, "layers": tuple(facts["layers"])}),
            }
        )
    except (KeyError, TypeError, ValueError):
        return None


def _finite(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


Condition = Callable[[Diagnosis], bool]


def overfits(found: Diagnosis) -> bool:
    """Tell whether the model is clearly better on its training data than on hidden data."""
    if found.training is None:
        return False
    ahead = found.training - found.hidden if found.higher_is_better else found.hidden - found.training
    return ahead > max(2 * found.gap, 0.1 * abs(found.hidden))


def still_learning(found: Diagnosis) -> bool:
    """Tell whether the training loss fell to the end: by over 2 % an epoch in the last quarter, at least 3 epochs.

    A loss that is down to a twentieth of what it was has nowhere to go, however it falls. Where there is a validation
    loss, it has to have been lowest in that quarter, too.
    """
    loss = found.history.loss
    last = max(3, len(loss) // 4)
    if len(loss) <= last or not all(map(math.isfinite, loss)) or loss[-1] < 0.05 * loss[0]:
        return False
    validation = [value for value in found.history.validation_loss if math.isfinite(value)]
    if validation and min(validation) not in validation[-last:]:
        return False
    before, after = sum(loss[-last - 1 : -1]) / last, sum(loss[-last:]) / last
    fallen = sum(b < a for a, b in zip(loss[-last - 1 :], loss[-last:], strict=False))
    return after < 0.98 * before and 3 * fallen >= 2 * last


def not_learning(found: Diagnosis) -> bool:
    """Tell whether the training loss has hardly moved: by less than 3 % since the first epoch."""
    loss = found.history.loss
    return len(loss) > 1 and math.isfinite(loss[-1]) and min(loss) > 0.97 * loss[0]


def diverged(found: Diagnosis) -> bool:
    """Tell whether the training loss became NaN or infinite."""
    return not all(map(math.isfinite, found.history.loss))


def past_its_best(found: Diagnosis) -> bool:
    """Tell whether the validation loss rose by more than 10 % above its lowest value."""
    loss = [value for value in found.history.validation_loss if math.isfinite(value)]
    return len(loss) > 2 and loss[-1] > 1.1 * min(loss)


def unscaled(found: Diagnosis) -> bool:
    """Tell whether values far from 1 reach the first layer that learns."""
    low, high = found.facts.low, found.facts.high
    return low is not None and high is not None and max(abs(low), abs(high)) > 20


def has(*names: str) -> Condition:
    """Return a condition: the model has a layer whose class name begins with one of `names`."""
    return lambda found: any(layer.startswith(names) for layer in found.facts.layers)


def lacks(*names: str) -> Condition:
    """Return a condition: the model has layers, and none whose class name begins with one of `names`."""
    return lambda found: bool(found.facts.layers) and not has(*names)(found)


def no_hidden_layer(found: Diagnosis) -> bool:
    """Tell whether a model has a single Dense layer, and no layer along time or over pictures."""
    return found.facts.layers.count("Dense") == 1 and lacks("Conv", "LSTM", "GRU", "SimpleRNN")(found)


def both(*conditions: Condition) -> Condition:
    """Return a condition that holds where all of `conditions` do."""
    return lambda found: all(condition(found) for condition in conditions)


def range_within(low: float, high: float) -> Condition:
    """Return a condition: what reaches the first layer that learns lies from `low` to `high`."""
    return lambda found: found.facts.low is not None and found.facts.low >= low and found.facts.high <= high  # type: ignore[operator]


@dataclass(frozen=True)
class Advice:
    """A next step, for some rungs, and where the model is as it supposes.

    Args:
        text: One to three sentences.
        rungs: Thresholds that were reached, 0 to 5.
        when: Default: always.
    """

    text: str
    rungs: Sequence[int] = (0, 1, 2, 3, 4, 5)
    when: Condition | None = None


def choose(advice: Sequence[Advice], rung: int, found: Diagnosis) -> str:
    """Return the first text that fits."""
    for each in advice:
        if rung in each.rungs and (each.when is None or each.when(found)):
            return each.text
    return ""


def rungs_without(advice: Sequence[Advice]) -> list[int]:
    """Return the rungs for which there is no advice that fits whatever the model is."""
    return [rung for rung in range(6) if not any(each.when is None and rung in each.rungs for each in advice)]
