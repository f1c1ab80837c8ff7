"""What a learner's model may be, and what is said where it is something else."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image

from tfcourse.checks import Output, Task, TrainModel
from tfcourse.checks.guard import attempt
from tfcourse.checks.records import ProblemKind

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype("float32")
NUMBER = TrainModel(output=Output("value"), epochs=1)
CLASSES = TrainModel(output=Output("probabilities", (3,)), epochs=1)
YES_OR_NO = TrainModel(output=Output("probability"), epochs=1)


def respond(builder, training=NUMBER, *, x=X, y=None, weights_seed=7):
    labels = np.arange(len(x)) % (3 if training.output.kind == "probabilities" else 2)
    y = labels.astype("float32" if training.output.kind == "value" else "int64") if y is None else y
    task = Task("week01.line", training, ((x[:16],),), {"x": x, "y": y}, weights_seed)
    return attempt(partial(training.respond, builder, task), seconds=training.seconds)


def mistake(builder, training=NUMBER, **options):
    problem = respond(builder, training, **options).problem
    assert problem is not None
    assert problem.kind is ProblemKind.MISTAKE, problem
    return problem.message


def network(units=1, activation=None, loss="mae", shape=(4,), *, compiled=True, hidden=(), optimizer="adam"):
    """Return a builder of a small network."""

    def build_model():
        import keras

        layers = [keras.Input(shape), *(keras.layers.Dense(size) for size in hidden)]
        model = keras.Sequential([*layers, keras.layers.Dense(units, activation)])
        if compiled:
            model.compile(optimizer=optimizer, loss=loss)
        return model

    return build_model


# ---------------------------------------------------------------------------- what works


def test_a_model_is_trained_and_predicts():
    response = respond(network())
    assert response.problem is None
    assert response.outputs[0][0].shape == (16, 1)
    assert response.outputs[0][0].dtype == np.float32
    assert response.parameters == 5


@pytest.mark.parametrize(
    ("training", "builder"),
    [
        (CLASSES, network(3, "softmax", "sparse_categorical_crossentropy")),
        (YES_OR_NO, network(1, "sigmoid", "binary_crossentropy")),
    ],
    ids=["softmax", "sigmoid"],
)
def test_probabilities_are_accepted(training, builder):
    assert respond(builder, training).problem is None


def test_a_model_without_an_input_layer_is_accepted():
    def build_model():
        import keras

        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(loss="mae")
        return model

    assert respond(build_model).problem is None


def test_predictions_without_a_last_axis_are_accepted():
    def build_model():
        import keras

        inputs = keras.Input((4,))
        model = keras.Model(inputs, keras.layers.Reshape(())(keras.layers.Dense(1)(inputs)))
        model.compile(loss="mae")
        return model

    assert respond(build_model).problem is None


def test_text_goes_into_a_model_that_adapts_to_it():
    texts = np.array(["good day", "bad day"] * 20)
    training = TrainModel(output=Output("probability"), epochs=1, builder_sees="train inputs")

    def build_model(x_train):
        import keras

        vectorize = keras.layers.TextVectorization(output_mode="multi_hot")
        vectorize.adapt(x_train)
        model = keras.Sequential(
            [keras.Input((), dtype="string"), vectorize, keras.layers.Dense(1, activation="sigmoid")]
        )
        model.compile(loss="binary_crossentropy")
        return model

    assert respond(build_model, training, x=texts).problem is None


def test_the_builder_gets_a_copy_of_the_training_inputs():
    training = TrainModel(output=Output("value"), epochs=1, builder_sees="train inputs")
    x = X.copy()

    def build_model(x_train):
        x_train[:] = 0
        return network()()

    assert respond(build_model, training, x=x).problem is None
    np.testing.assert_array_equal(x, X)


def test_the_same_seed_gives_the_same_predictions_whatever_came_before():
    import keras
    import tensorflow as tf

    builder = network(hidden=(8,))
    first = respond(builder).digest()
    respond(network(hidden=(3, 5)), weights_seed=99)
    np.random.default_rng().normal(size=10)
    tf.random.normal((3,))
    keras.layers.Dense(4)(X)
    assert respond(builder).digest() == first
    assert respond(builder, weights_seed=8).digest() != first


def at_every_step(units=3, *, return_sequences=True):
    """Return a builder of a network that reads five numbers one by one."""

    def build_model():
        import keras

        keras.utils.set_random_seed(1)
        reader = keras.layers.SimpleRNN(4, return_sequences=return_sequences)
        last = keras.layers.Dense(units, activation="softmax")
        model = keras.Sequential([keras.Input((5,)), keras.layers.Reshape((5, 1)), reader, last])
        model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.0))
        return model

    return build_model


EVERY_STEP = TrainModel(output=Output("probabilities", (3,)), epochs=1, steps=5)
SEQUENCES = RNG.normal(size=(64, 5)).astype("float32")


def test_of_an_answer_at_every_step_the_last_is_handed_back():
    response = respond(at_every_step(), EVERY_STEP, x=SEQUENCES, y=np.zeros((64, 5), int))
    assert response.problem is None
    everywhere = np.asarray(at_every_step()()(SEQUENCES[:16]))
    np.testing.assert_allclose(response.outputs[0][0], everywhere[:, -1], atol=1e-6)


def test_an_answer_at_the_last_step_alone_is_told_what_lacks():
    message = mistake(at_every_step(return_sequences=False), EVERY_STEP, x=SEQUENCES, y=np.zeros((64, 5), int))
    assert "an answer at every step, of shape (batch, 5, 3); found (batch, 3)" in message
    assert "return_sequences=True" in message


def test_too_few_classes_at_every_step():
    message = mistake(at_every_step(2), EVERY_STEP, x=SEQUENCES, y=np.zeros((64, 5), int))
    assert "of shape (batch, 5, 3); found (batch, 5, 2)" in message


# ---------------------------------------------------------------------------- what was handed over


def released():
    # YOUR CODE HERE
    raise NotImplementedError()


@pytest.mark.parametrize("nothing", [None, ..., released], ids=["None", "Ellipsis", "released cell"])
def test_nothing_is_not_attempted(nothing):
    assert respond(nothing).problem.kind is ProblemKind.NOT_ATTEMPTED


def test_a_model_instead_of_the_function():
    message = mistake(network()())
    assert "Expected your function, so that a fresh model can be trained; found a Sequential" in message
    assert "without parentheses" in message


@pytest.mark.parametrize(("value", "found"), [(3, "int 3"), ("build_model", "str 'build_model'")])
def test_what_is_no_function(value, found):
    message = mistake(value)
    assert f"Expected a function; found {found}" in message
    assert "build_model()" in message


def test_a_function_that_returns_nothing():
    message = mistake(lambda: None)
    assert "found None. Is the `return` missing?" in message


def test_a_function_that_returns_something_else():
    message = mistake(lambda: [1, 2])
    assert "Expected build_model() to return a Keras model; found list [1, 2]" in message


def test_a_model_that_is_not_compiled():
    message = mistake(network(compiled=False))
    assert "Expected a compiled model; found one without optimizer and loss" in message
    assert "model.compile(...)" in message


# ---------------------------------------------------------------------------- shapes


def test_the_wrong_input_shape_names_both():
    message = mistake(network(shape=(5,)))
    assert "inputs of shape (batch, 4); found one for (batch, 5)" in message
    assert "keras.Input(shape=(4,))" in message


def test_an_input_without_its_last_axis():
    assert "(batch, 8, 8, 1); found one for (batch, 8, 8)" in mistake(
        network(shape=(8, 8)), x=np.zeros((64, 8, 8, 1), "float32")
    )


@pytest.mark.parametrize(
    ("units", "training", "expected", "found"),
    [(2, NUMBER, "(batch, 1)", "(batch, 2)"), (1, CLASSES, "(batch, 3)", "(batch, 1)")],
)
def test_the_wrong_output_shape_names_both(units, training, expected, found):
    message = mistake(network(units, loss="mae"), training)
    assert f"Expected predictions of shape {expected}; found {found}" in message
    assert f"it needs {training.output.shape[-1]} unit" in message


def test_a_model_that_was_not_flattened():
    message = mistake(network(shape=(4, 4)), x=np.zeros((64, 4, 4), "float32"))
    assert "found (batch, 4, 1)" in message
    assert "unflattened" in message


def test_a_model_with_two_outputs():
    def build_model():
        import keras

        inputs = keras.Input((4,))
        model = keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)])
        model.compile(loss="mae")
        return model

    assert "Expected a model with one output; found 2" in mistake(build_model)


def test_too_many_parameters():
    training = TrainModel(output=Output("value"), epochs=1, max_parameters=1_000)
    message = mistake(network(hidden=(300,)), training)
    assert "Expected at most 1,000 parameters; found 1,801" in message
    assert "model.summary()" in message


# ---------------------------------------------------------------------------- predictions


def test_training_that_ends_in_nan():
    def build_model():
        import keras

        return network(optimizer=keras.optimizers.SGD(1e30), loss="mse", hidden=(4,))()

    message = mistake(build_model)
    assert "found NaN or infinity after training" in message
    assert "learning rate" in message


def test_infinite_predictions():
    def build_model():
        import keras

        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1), keras.layers.Rescaling(float("inf"))])
        model.compile(loss="mae")
        return model

    assert "found NaN or infinity" in mistake(build_model)


def test_logits_instead_of_class_probabilities():
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    message = mistake(network(3, None, loss), CLASSES)
    assert "sum to 1 in each row" in message
    assert "look like logits" in message
    assert 'activation="softmax"' in message


def test_logits_instead_of_a_probability():
    import keras

    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    message = mistake(network(1, None, loss), YES_OR_NO, x=10 * X)
    assert "Expected probabilities from 0 to 1" in message
    assert 'activation="sigmoid"' in message


# ---------------------------------------------------------------------------- crashes


def crash(builder, training=NUMBER):
    problem = respond(builder, training).problem
    assert problem is not None
    assert problem.kind is ProblemKind.CRASH, problem
    return problem


def test_an_exception_in_the_function_shows_the_learners_line():
    def build_model():
        import keras

        return keras.Sequential([keras.layers.Dense(-1)])

    problem = crash(build_model)
    assert problem.message.startswith("ValueError")
    assert "in build_model: return keras.Sequential([keras.layers.Dense(-1)])" in problem.lines
    assert "site-packages" not in problem.lines
    assert len(problem.lines.splitlines()) == 1


def test_a_function_with_an_argument_that_nobody_gives():
    assert "missing 1 required positional argument" in crash(lambda x_train: network()()).message


def test_a_layer_of_the_learners_own_that_fails_in_training():
    import keras

    class Doubling(keras.layers.Layer):
        def call(self, inputs, training=False):
            if training:
                raise RuntimeError("only in training")
            return 2 * inputs

    def build_model():
        model = keras.Sequential([keras.Input((4,)), Doubling(), keras.layers.Dense(1)])
        model.compile(loss="mae")
        return model

    problem = crash(build_model)
    assert problem.message == "RuntimeError: Exception encountered when calling Doubling.call(). only in training"
    assert "in call" in problem.lines
    assert "site-packages" not in problem.lines


def test_a_loss_that_does_not_exist():
    assert "no_such_loss" in crash(network(loss="no_such_loss")).message


def test_a_model_compiled_without_a_loss():
    assert "loss" in crash(network(loss=None)).message


def test_a_function_that_never_ends():
    def build_model():
        while True:
            pass

    problem = crash(build_model, TrainModel(output=Output("value"), epochs=1, seconds=0.3))
    assert "still running" in problem.message


def test_training_that_never_ends():
    training = TrainModel(output=Output("value"), epochs=1_000_000, seconds=2.0)
    assert "still running" in crash(network(), training).message


def test_nothing_is_written_while_a_model_trains(capfd, caplog, recwarn):
    def build_model():
        import keras

        model = keras.Sequential([keras.layers.Dense(1, input_shape=(4,))])  # Keras warns of this
        model.compile(loss="mae")
        print("a learner's print")
        return model

    assert respond(build_model).problem is None
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert list(recwarn) == []


# ---------------------------------------------------------------------------- picture files

PICTURES = TrainModel(output=Output("probabilities", (3,)), epochs=1, reads="picture files")


def png(height, width, shade=200, mode="RGB"):
    buffer = io.BytesIO()
    Image.new(mode, (width, height), shade if mode == "L" else (shade, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


FILES = np.array([png(8 + index % 3, 6 + index % 5, index) for index in range(64)])


def load_picture(data):
    import tensorflow as tf

    return tf.image.resize(tf.io.decode_image(data, channels=3, expand_animations=False), (4, 4))


def released_loader(data):
    # YOUR CODE HERE
    raise NotImplementedError()


def flat_network():
    import keras

    layers = keras.layers
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    return model


def test_picture_files_are_loaded_by_the_learners_function():
    response = respond((load_picture, flat_network), PICTURES, x=FILES)
    assert response.problem is None
    assert response.outputs[0][0].shape == (16, 3)


def test_the_builder_sees_loaded_pictures():
    training = TrainModel(
        output=Output("probabilities", (3,)), epochs=1, reads="picture files", builder_sees="train inputs"
    )
    shapes = []

    def build_model(x_train):
        shapes.append(x_train.shape)
        return flat_network()

    assert respond((load_picture, build_model), training, x=FILES).problem is None
    assert shapes == [(64, 4, 4, 3)]


def test_an_untrained_network_sees_loaded_pictures():
    task = Task("week01.line", PICTURES, ((FILES[:16],),), {"x": FILES, "y": np.arange(64) % 3}, 7)
    assert PICTURES.predict_untrained((load_picture, flat_network), task).shape == (16, 3)


@pytest.mark.parametrize(
    "handed_over", [(load_picture, released), (released_loader, flat_network), (None, flat_network), None]
)
def test_a_pair_with_an_unsolved_half_is_not_attempted(handed_over):
    assert respond(handed_over, PICTURES, x=FILES).problem.kind is ProblemKind.NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("handed_over", "found"),
    [
        (flat_network, "found one function"),
        ((load_picture,), "found 1 things"),
        ((b"data", flat_network), "first in (load_picture, build_model); found bytes"),
    ],
)
def test_what_is_no_pair_of_functions(handed_over, found):
    assert found in mistake(handed_over, PICTURES, x=FILES)


@pytest.mark.parametrize(
    ("load", "told"),
    [
        (lambda data: None, "Is the `return` missing?"),
        (lambda data: "a leaf", "as an array of numbers; found str"),
        (lambda data: [[1, 2], [3]], "as an array of numbers; found list"),
        (lambda data: np.full((2, 2, 1), np.nan), "found NaN or infinity in what load_picture returns"),
        (lambda data: np.zeros((2000, 2000, 3), "float32"), "fit into 512 MB; found shape (2000, 2000, 3)"),
        (lambda data: np.zeros((len(data) % 2 + 1, 3)), "the same shape for every picture"),
    ],
)
def test_what_is_no_picture(load, told):
    files = np.array([png(4, 4), *[png(4, 4 + n % 9, n) for n in range(63)]])
    assert told in mistake((load, flat_network), PICTURES, x=files)


def test_a_model_for_another_size_than_the_loaded_pictures():
    message = mistake((load_picture, network(3, "softmax", "mse", shape=(8, 8, 3))), PICTURES, x=FILES)
    assert "inputs of shape (batch, 4, 4, 3); found one for (batch, 8, 8, 3)" in message


def test_an_exception_in_load_picture_shows_the_learners_line():
    def broken(data):
        return data.no_such_method()

    problem = respond((broken, flat_network), PICTURES, x=FILES).problem
    assert problem.kind is ProblemKind.CRASH
    assert "in broken: return data.no_such_method()" in problem.lines
