import numpy as np
import pytest

from tfcourse.datasets.grammar import Draw, phrases, sentences, words_of, write_texts


def test_does_a_sentence_begin_with_a_capital_and_get_its_articles():
    assert sentences("a ambulance hit me. a taxi did not. an") == "An ambulance hit me. A taxi did not. An"


def test_are_words_runs_of_letters_in_lower_case():
    assert words_of("The tug Vega, at 5 o'clock: second-rate.") == [
        "the",
        "tug",
        "vega",
        "at",
        "o",
        "clock",
        "second",
        "rate",
    ]


def test_do_phrases_keep_their_blanks():
    assert phrases("fish quay, coal\n   quay, ") == ("fish quay", "coal quay")


def test_are_several_options_different():
    draw = Draw.seeded(3)
    for _ in range(50):
        assert len(set(draw.some_of("abcdef", 4))) == 4


def test_do_weights_decide():
    draw = Draw.seeded(5)
    drawn = [draw.weighted(((0.8, "often"), (0.2, "seldom"))) for _ in range(2_000)]
    assert 0.75 < np.mean([option == "often" for option in drawn]) < 0.85


def test_is_a_text_that_is_too_long_or_known_written_anew():
    texts, labels = write_texts(
        6, 2, lambda draw, label: f"{label} " + "a " * draw.one_of((1, 2, 3, 4, 5)), seed=1, most_words=3
    )
    assert sorted(texts) == ["0 a ", "0 a a ", "0 a a a ", "1 a ", "1 a a ", "1 a a a "]
    assert [int(text[0]) for text in texts] == labels.tolist()


@pytest.mark.parametrize("n", [0, 1, 5])
def test_can_a_set_be_tiny(n):
    texts, labels = write_texts(n, 2, lambda draw, label: str(draw.uniform()), seed=1, most_words=3)
    assert texts.shape == labels.shape == (n,)
    assert (texts.dtype.kind, labels.dtype) == ("U", np.int64)
