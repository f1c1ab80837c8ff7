"""What a learner's function may hand back, and what is said where it hands back something else."""

from functools import partial

import numpy as np
import pytest

from tfcourse.checks import CallFunction, Folder, Task
from tfcourse.checks.calling import MOST_ELEMENTS, to_arrays
from tfcourse.checks.guard import NOT_ATTEMPTED, attempt
from tfcourse.checks.records import ProblemKind

X = np.array([1.0, -2.0, 3.0])


def answer(learner_object, cases=((X,),), **options):
    calling = CallFunction(**options)
    task = Task("week01.double", calling, cases)
    return attempt(partial(calling.respond, learner_object, task), seconds=calling.seconds)


def problem_of(learner_object, **options):
    problem = answer(learner_object, **options).problem
    assert problem is not None
    return problem


# ---------------------------------------------------------------------------- what comes back


def test_every_case_is_answered():
    response = answer(lambda x: 2 * x, cases=((X,), (X[:2],)))
    assert [outputs[0].tolist() for outputs in response.outputs] == [[2.0, -4.0, 6.0], [2.0, -4.0]]
    assert response.problem is None


def test_arguments_are_handed_over_one_by_one():
    assert answer(lambda a, b: a + b, cases=((1, 2),)).outputs[0][0] == 3


def test_a_folder_is_found_on_disk_and_gone_afterwards():
    seen = []

    def read(folder):
        seen.append(folder)
        return sorted(f"{path.parent.name}: {path.read_text()}" for path in folder.rglob("*.txt"))

    folder = Folder({"oak/1.txt": b"one", "ash/2.txt": b"two"})
    assert answer(read, cases=((folder,),)).outputs[0][0].tolist() == ["ash: two", "oak: one"]
    assert not seen[0].exists()


def test_a_data_set_may_read_its_folder_late():
    import tensorflow as tf

    def lines(folder):
        return tf.data.TextLineDataset(str(folder / "a.csv"))

    response = answer(lines, cases=((Folder({"a.csv": b"x,y\n1,2\n"}),),))
    assert [array.tolist() for array in response.outputs[0]] == ["x,y", "1,2"]


def test_writing_into_a_folder_changes_no_input():
    def write(folder):
        (folder / "new.txt").write_text("new")
        return len(list(folder.iterdir()))

    assert answer(write, cases=((Folder({}),), (Folder({}),))).outputs == ((1,), (1,))


@pytest.mark.parametrize("lists", [[1, 2, 3], [1.0, 2.0, 3.0], [np.float32(1), 2, 3]], ids=["int", "float", "numpy"])
def test_a_list_of_numbers_is_one_array(lists):
    (array,) = to_arrays(lists)
    assert array.tolist() == [1, 2, 3]


def test_a_list_of_numpys_truth_values_is_one_array():
    (array,) = to_arrays([np.bool_(True), np.array([1, 0]).all(), False])
    assert array.tolist() == [True, False, False]


@pytest.mark.parametrize(
    "text", [["a", "bc"], [b"a", b"bc"], np.array(["a", "bc"]), np.array([b"a", b"bc"]), np.array(["a", "bc"], object)]
)
def test_text_is_one_array_of_str(text):
    (array,) = to_arrays(text)
    assert array.dtype.kind == "U"
    assert array.tolist() == ["a", "bc"]


def test_a_number_and_a_string_are_arrays_without_axes():
    assert to_arrays(2.5)[0].shape == ()
    assert to_arrays("abc")[0].tolist() == "abc"


def test_a_tuple_is_flattened_in_order():
    assert [array.shape for array in to_arrays((X, (X[:2], 1.0)))] == [(3,), (2,), ()]


def test_a_dict_is_flattened_by_its_keys():
    assert [array.tolist() for array in to_arrays({"b": 2, "a": 1})] == [1, 2]


def test_a_dict_with_keys_that_cannot_be_sorted_is_no_defect_of_ours():
    assert sorted(array.tolist() for array in to_arrays({"b": 2, 1: 1})) == [1, 2]


def test_a_generator_is_read():
    assert [array.tolist() for array in to_arrays(value for value in (1, 2))] == [1, 2]


@pytest.mark.slow
def test_tensors_ragged_tensors_and_data_sets_are_read():
    import tensorflow as tf

    assert to_arrays(tf.constant([1, 2]))[0].tolist() == [1, 2]
    assert to_arrays(tf.constant(["a", "b"]))[0].tolist() == ["a", "b"]
    assert to_arrays(tf.cast(tf.constant([1, 2]), tf.bfloat16))[0].astype(float).tolist() == [1, 2]
    assert [array.tolist() for array in to_arrays(tf.ragged.constant([[1], [2, 3]]))] == [[1], [2, 3]]
    pairs = tf.data.Dataset.from_tensor_slices(([1, 2, 3], [4, 5, 6])).batch(2)
    assert [array.tolist() for array in to_arrays(pairs)] == [[1, 2], [4, 5], [3], [6]]
    assert [array.tolist() for array in to_arrays((tf.constant(1), {"a": [2, 3]}))] == [1, [2, 3]]


# ---------------------------------------------------------------------------- what cannot be scored


def released(x):
    # YOUR CODE HERE
    raise NotImplementedError()


@pytest.mark.parametrize("nothing", [None, ..., released], ids=["None", "Ellipsis", "released cell"])
def test_nothing_handed_over_is_not_attempted(nothing):
    problem = problem_of(nothing)
    assert problem.kind is ProblemKind.NOT_ATTEMPTED
    assert problem.message == NOT_ATTEMPTED


def test_what_the_function_returned_instead_of_the_function():
    problem = problem_of(2 * X)
    assert problem.kind is ProblemKind.MISTAKE
    assert "Expected a function; found ndarray" in problem.message
    assert "without parentheses" in problem.message


@pytest.mark.slow
def test_a_model_instead_of_a_function():
    import keras

    problem = problem_of(keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]))
    assert problem.kind is ProblemKind.MISTAKE
    assert "found a Keras model" in problem.message


def test_a_forgotten_return():
    problem = problem_of(lambda x: None)
    assert problem.kind is ProblemKind.MISTAKE
    assert "found None. Is the `return` missing?" in problem.message


def in_place(x):
    x *= 2
    return x


def in_place_list(values):
    values.append(0)
    return values


@pytest.mark.parametrize(
    ("function", "case"),
    [(in_place, (X,)), (in_place_list, ([1, 2],)), (lambda pair: in_place(pair[0]), ((X, 1),))],
    ids=["array", "list", "array in a tuple"],
)
def test_a_function_that_changes_its_inputs(function, case):
    before = repr(case)
    problem = problem_of(function, cases=(case,))
    assert problem.kind is ProblemKind.MISTAKE
    assert "leave its inputs as they are" in problem.message
    assert repr(case) == before


def test_nan_in_the_inputs_is_no_change():
    assert answer(lambda x: 2 * x, cases=((np.array([np.nan, 1.0]),),)).problem is None


def test_an_endless_generator():
    def forever(x):
        while True:
            yield 1

    problem = problem_of(forever)
    assert problem.kind is ProblemKind.MISTAKE
    assert f"more than {MOST_ELEMENTS:,} elements" in problem.message
    assert "repeat()" in problem.message


@pytest.mark.slow
def test_an_endless_data_set():
    import tensorflow as tf

    problem = problem_of(lambda x: tf.data.Dataset.from_tensor_slices(x).repeat())
    assert problem.kind is ProblemKind.MISTAKE
    assert "repeat()" in problem.message


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (object(), "object"),
        (int, "type"),
        ({1, 2}, "set"),
        (np.array(["2020-01-01"], "M8[D]"), "ndarray"),
        (np.zeros(2, [("a", int)]), "ndarray"),
        ([X, object()], "object"),
    ],
    ids=["object", "class", "set", "dates", "records", "in a list"],
)
def test_what_is_no_data(value, found):
    problem = problem_of(lambda x: value)
    assert problem.kind is ProblemKind.MISTAKE
    assert f"found {found}" in problem.message


@pytest.mark.parametrize("function", [lambda: X, lambda x, y: X], ids=["none", "two"])
def test_the_wrong_number_of_arguments_is_the_learners(function):
    problem = problem_of(function)
    assert problem.kind is ProblemKind.CRASH
    assert "argument" in problem.message


def test_an_exception_shows_the_learners_line():
    def fails(x):
        return x["a column"]

    problem = problem_of(fails)
    assert problem.kind is ProblemKind.CRASH
    assert problem.message.startswith("IndexError")
    assert 'in fails: return x["a column"]' in problem.lines
    assert "calling.py" not in problem.lines
    assert "guard.call" not in problem.lines


def test_a_function_without_an_end():
    def forever(x):
        while True:
            pass

    problem = problem_of(forever, seconds=0.2)
    assert problem.kind is ProblemKind.OUT_OF_TIME
    assert "still running" in problem.message


# ---------------------------------------------------------------------------- call the result


def test_what_is_built_is_called():
    response = answer(lambda factor: lambda x: factor * x, cases=((2, X),), via="call the result")
    assert response.outputs[0][0].tolist() == [2.0, -4.0, 6.0]


def test_a_builder_that_builds_nothing_callable():
    problem = problem_of(lambda factor: 3, cases=((2, X),), via="call the result")
    assert "return a layer or a function; found int" in problem.message


@pytest.mark.slow
def test_text_goes_into_a_layer_as_a_tensor():
    import keras

    def build(words):
        return keras.layers.TextVectorization(vocabulary=list(words))

    response = answer(build, cases=((("a", "b"), np.array(["b a", "a c"])),), via="call the result")
    assert response.outputs[0][0].tolist() == [[3, 2], [2, 1]]


# ---------------------------------------------------------------------------- train the result

Y = np.zeros((8, 2), np.float32)
PICTURES = np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32)


def prepared(*frozen, norm=False):
    """Return a function that builds a model of two dense layers and freezes some of its layers."""
    import keras
    from keras import layers

    def build():
        middle = [layers.BatchNormalization(name="norm")] if norm else []
        ones = keras.initializers.Ones()  # a bias of 0 could not decay
        first = layers.Dense(4, name="first", bias_initializer=ones)
        last = layers.Dense(2, name="last", bias_initializer=ones)
        model = keras.Sequential([keras.Input((3,)), first, *middle, last])
        for name in frozen:
            model.get_layer(name).trainable = False
        return model

    return build


def trained(learner_object, case=(PICTURES, Y)):
    return answer(learner_object, cases=(case,), via="train the result")


def told(learner_object):
    """Return what was told of each weight, by its name without the model's."""
    (lines,) = trained(learner_object).outputs[0]
    return dict(line.split("/", 1)[-1].split(": ") for line in lines.tolist())


@pytest.mark.slow
def test_a_step_of_training_shows_what_was_frozen():
    frozen = told(prepared("first"))
    assert frozen == {
        "first/bias": "stays",
        "first/kernel": "stays",
        "last/bias": "changes",
        "last/kernel": "changes",
    }
    assert set(told(prepared()).values()) == {"changes"}


@pytest.mark.slow
def test_running_averages_change_where_a_normalisation_is_trained():
    assert set(told(prepared(norm=True)).values()) == {"changes"}  # a bias before it, too, which has no gradient
    frozen = told(prepared("norm", norm=True))
    assert {name for name, said in frozen.items() if said == "stays"} == {
        f"norm/{part}" for part in ("gamma", "beta", "moving_mean", "moving_variance")
    }


@pytest.mark.slow
def test_flags_count_and_not_how_a_model_was_compiled():
    def build():
        model = prepared()()
        model.compile(optimizer="adam", loss="mse")
        model.trainable = False
        return model

    assert set(told(build).values()) == {"stays"}


@pytest.mark.slow
def test_names_are_no_model():
    def lists_names():
        return [weight.path for weight in prepared()().trainable_weights]

    problem = trained(lists_names).problem
    assert problem.kind is ProblemKind.MISTAKE
    assert "return the model that it prepared; found list" in problem.message
    assert "found None" in trained(lambda: None).problem.message


@pytest.mark.slow
def test_a_model_that_cannot_take_the_step_is_the_learners():
    problem = trained(prepared(), case=(PICTURES[:, :2], Y)).problem
    assert problem.kind is ProblemKind.CRASH
