"""What a learner's model may be where we train it, and what is said where it is something else."""

import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from lazily import keras, layers, tf

from tfcourse.checks import Advice, FileModel, FixedBudget, Ladder, ModelCheck, Output, Split, accuracy, designs
from tfcourse.checks.asking import ask_here
from tfcourse.checks.guard import attempt
from tfcourse.checks.records import ModelFile, ModelRequest, ProblemKind
from tfcourse.errors import LearnerMistake
from tfcourse.examiner.paper import Question

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype("float32")
NUMBER = FixedBudget(output=Output("value"), epochs=1)
CLASSES = FixedBudget(output=Output("probabilities", (3,)), epochs=1)
YES_OR_NO = FixedBudget(output=Output("probability"), epochs=1)


def question_of(training, x=X, y=None, seed=7):
    labels = np.arange(len(x)) % (3 if training.output.kind == "probabilities" else 2)
    y = labels.astype("float32" if training.output.kind == "value" else "int64") if y is None else y
    check = ModelCheck(
        id="week01.line",
        title="A line",
        skills=("B1",),
        hints=("One.", "Two."),
        reference=lambda: None,
        data=lambda seed: Split(x, y, x[:16], y[:16] if y.ndim == 1 else y[:16, -1]),
        training=training,
        ladder=Ladder(accuracy, (0.2, 0.4, 0.6, 0.8, 1.0)),
        baselines=(),
        advice=(Advice("Go on."),),
    )
    return Question.draw(check, seed)


def handed_over(builder, training=NUMBER, **options):
    """Return what the learner's process hands over."""
    task = question_of(training, **options).task
    return attempt(partial(training.respond, builder, task), seconds=training.seconds)


def respond(builder, training=NUMBER, **options):
    """Return the answer, after the model was trained; here, where the tests are."""
    question = question_of(training, **options)
    response = attempt(partial(training.respond, builder, question.task), seconds=training.seconds)
    return question.judge(response, ask_here, reveal=False)[0]


def mistake(builder, training=NUMBER, **options):
    problem = respond(builder, training, **options).problem
    assert problem is not None
    assert problem.kind is ProblemKind.MISTAKE, problem
    return problem.message


def network(units=1, activation=None, loss="mae", shape=(4,), *, compiled=True, hidden=(), optimizer="adam"):
    """Return a builder of a small network."""

    def build_model():
        inner = [layers.Dense(size) for size in hidden]
        model = keras.Sequential([keras.Input(shape), *inner, layers.Dense(units, activation)])
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


def test_a_design_is_handed_over_and_neither_weights_nor_predictions():
    response = handed_over(network())
    assert response.problem is None
    assert (response.outputs, response.parameters, response.model.format) == ((), None, "design")
    assert len(response.model.content) < 4_000


def test_hidden_inputs_and_targets_do_not_enter_the_learners_process():
    question = question_of(NUMBER)
    assert question.task.cases == ()
    assert set(question.task.train) == {"x"}
    np.testing.assert_array_equal(question.task.train["x"], X[:2])
    whole = question_of(replace(NUMBER, builder_sees="train inputs"))
    np.testing.assert_array_equal(whole.task.train["x"], X)
    for key in (question.key, whole.key):
        np.testing.assert_array_equal(key.inputs[0], X[:16])
        np.testing.assert_array_equal(key.train["x"], X)
        assert key.train["y"].shape == (64,)


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
        model = keras.Sequential([layers.Dense(1)])
        model.compile(loss="mae")
        return model

    assert respond(build_model).problem is None


def test_predictions_without_a_last_axis_are_accepted():
    def build_model():
        inputs = keras.Input((4,))
        model = keras.Model(inputs, layers.Reshape(())(layers.Dense(1)(inputs)))
        model.compile(loss="mae")
        return model

    assert respond(build_model).problem is None


def test_text_goes_into_a_model_that_adapts_to_it():
    texts = np.array(["good day", "bad day"] * 20)
    training = FixedBudget(output=Output("probability"), epochs=1, builder_sees="train inputs")

    def build_model(x_train):
        vectorize = layers.TextVectorization(output_mode="multi_hot")
        vectorize.adapt(x_train)
        model = keras.Sequential([keras.Input((), dtype="string"), vectorize, layers.Dense(1, activation="sigmoid")])
        model.compile(loss="binary_crossentropy")
        return model

    assert respond(build_model, training, x=texts).problem is None


def test_the_builder_gets_a_copy_of_the_training_inputs():
    training = FixedBudget(output=Output("value"), epochs=1, builder_sees="train inputs")
    x = X.copy()

    def build_model(x_train):
        x_train[:] = 0
        return network()()

    assert respond(build_model, training, x=x).problem is None
    np.testing.assert_array_equal(x, X)


def test_the_same_seed_gives_the_same_predictions_whatever_came_before():
    builder = network(hidden=(8,))
    first = respond(builder).outputs[0][0]
    respond(network(hidden=(3, 5)), seed=99)
    np.random.default_rng().normal(size=10)
    tf.random.normal((3,))
    layers.Dense(4)(X)
    np.testing.assert_array_equal(respond(builder).outputs[0][0], first)
    assert not np.array_equal(respond(builder, seed=8).outputs[0][0], first)


def test_several_steps_an_execution_change_no_digit(monkeypatch):
    training = replace(NUMBER, epochs=3, batch_size=8)
    several = respond(network(hidden=(8,)), training)
    monkeypatch.setattr(designs, "STEPS_PER_EXECUTION", 1)
    one = respond(network(hidden=(8,)), training)
    np.testing.assert_array_equal(one.outputs[0][0], several.outputs[0][0])
    assert one.history == several.history


def test_the_learners_process_is_left_alone(monkeypatch):
    """Only where we train are operations made deterministic: that holds for the rest of a process's life."""
    asked = []
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: asked.append(True))
    response = handed_over(network())
    assert not asked
    ask_here(request_of(response.model))
    assert asked


# ---------------------------------------------------------------------------- what is known of it


def test_curves_facts_and_answers_to_training_data_come_back():
    training = replace(NUMBER, epochs=5, batch_size=16)
    response = respond(network(hidden=(8,)), training)
    assert len(response.history.loss) == 5
    assert response.history.loss[-1] < response.history.loss[0]
    assert (response.history.validation_loss, response.history.steps) == ((), 20)
    assert response.facts.layers == ("Dense", "Dense")
    assert (response.facts.parameters, response.facts.trainable) == (49, 49)
    assert response.facts.optimizer == "Adam"
    assert response.facts.rate == pytest.approx(0.001)
    assert -5 < response.facts.low < 0 < response.facts.high < 5
    assert response.seen.shape == (64, 1)


def test_how_it_does_on_training_data_is_part_of_the_diagnosis():
    question = question_of(replace(NUMBER, epochs=2))
    response = attempt(partial(NUMBER.respond, network(), question.task), seconds=60)
    response, score = question.judge(response, ask_here, reveal=False)
    found = score.diagnosis
    assert found.hidden == score.value
    assert found.training == pytest.approx(question.check.ladder.metric(question.key.seen_expected, response.seen))
    assert found.history == response.history
    assert found.facts == response.facts


def test_every_epoch_is_told():
    told = []
    ask_here(request_of(handed_over(network()).model, replace(NUMBER, epochs=3)), told.append)
    ends = [epoch for epoch in told if epoch.share == 1.0]
    assert {epoch.number for epoch in ends} == {1, 2, 3}
    assert all(epoch.of == 3 and epoch.fit == 1 for epoch in told)
    assert told[-1].number == 3


def test_an_interrupt_in_training_interrupts_it():
    def interrupt(epoch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_here(request_of(handed_over(network()).model), interrupt)


def test_a_function_that_trains_gains_nothing_and_reads_so():
    def build_model():
        model = network()()
        model.fit(X, np.ones(64), epochs=2, verbose=0)
        model.optimizer.learning_rate = 0.0
        return model

    question = question_of(NUMBER)
    response = attempt(partial(NUMBER.respond, build_model, question.task), seconds=60)
    trained, score = question.judge(response, ask_here, reveal=False)
    assert score.message.endswith("build_model() had trained its model before it returned it: that was undone.")

    def honest():
        model = network()()
        model.optimizer.learning_rate = 0.0
        return model

    np.testing.assert_array_equal(trained.outputs[0][0], respond(honest).outputs[0][0])


# ---------------------------------------------------------------------------- what comes in a design's place


def request_of(model, training=NUMBER, **fields):
    key = question_of(training).key
    return ModelRequest(model, training, key.inputs, train=key.train, seed=3, **fields)


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_a_trained_models_file_is_refused(format):
    with pytest.raises(LearnerMistake, match="Expected a model's design; found a trained model's file"):
        ask_here(request_of(ModelFile(b"x", format)))


def test_a_design_is_refused_where_a_file_is_wanted():
    with pytest.raises(LearnerMistake, match="Expected a trained model's file; found a model's design"):
        ask_here(replace(request_of(handed_over(network()).model), wanted=FileModel(Output("value"))))


@pytest.mark.parametrize(
    ("builder", "told"),
    [
        (network(hidden=(300,)), "Expected at most 1,000 parameters; found 1,801"),
        (network(shape=(5,)), "inputs of shape (batch, 4); found one for (batch, 5)"),
        (network(2), "predictions of shape (batch, 1); found (batch, 2)"),
    ],
    ids=["parameters", "inputs", "outputs"],
)
def test_a_design_is_inspected_again_where_it_is_trained(builder, told):
    """Nothing says that the learner's process has looked at it."""
    design = designs.design_of(builder())
    with pytest.raises(LearnerMistake, match=re.escape(told)):
        ask_here(request_of(design, replace(NUMBER, max_parameters=1_000)))


def test_a_kind_of_layer_may_be_asked_for():
    """In wrappers and in models within models, too."""
    wanted = replace(NUMBER, one_of=("LSTM", "GRU"))
    first = [keras.Input((4,)), layers.Reshape((4, 1))]

    def reader(*middle):
        model = keras.Sequential([*first, *middle, layers.Dense(1)])
        model.compile(loss="mae")
        return model

    for middle in (layers.GRU(2), layers.Bidirectional(layers.LSTM(2)), keras.Sequential([layers.LSTM(2)])):
        assert respond(partial(reader, middle), wanted).problem is None
    told = "Expected at least one layer of these kinds: LSTM, GRU; found Reshape, Flatten, Dense. The task is about"
    assert handed_over(partial(reader, layers.Flatten()), wanted).problem.message == f"{told} them: build one in."
    with pytest.raises(LearnerMistake, match=re.escape(told)):
        ask_here(request_of(designs.design_of(reader(layers.Flatten())), wanted))


def test_garbage_is_a_mistake():
    with pytest.raises(LearnerMistake, match="Expected the description of a model; found none"):
        ask_here(request_of(ModelFile(b"garbage", "design")))


def test_an_untrained_network_predicts():
    found = NUMBER.predict_untrained(network(), X, X[:9], 3)
    assert found.shape == (9, 1)
    np.testing.assert_array_equal(NUMBER.predict_untrained(network(), X, X[:9], 3), found)
    assert not np.array_equal(NUMBER.predict_untrained(network(), X, X[:9], 4), found)


def at_every_step(units=3, *, return_sequences=True):
    """Return a builder of a network that reads five numbers one by one."""

    def build_model():
        reader = layers.SimpleRNN(4, return_sequences=return_sequences)
        last = layers.Dense(units, activation="softmax")
        model = keras.Sequential([keras.Input((5,)), layers.Reshape((5, 1)), reader, last])
        model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.0))
        return model

    return build_model


EVERY_STEP = FixedBudget(output=Output("probabilities", (3,)), epochs=1, steps=5)
SEQUENCES = RNG.normal(size=(64, 5)).astype("float32")


def test_of_an_answer_at_every_step_the_last_is_handed_back():
    """Of a network that says the number that it reads."""

    def build_model():
        last = layers.Dense(3, "softmax", kernel_initializer=keras.initializers.Constant([[1.0, 2.0, 3.0]]))
        model = keras.Sequential([keras.Input((5,)), layers.Reshape((5, 1)), last])
        model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.0))
        return model

    response = respond(build_model, EVERY_STEP, x=SEQUENCES, y=np.zeros((64, 5), int))
    assert response.problem is None
    expected = np.exp(SEQUENCES[:16, -1:] * [1, 2, 3])
    np.testing.assert_allclose(response.outputs[0][0], expected / expected.sum(axis=1, keepdims=True), rtol=1e-5)
    assert response.seen.shape == (64, 3)


def test_training_data_are_judged_at_the_last_step_as_well():
    y = np.tile(np.arange(5) % 3, (64, 1))
    question = question_of(EVERY_STEP, SEQUENCES, y)
    response = attempt(partial(EVERY_STEP.respond, at_every_step(), question.task), seconds=60)
    _, score = question.judge(response, ask_here, reveal=False)
    assert 0 <= score.diagnosis.training <= 1


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
        inputs = keras.Input((4,))
        model = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
        model.compile(loss="mae")
        return model

    assert "Expected a model with one output; found 2" in mistake(build_model)


def test_too_many_parameters():
    training = FixedBudget(output=Output("value"), epochs=1, max_parameters=1_000)
    message = mistake(network(hidden=(300,)), training)
    assert "Expected at most 1,000 parameters; found 1,801" in message
    assert "model.summary()" in message


# ---------------------------------------------------------------------------- predictions


def test_training_that_ends_in_nan():
    def build_model():
        return network(optimizer=keras.optimizers.SGD(1e30), loss="mse", hidden=(4,))()

    message = mistake(build_model)
    assert "found NaN or infinity after training" in message
    assert "learning rate" in message


def test_infinite_predictions():
    def build_model():
        model = keras.Sequential([keras.Input((4,)), layers.Dense(1), layers.Rescaling(float("inf"))])
        model.compile(loss="mae")
        return model

    assert "found NaN or infinity" in mistake(build_model)


def test_logits_instead_of_class_probabilities():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    message = mistake(network(3, None, loss), CLASSES)
    assert "sum to 1 in each row" in message
    assert "look like logits" in message
    assert 'activation="softmax"' in message


def test_logits_instead_of_a_probability():
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
        return keras.Sequential([layers.Dense(-1)])

    problem = crash(build_model)
    assert problem.message.startswith("ValueError")
    assert "in build_model: return keras.Sequential([layers.Dense(-1)])" in problem.lines
    assert "site-packages" not in problem.lines
    assert len(problem.lines.splitlines()) == 1


def test_a_function_with_an_argument_that_nobody_gives():
    assert "missing 1 required positional argument" in crash(lambda x_train: network()()).message


def test_what_keras_says_in_training_is_told_as_a_crash():
    problem = crash(network(3, "softmax", "categorical_crossentropy"), CLASSES)
    assert problem.message.startswith("ValueError: Arguments `target` and `output` must have the same")
    assert problem.lines == ""


def test_a_layer_of_the_learners_own_is_told_before_any_step_is_taken():
    def build_model():
        class Doubling(layers.Layer):
            def call(self, inputs):
                return 2 * inputs

        model = keras.Sequential([keras.Input((4,)), Doubling(), layers.Dense(1)])
        model.compile(loss="mae")
        return model

    problem = handed_over(build_model).problem
    assert problem.kind is ProblemKind.MISTAKE
    assert "found Doubling, a layer class of your own" in problem.message


def test_a_loss_that_does_not_exist():
    assert "no_such_loss" in crash(network(loss="no_such_loss")).message


def test_a_model_compiled_without_a_loss():
    assert "Expected a model compiled with a loss and an optimizer; found none" in mistake(network(loss=None))


def test_a_function_that_never_ends():
    def build_model():
        while True:
            pass

    problem = respond(build_model, replace(NUMBER, seconds=0.3)).problem
    assert problem.kind is ProblemKind.OUT_OF_TIME
    assert "still running" in problem.message


def test_training_that_never_ends():
    message = mistake(network(), replace(NUMBER, epochs=1_000_000, training_seconds=2.0))
    assert "Expected a model that trains within 2 s; it was still being trained" in message
    assert "use a smaller model" in message


def test_nothing_is_written_while_a_model_trains(capfd, caplog, recwarn):
    def build_model():
        model = keras.Sequential([layers.Dense(1, input_shape=(4,))])  # Keras warns of this
        model.compile(loss="mae")
        print("a learner's print")
        return model

    assert respond(build_model).problem is None
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert list(recwarn) == []
