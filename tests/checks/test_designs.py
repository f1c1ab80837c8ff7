"""Designs: what travels to the process that trains, what is left behind, and what is refused with which words."""

import copy
import importlib
import json

import numpy as np
import pytest
from lazily import keras, layers, ops, tf

from tfcourse.checks import designs
from tfcourse.checks.designs import MOST_BYTES, MOST_CONSTANTS, design_of, made_anew
from tfcourse.checks.predictions import as_tensor
from tfcourse.datasets import backbone
from tfcourse.datasets.backbone import load_backbone
from tfcourse.errors import LearnerMistake

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
X = RNG.normal(3, 5, size=(40, 6)).astype("float32")
TEXTS = np.array(["the good day", "a bad day", "good good day indeed", "Émile's été!", "a bad bad night"] * 4)
WORDS = np.array([["a"], ["b"], ["a"], ["c"], ["zz"]])
NUMBERS = np.array([[3], [1], [3], [7], [-9]])


def compiled(*parts, shape=(6,), dtype=None, loss="mse", optimizer="adam", **options):
    model = keras.Sequential([keras.Input(shape, dtype=dtype), *parts])
    model.compile(optimizer=optimizer, loss=loss, **options)
    return model


def functional(calls, shape=(6,)):
    inputs = keras.Input(shape)
    model = keras.Model(inputs, calls(inputs))
    model.compile(loss="mse")
    return model


def travelled(model):
    """Return the model that the process that trains makes of a learner's."""
    return made_anew(design_of(model).content)[0]


def with_weights_of(model, other):
    """Return a model with another one's weights: then both predict the same where they are built the same."""
    for mine, theirs in zip(model.trainable_weights, other.trainable_weights, strict=True):
        mine.assign(theirs)
    return model


def same(model, x=X):
    """Tell whether a model and the one that is made of it compute the same."""
    anew = with_weights_of(travelled(model), model)
    return np.array_equal(np.asarray(model(as_tensor(x))), np.asarray(anew(as_tensor(x))))


def refusal(model):
    with pytest.raises(LearnerMistake) as refused:
        design_of(model)
    return str(refused.value)


def document_of(model):
    return json.loads(design_of(model).content)


def refused_anew(document):
    """Return what is said of a design that nobody's `design_of` made."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(LearnerMistake) as refused:
        made_anew(content)
    assert len(str(refused.value)) < 500
    return str(refused.value)


# ---------------------------------------------------------------------------- what travels


def shared_layer(x):
    dense = layers.Dense(4, activation="relu")
    return layers.Dense(1)(layers.Add()([dense(x), dense(ops.flip(x, axis=1))]))


def nested_model(x):
    inner = keras.Sequential([keras.Input((6,)), layers.Dense(3, "relu"), layers.BatchNormalization()], name="inner")
    return layers.Dense(1)(inner(x))


MODELS = {
    "a functional model": lambda x: layers.Dense(1)(layers.Dense(4, "relu")(x)),
    "a nested model": nested_model,
    "a shared layer": shared_layer,
    "a residual connection": lambda x: layers.Dense(1)(x + layers.Dense(6, "relu")(x)),
    "arithmetic": lambda x: layers.Dense(1)(2.0 * (x / 255.0 - 0.5) ** 2),
    "operations": lambda x: layers.Dense(1)(ops.concatenate([ops.sin(x), ops.mean(x, axis=1, keepdims=True)], -1)),
    "an array of means": lambda x: layers.Dense(1)(x - X.mean(axis=0)),
    "a tensor of means": lambda x: layers.Dense(1)(x - tf.constant(X.mean(axis=0))),
    "a slice": lambda x: layers.Dense(1)(x[:, 1:-1:2]),
    "a new axis": lambda x: layers.Dense(1)(layers.Flatten()(x[..., None])),
    "attention": lambda x: layers.Dense(1)(
        layers.Flatten()(layers.MultiHeadAttention(2, 4)(*[layers.Reshape((3, 2))(x)] * 2))
    ),
}


@pytest.mark.parametrize("calls", MODELS.values(), ids=MODELS)
def test_functional_models_compute_what_they_did(calls):
    assert same(functional(calls))


SEQUENCES = {
    "recurrent": lambda: [layers.Reshape((3, 2)), layers.GRU(3, return_sequences=True), layers.LSTM(2)],
    "cells": lambda: [layers.Reshape((3, 2)), layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)])],
    "wrappers": lambda: [
        layers.Reshape((3, 2)),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.TimeDistributed(layers.Dense(2)),
        layers.Flatten(),
    ],
    "convolutions": lambda: [
        layers.Reshape((6, 1)),
        layers.Conv1D(3, 2, padding="causal"),
        layers.GlobalMaxPooling1D(),
    ],
    "regularizers and constraints": lambda: [
        layers.Dense(3, kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2), kernel_constraint="non_neg")
    ],
    "an activation as a layer": lambda: [layers.Dense(3), layers.LeakyReLU(negative_slope=0.1), layers.PReLU()],
    "a layer as an activation": lambda: [layers.Dense(3, activation=layers.LeakyReLU(negative_slope=0.1))],
    "NumPy's numbers": lambda: [layers.Rescaling(np.float32(0.5), offset=np.float64(2)), layers.Dense(3)],
    "an initializer with a seed": lambda: [layers.Dense(3, kernel_initializer=keras.initializers.HeNormal(seed=7))],
    "a few constants": lambda: [layers.Dense(3, kernel_initializer=keras.initializers.Constant(0.1))],
}


@pytest.mark.parametrize("parts", SEQUENCES.values(), ids=SEQUENCES)
def test_layers_compute_what_they_did(parts):
    assert same(compiled(*parts(), layers.Dense(1)))


@pytest.mark.parametrize(
    "named",
    [
        "keras.activations.gelu",
        "keras.ops.silu",
        "tensorflow.nn.relu",
        "tensorflow.nn.softmax",
        "tensorflow.nn.log_softmax",
        "tensorflow.nn.sigmoid",
        "tensorflow.nn.leaky_relu",
        "tensorflow.nn.gelu",
        "tensorflow.tanh",
    ],
)
def test_functions_of_keras_and_of_tensorflow_are_taken_as_activations(named):
    module, name = named.rsplit(".", 1)
    assert same(compiled(layers.Dense(3, activation=getattr(importlib.import_module(module), name))))


def test_augmentation_travels_with_its_ranges():
    augmentation = keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation((-0.1, 0.2), fill_mode="nearest"),
            layers.RandomZoom(0.2, width_factor=(-0.1, 0.1)),
            layers.RandomTranslation(0.1, (0.0, 0.2)),
            layers.RandomContrast((0.1, 0.3)),
            layers.RandomBrightness(0.2, value_range=(0, 1)),
        ],
        name="augmentation",
    )
    model = compiled(augmentation, layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(1), shape=(8, 8, 3))
    anew = travelled(model)
    found, expected = (
        json.dumps([layer.get_config() for layer in each.layers], default=str)
        for each in (anew.get_layer("augmentation"), augmentation)
    )
    assert found == expected


def test_many_numbers_of_augmentation_and_scales_are_no_constants():
    parts = [layers.RandomContrast((0.1, 0.3)) for _ in range(20)]
    scales = layers.Rescaling([1 / 255, 1 / 254, 1 / 253], offset=[0.5, 0.25, 0.125])
    assert travelled(compiled(*parts, scales, layers.Flatten(), layers.Dense(1), shape=(8, 8, 3))).built


def test_seeds_are_no_constants():
    drawn = keras.initializers.RandomNormal
    parts = [layers.Dense(6, kernel_initializer=drawn(stddev=0.1, seed=number)) for number in range(30)]
    assert travelled(compiled(*parts, layers.Dense(1))).built


def test_a_model_that_was_built_by_its_first_call():
    model = keras.Sequential([layers.Dense(3, "relu"), layers.Dense(1)])
    model.compile(loss="mse")
    model(X)
    assert same(model)


def test_what_is_frozen_stays_frozen_layer_by_layer():
    inner = keras.Sequential([keras.Input((6,)), layers.Dense(6), layers.Dense(6), layers.BatchNormalization()])
    inner.trainable = True
    inner.layers[0].trainable = False
    model = compiled(inner, layers.Dense(6, trainable=False), layers.Dense(1))
    anew = travelled(model)
    assert [weight.path for weight in anew.trainable_weights] == [weight.path for weight in model.trainable_weights]
    assert len(anew.trainable_weights) == 6


LOSSES = {
    "a name": lambda: "mae",
    "a function": lambda: keras.losses.mean_absolute_error,
    "another function": lambda: keras.losses.huber,
    "an object": lambda: keras.losses.Huber(delta=0.5),
    "a list": lambda: ["mse"],
    "a list of functions": lambda: [keras.losses.mean_squared_error],
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_losses_give_the_same_value(loss):
    model = compiled(layers.Dense(1), loss=loss())
    anew = with_weights_of(travelled(model), model)
    y = X[:, :1]
    assert anew.evaluate(X, y, verbose=0) == model.evaluate(X, y, verbose=0)


def test_a_loss_by_the_name_of_an_output():
    model = compiled(layers.Dense(1, name="height"), loss={"height": keras.losses.mean_absolute_error})
    assert travelled(model).loss == {"height": "mean_absolute_error"}


def test_the_weights_of_losses_travel():
    model = compiled(layers.Dense(1), loss_weights=[3.0])
    assert travelled(model).get_compile_config()["loss_weights"] == [3.0]


def test_metrics_of_the_learners_own_do_not_matter():
    def my_metric(y_true, y_pred):
        return ops.mean(y_true - y_pred)

    assert same(compiled(layers.Dense(1), metrics=[my_metric, "mae"]))


SCHEDULES = {
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 100, "warmup_target": 0.2, "warmup_steps": 10},
    "PiecewiseConstantDecay": {"boundaries": [10, 20], "values": [0.3, 0.2, 0.1]},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_give_the_same_rates(name):
    schedule = getattr(keras.optimizers.schedules, name)(**SCHEDULES[name])
    anew = travelled(compiled(layers.Dense(1), optimizer=keras.optimizers.SGD(schedule)))
    assert type(anew.optimizer).__name__ == "SGD"
    for step in (0, 5, 15, 25):
        assert float(anew.optimizer._learning_rate(step)) == float(schedule(step))


def test_an_optimizer_keeps_its_options():
    optimizer = keras.optimizers.SGD(0.03, momentum=0.9, nesterov=True, clipnorm=1.0, weight_decay=0.01)
    anew = travelled(compiled(layers.Dense(1), optimizer=optimizer))
    assert anew.optimizer.get_config() == optimizer.get_config()


def test_a_rate_that_was_set_later_travels():
    model = compiled(layers.Dense(1))
    model.optimizer.learning_rate = 0.25
    assert float(travelled(model).optimizer.learning_rate) == 0.25


# ---------------------------------------------------------------------------- what is left behind


def test_weights_are_made_anew():
    model = compiled(layers.Dense(1))
    model.set_weights([np.full((6, 1), 5.0), np.full(1, 7.0)])
    anew = travelled(model)
    assert not np.array_equal(anew.get_weights()[0], model.get_weights()[0])
    assert anew.get_weights()[1] == 0


def test_the_same_seed_gives_the_same_weights():
    content = design_of(compiled(layers.Dense(8), layers.Dropout(0.5), layers.Dense(1))).content
    drawn = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        drawn.append(made_anew(content)[0].get_weights()[0])
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[1], drawn[2])


def test_training_before_gains_nothing_and_is_noted():
    fresh, trained = compiled(layers.Dense(1)), compiled(layers.Dense(1))
    trained.fit(X, X[:, :1], verbose=0)
    assert made_anew(design_of(fresh).content)[1] is False
    anew, trained_before = made_anew(design_of(trained).content)
    assert trained_before is True
    assert int(anew.optimizer.iterations) == 0
    assert not np.array_equal(anew.get_weights()[0], trained.get_weights()[0])
    assert b"5.0" not in design_of(fresh).content


def test_statistics_of_batch_normalization_are_made_anew():
    model = compiled(layers.BatchNormalization(momentum=0.5), layers.Dense(1))
    model.fit(X, X[:, :1], verbose=0)
    assert np.abs(model.layers[0].moving_mean).max() > 0
    assert np.abs(travelled(model).layers[0].moving_mean).max() == 0


def test_what_was_registered_with_keras_is_not_known_there():
    @keras.saving.register_keras_serializable("Mine")
    class Halve(layers.Layer):
        pass

    try:
        document = document_of(compiled(layers.Dense(1)))
        entry = document["model"]["config"]["layers"][1]
        entry |= {"module": "keras.layers", "class_name": "Mine>Halve", "registered_name": "Mine>Halve"}
        assert "Expected a model that can be built again" in refused_anew(document)
    finally:
        keras.saving.get_custom_objects().pop("Mine>Halve")


# ---------------------------------------------------------------------------- adapted layers


def adapted(layer, data):
    layer.adapt(data)
    return layer


PICTURES = RNG.uniform(0, 255, size=(20, 8, 6)).astype("float32")
WIDE = RNG.normal(size=(30, 200)).astype("float32")
TEXT_MODES = {
    "int": {},
    "int, cut": {"max_tokens": 4, "output_sequence_length": 3},
    "characters": {"split": "character"},
}
WEIGHTED = {
    "tf_idf": {},
    "tf_idf, cut": {"max_tokens": 4},
    "tf_idf, padded": {"max_tokens": 40, "pad_to_max_tokens": True},
    "tf_idf of pairs": {"ngrams": 2},
}
WEIGHTED = {"output_mode": "tf_idf"}
ADAPTED = {
    "Normalization": ("Normalization", {}, X),
    "Normalization of everything": ("Normalization", {"axis": None}, X),
    "Normalization of each place": ("Normalization", {"axis": (1, 2)}, PICTURES),
    "Normalization of many features": ("Normalization", {}, WIDE),
    "Normalization, inverted": ("Normalization", {"invert": True}, X),
    "words": ("TextVectorization", {}, TEXTS),
    "words, cut": ("TextVectorization", {"max_tokens": 4, "output_sequence_length": 3}, TEXTS),
    "characters": ("TextVectorization", {"split": "character"}, TEXTS),
    "words, multi_hot": ("TextVectorization", {"output_mode": "multi_hot"}, TEXTS),
    "words, tf_idf": ("TextVectorization", WEIGHTED, TEXTS),
    "words, tf_idf, cut": ("TextVectorization", {**WEIGHTED, "max_tokens": 4}, TEXTS),
    "words, tf_idf, padded": ("TextVectorization", {**WEIGHTED, "max_tokens": 40, "pad_to_max_tokens": True}, TEXTS),
    "pairs of words, tf_idf": ("TextVectorization", {**WEIGHTED, "ngrams": 2}, TEXTS),
    "StringLookup": ("StringLookup", {}, WORDS),
    "StringLookup, one_hot": ("StringLookup", {"output_mode": "one_hot", "num_oov_indices": 2}, WORDS),
    "StringLookup, tf_idf": ("StringLookup", WEIGHTED, WORDS),
    "IntegerLookup": ("IntegerLookup", {}, NUMBERS),
    "IntegerLookup, multi_hot": ("IntegerLookup", {"output_mode": "multi_hot"}, NUMBERS),
    "IntegerLookup, tf_idf": ("IntegerLookup", WEIGHTED, NUMBERS),
    "Discretization": ("Discretization", {"num_bins": 4}, X),
    "Discretization, one_hot": ("Discretization", {"num_bins": 4, "output_mode": "one_hot"}, X[:, :1]),
}


def unseen(data):
    if data.dtype.kind == "U":
        return np.array(["unseen words, good ones", "", "b"]).reshape(3, *data.shape[1:])
    return -data[:3]


@pytest.mark.parametrize(("name", "options", "data"), ADAPTED.values(), ids=ADAPTED)
def test_what_a_layer_has_adapted_to_travels_to_the_digit(name, options, data):
    layer = adapted(getattr(layers, name)(**options), data)
    dtype = {"U": "string", "i": "int64", "f": "float32"}[data.dtype.kind]
    model = compiled(layer, shape=data.shape[1:], dtype=dtype)
    anew = travelled(model)
    for x in (data, unseen(data)):
        expected, found = (np.asarray(each(as_tensor(x))) for each in (model, anew))
        assert expected.dtype == found.dtype
        np.testing.assert_array_equal(found, expected)


def test_a_function_of_tensorflows_may_standardize():
    layer = adapted(layers.TextVectorization(standardize=tf.strings.lower), TEXTS)
    assert same(compiled(layer, shape=(), dtype="string"), TEXTS)


def test_layers_adapt_in_nested_models_and_in_wrappers_as_well():
    normalization = adapted(layers.Normalization(), X[:, :2])
    wrapped = compiled(layers.Reshape((3, 2)), layers.TimeDistributed(normalization), layers.Flatten())
    assert same(wrapped)
    inner = keras.Sequential([keras.Input((6,)), adapted(layers.Normalization(), X)], name="inner")
    assert same(compiled(inner, layers.Dense(1)))


def test_vocabularies_and_means_may_be_given():
    assert same(compiled(layers.TextVectorization(vocabulary=["good", "bad"]), shape=(), dtype="string"), TEXTS)
    weighted = layers.TextVectorization(output_mode="tf_idf", vocabulary=["good", "bad"], idf_weights=[0.5, 0.7])
    assert same(compiled(weighted, shape=(), dtype="string"), TEXTS)
    assert same(compiled(layers.Normalization(mean=[1.0] * 6, variance=np.arange(1, 7)), layers.Dense(1)))


def test_an_unadapted_layer_travels_as_it_is():
    assert same(compiled(layers.Normalization(), layers.Dense(1)))


# ---------------------------------------------------------------------------- the shipped backbone


def on_backbone(change=lambda shipped: None, wrap=lambda shipped: shipped, shape=(16, 16, 3)):
    shipped = load_backbone()
    change(shipped)
    return compiled(wrap(shipped), layers.Flatten(), layers.Dense(3), shape=shape)


def kept_layers(model):
    """Return the backbone's layers whose weights are the shipped ones after the journey."""
    anew = travelled(model)
    kept = {layer.name for layer in anew._flatten_layers() if backbone.digest_of(layer)}
    return [name for name in backbone.SHA256_OF_LAYERS if name in kept]


SHIPPED = [name for name in backbone.SHA256_OF_LAYERS if name != "kinds"]


@pytest.mark.parametrize(
    ("wrap", "shape"),
    [
        (lambda shipped: shipped, (16, 16, 3)),
        (lambda shipped: keras.Sequential([keras.Input((16, 16, 3)), shipped]), (16, 16, 3)),
        (lambda shipped: layers.TimeDistributed(shipped), (2, 16, 16, 3)),
    ],
    ids=["a layer", "in a model", "in a wrapper"],
)
def test_the_shipped_weights_are_kept(wrap, shape):
    assert kept_layers(on_backbone(wrap=wrap, shape=shape)) == SHIPPED


def test_the_shipped_weights_do_not_travel_themselves():
    assert len(design_of(on_backbone()).content) < 40_000


def test_the_layers_of_the_backbone_may_be_used_without_its_model():
    shipped = load_backbone()
    shipped.trainable = False
    model = keras.Model(shipped.input, layers.Dense(3)(layers.GlobalAveragePooling2D()(shipped.output)))
    model.compile(loss="mse")
    assert kept_layers(model) == SHIPPED
    assert len(travelled(model).trainable_weights) == 2


def test_the_top_is_kept_where_it_is_used():
    assert kept_layers(on_backbone(wrap=lambda shipped: load_backbone(include_top=True))) == [*SHIPPED, "kinds"]


def test_part_of_the_backbone_may_be_thawed():
    def thaw(shipped):
        shipped.trainable = True
        for layer in shipped.layers[:-4]:
            layer.trainable = False

    model = on_backbone(thaw)
    anew = travelled(model)
    assert kept_layers(model) == SHIPPED
    assert [weight.path for weight in anew.trainable_weights] == [weight.path for weight in model.trainable_weights]


def test_a_layer_whose_weights_are_others_starts_anew():
    """Whatever was done to it, by training it say: one digit is enough."""

    def change(shipped):
        weights = shipped.get_layer("conv2").get_weights()
        weights[0][0, 0, 0, 0] = np.nextafter(weights[0][0, 0, 0, 0], np.float32(9))
        shipped.get_layer("conv2").set_weights(weights)

    assert kept_layers(on_backbone(change)) == [name for name in SHIPPED if name != "conv2"]


def test_a_design_cannot_name_weights_that_were_not_shipped():
    document = document_of(on_backbone())
    path = next(path for path in document["shipped"] if path.endswith("conv2"))
    for digest in ("0" * 64, 3, None, ["x"], backbone.SHA256_OF_LAYERS["conv1"]):
        forged = copy.deepcopy(document)
        forged["shipped"][path] = digest
        if digest is None:  # the same as not to name any
            assert made_anew(json.dumps(forged).encode())
        else:
            assert "Expected a model that can be built again" in refused_anew(forged)


# ---------------------------------------------------------------------------- classes and functions of one's own


def own_layer():
    class MyLayer(layers.Layer):
        def call(self, inputs):
            return inputs

    return MyLayer()


def subclassed():
    class MyModel(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            return self.dense(inputs)

    model = MyModel()
    model.compile(loss="mse")
    model(X)
    return model


def cheating(**attributes):
    class Cheating(keras.Sequential):
        def fit(self, *args, **kwargs):
            """Do something else than to train."""

        def predict(self, x, **kwargs):
            return x[:, :1]

    for name, value in attributes.items():
        setattr(Cheating, name, value)
    model = Cheating([keras.Input((6,)), layers.Dense(1)])
    model.compile(loss="mse")
    return model


def own_schedule():
    class MySchedule(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

    return keras.optimizers.SGD(MySchedule())


def own_optimizer():
    class MyOptimizer(keras.optimizers.SGD):
        pass

    return MyOptimizer(0.1)


def own_loss():
    class MyLoss(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return ops.abs(y_true - y_pred)

    return MyLoss()


def my_function(*args, **kwargs):
    return args[0]


def text(**options):
    return compiled(layers.TextVectorization(**options), shape=(), dtype="string")


OWN = {
    "model": (subclassed, "MyModel, a model class of your own", "keras.Model(inputs, outputs)"),
    "fit and predict": (cheating, "Cheating, a model class of your own", "Use Sequential"),
    "layer": (lambda: compiled(own_layer()), "MyLayer, a layer class of your own", "keras.ops"),
    "layer in a wrapper": (
        lambda: compiled(layers.Reshape((3, 2)), layers.TimeDistributed(own_layer())),
        "MyLayer, a layer class of your own",
        "built-in layers",
    ),
    "layer in a model": (lambda: compiled(keras.Sequential([own_layer()])), "MyLayer", "built-in layers"),
    "activation": (lambda: compiled(layers.Dense(1, my_function)), "an activation", "by its name"),
    "loss": (lambda: compiled(layers.Dense(1), loss=my_function), "a loss", "keras.losses"),
    "loss in a list": (lambda: compiled(layers.Dense(1), loss=[my_function]), "a loss", "keras.losses"),
    "loss of a class": (lambda: compiled(layers.Dense(1), loss=own_loss()), "found MyLoss", "keras.losses"),
    "a lambda as loss": (lambda: compiled(layers.Dense(1), loss=lambda a, b: a - b), "a loss", "keras.losses"),
    "optimizer": (
        lambda: compiled(layers.Dense(1), optimizer=own_optimizer()),
        "an optimizer of Keras's own, since the model is trained in another process; found MyOptimizer",
        "one of keras.optimizers.",
    ),
    "schedule": (
        lambda: compiled(layers.Dense(1), optimizer=own_schedule()),
        "a learning rate schedule of Keras's own",
        "ExponentialDecay, CosineDecay or PiecewiseConstantDecay",
    ),
    "rate": (
        lambda: compiled(layers.Dense(1), optimizer=keras.optimizers.SGD(lambda: 0.1)),
        "a learning rate schedule",
        "keras.optimizers.schedules",
    ),
    "initializer": (
        lambda: compiled(layers.Dense(1, kernel_initializer=lambda shape, dtype=None: ops.ones(shape))),
        "an initializer",
        "keras.initializers",
    ),
    "regularizer": (
        lambda: compiled(layers.Dense(1, kernel_regularizer=lambda weights: ops.sum(weights))),
        "a regularizer",
        "keras.regularizers.L2",
    ),
    "standardize": (lambda: text(standardize=my_function), "a way to standardize text", '"lower"'),
    "split": (lambda: text(split=my_function), "a way to split text", '"character"'),
}


@pytest.mark.parametrize(("make", "found", "instead"), OWN.values(), ids=OWN)
def test_what_only_the_notebook_knows_is_refused_with_what_to_use_instead(make, found, instead):
    message = refusal(make())
    assert message.startswith("Expected ")
    assert found in message
    assert instead in message
    assert "another process" in message


def test_what_only_the_notebook_knows_is_refused_also_where_nobody_looked_for_it():
    message = refusal(compiled(layers.Dense(1, bias_constraint=my_function)))
    assert "found my_function, which only this notebook knows" in message


def test_a_lambda_layer_is_refused_and_named():
    message = refusal(compiled(layers.Lambda(lambda x: x / 255)))
    assert "found Lambda, which holds a program" in message
    assert "Rescaling" in message


def test_a_class_that_takes_the_name_of_keras_own_is_built_as_keras_own():
    model = cheating(__name__="Sequential", __module__="keras.src.models.sequential")
    assert type(travelled(model)) is keras.Sequential


def test_methods_that_were_put_into_a_model_stay_behind():
    model = compiled(layers.Dense(1))
    model.predict = my_function
    model.layers[0].call = my_function
    anew = travelled(model)
    assert anew.predict(X, verbose=0).shape == (40, 1)
    assert anew(X).shape == (40, 1)


@pytest.mark.parametrize("what", [{"loss": None}, {"optimizer": None}])
def test_a_model_without_loss_or_optimizer(what):
    assert "compiled with a loss and an optimizer" in refusal(compiled(layers.Dense(1), **what))


def test_a_loss_without_its_parentheses():
    assert refusal(compiled(layers.Dense(1), loss=keras.losses.Huber)) == (
        "Expected a loss; found the class Huber. Write Huber(), with its parentheses."
    )


# ---------------------------------------------------------------------------- constants

TOO_MANY = RNG.normal(size=(6, 20)).astype("float32")
FEW = RNG.normal(size=(6, 2)).astype("float32")
CONSTANTS = {
    "an initializer": lambda numbers: compiled(
        layers.Dense(numbers.shape[1], kernel_initializer=keras.initializers.Constant(numbers))
    ),
    "an initializer, as a list": lambda numbers: compiled(
        layers.Dense(numbers.shape[1], kernel_initializer=keras.initializers.Constant(numbers.tolist()))
    ),
    "an array": lambda numbers: functional(lambda x: ops.matmul(x, numbers)),
    "a tensor": lambda numbers: functional(lambda x: ops.matmul(x, tf.constant(numbers))),
    "an array of whole numbers": lambda numbers: functional(
        lambda x: ops.matmul(x, (100 * numbers).astype("int32").astype("float32"))
    ),
    "several operations": lambda numbers: functional(
        lambda x: ops.stack([ops.sum(x * row, axis=1) for row in numbers.T], axis=1)
    ),
    "scales": lambda numbers: compiled(layers.Rescaling(1.0, offset=numbers.tolist()), shape=numbers.shape),
}


@pytest.mark.parametrize("make", CONSTANTS.values(), ids=CONSTANTS)
def test_a_trained_layer_cannot_be_written_as_constants(make):
    message = refusal(make(TOO_MANY))
    assert f"found 120 numbers of its own in it, and at most {MOST_CONSTANTS} are allowed" in message
    assert "and not a trained layer" in message
    assert same(make(FEW), np.ones((4, *FEW.shape), "float32") if make is CONSTANTS["scales"] else X)


def test_constants_are_counted_again_where_the_model_is_built():
    document = document_of(CONSTANTS["an initializer"](FEW))
    initializer = document["model"]["config"]["layers"][1]["config"]["kernel_initializer"]
    initializer["config"]["value"] = {"class_name": "__numpy__", "config": {"value": [0.5] * 100, "dtype": "float32"}}
    assert "found 100 numbers of its own" in refused_anew(document)


def test_a_large_vocabulary_is_no_constant_and_is_bounded(monkeypatch):
    words = [f"word{number}" for number in range(5_000)]
    lookup = layers.TextVectorization(vocabulary=words, output_mode="tf_idf", idf_weights=np.linspace(0, 1, 5_000))
    assert len(design_of(compiled(lookup, shape=(), dtype="string")).content) < MOST_BYTES
    monkeypatch.setattr(designs, "MOST_BYTES", 2**15)
    message = refusal(compiled(layers.TextVectorization(vocabulary=words), shape=(), dtype="string"))
    assert "Is there a vocabulary, or an array, far larger than the task needs?" in message


# ---------------------------------------------------------------------------- forged designs


def changed(change):
    """Return a function that makes a design and changes it."""

    def make():
        document = document_of(compiled(layers.Dense(4, "relu"), layers.Dense(1)))
        change(document, document["model"]["config"]["layers"])
        return document

    return make


def put(**fields):
    return lambda document, parts: parts[1].update(fields)


FORGED = {
    "nothing": b"",
    "garbage": b"\x89HDF\r\n\x1a\n" + bytes(range(256)),
    "no JSON": b"{",
    "a number": b"3",
    "a list": b"[]",
    "an object without anything": b"{}",
    "null": b"null",
    "deeply nested": b"[" * 100_000,
    "deep in the model": json.dumps(
        {
            "model": json.loads('{"a":' * 100 + "1" + "}" * 100),
            "shipped": {},
            "loss": 1,
            "optimizer": 1,
            "loss_weights": 1,
        }
    ).encode(),
    "no model": changed(lambda document, parts: document.update(model=3)),
    "a model that is a layer": changed(lambda document, parts: document.update(model=parts[1])),
    "no layers": changed(lambda document, parts: parts.clear()),
    "no optimizer": changed(lambda document, parts: document.update(optimizer=None)),
    "an optimizer that is a layer": changed(lambda document, parts: document.update(optimizer=parts[1])),
    "a loss that there is not": changed(lambda document, parts: document.update(loss={"class_name": "Mine"})),
    "shipped weights that are none": changed(lambda document, parts: document.update(shipped=[1, 2])),
    "another module": changed(put(module="os", class_name="system", registered_name=None)),
    "a module that is none": changed(put(module=["os"], class_name="system")),
    "a function of another module": changed(
        put(module="builtins", class_name="function", config="exec", registered_name="exec")
    ),
    "a function of keras's that opens files": changed(put(module="keras.saving", class_name="load_model")),
    "a lambda": changed(put(module="keras.layers", class_name="Lambda", registered_name=None)),
    "a lambda of another kind": changed(put(class_name="__lambda__", config={"value": "4wE="})),
    "a saved model from beside it": changed(
        put(module="keras.layers", class_name="TFSMLayer", config={"filepath": "/etc"}, registered_name=None)
    ),
    "a layer that there is not": changed(put(class_name="NoSuchLayer")),
    "a type of tensor": changed(put(class_name="__typespec__", module=None)),
    "units that are text": changed(lambda document, parts: parts[1]["config"].update(units="x")),
}


@pytest.mark.parametrize("document", FORGED.values(), ids=FORGED)
def test_forged_designs_are_mistakes(document):
    assert refused_anew(document() if callable(document) else document).startswith("Expected ")


def test_a_huge_design_is_not_read():
    assert f"at most {MOST_BYTES // 2**20} MB; found 16.0 MB" in refused_anew(b" " * (MOST_BYTES + 1))


def test_a_design_that_runs_code_when_it_is_read_does_not(tmp_path):
    """Keras's own reader imports modules by name; the first line of defence is that it never gets to them."""
    mark = tmp_path / "imported"
    (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w')")
    document = changed(put(module="evil", class_name="Evil", registered_name=None))()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        refused_anew(document)
    assert not mark.exists()
