import re

import pytest

from tfcourse.datasets import reviews_words
from tfcourse.datasets.reviews import make_reviews

WORD = re.compile(r"[^\W_][\w'-]*")
BRANDS = {(start + end).lower() for start in reviews_words.BRAND_STARTS for end in reviews_words.BRAND_ENDS}


@pytest.fixture(scope="module")
def reviews():
    return make_reviews(6_000, seed=1)


def test_are_lengths_as_promised(reviews):
    lengths = [len(text.split()) for text in reviews[0]]
    assert min(lengths) >= 10
    assert max(lengths) <= 50


def test_are_there_two_thousand_words_brands_and_numbers_aside(reviews):
    texts, _ = reviews
    words = {word for text in texts for word in WORD.findall(text.lower())}
    assert len({word for word in words - BRANDS if not re.search(r"\d", word)}) >= 2_000


@pytest.mark.parametrize(
    "slip",
    [
        r"\b(\w+) \1\b",  # a word twice in a row
        r"\b[Aa] (?!uni|use|one)[aeiouAEIOU]",  # "a apple"
        r"\b[Aa]n [^aeiouAEIOU]",  # "an pear"
        r"[{}]|\bNone\b",  # a slot that was not filled
        r"  | [.,]|\.\.|,,",
        r"[^.]$|^[^A-Z]|\. [a-z]",  # sentences begin with a capital and end with a stop
        r"\bnever (?:annoy|bother|like|enjoy|hate)\b",  # "it never annoy me"
        r"\bwe was\b|\bI were\b|\bthey was\b|\bit were\b",
        r"\b(?:uncle|father|husband|brother|son) (?:Ada|Clara|Petra|Olga)\b",
    ],
)
def test_is_the_english_free_of_a_slip(reviews, slip):
    texts, _ = reviews
    found = [text for text in texts if re.search(slip, text)]
    assert found == []


def test_does_the_verb_agree_with_its_noun(reviews):
    texts, _ = reviews
    for kinds in reviews_words.ASPECTS.values():
        for things in kinds:
            wrong = [f"the {noun} were" for noun in things.singular] + [f"the {noun} was" for noun in things.plural]
            slip = re.compile(rf"\b({'|'.join(wrong)})\b", re.IGNORECASE)
            assert [text for text in texts if slip.search(text)] == []


def test_is_no_adjective_both_praise_and_blame():
    praise = {word for judgement in reviews_words.JUDGEMENTS.values() for word in judgement.praise}
    blame = {word for judgement in reviews_words.JUDGEMENTS.values() for word in judgement.blame}
    assert not praise & blame


def share_favourable(reviews, pattern):
    texts, labels = reviews
    chosen = [bool(re.search(pattern, text)) for text in texts]
    return labels[chosen].mean(), sum(chosen)


def test_does_denied_praise_mean_blame(reviews):
    praise = "|".join(reviews_words.JUDGEMENTS["anything"].praise)
    said, many = share_favourable(reviews, rf"\. The [\w -]+ (?:was|were) (?:{praise})\.$")
    denied, some = share_favourable(reviews, rf"\. The [\w -]+ (?:was|were)(?:n't| not| far from) (?:{praise})\.$")
    assert many > 50
    assert some > 5
    assert said > 0.9
    assert denied < 0.1


def test_does_what_follows_but_decide(reviews):
    blame = "|".join(reviews_words.JUDGEMENTS["anything"].blame)
    praise = "|".join(reviews_words.JUDGEMENTS["anything"].praise)
    assert share_favourable(reviews, rf", but the [\w ]+ (?:was|were) (?:{praise})\.")[0] > 0.95
    assert share_favourable(reviews, rf", but the [\w ]+ (?:was|were) (?:{blame})\.")[0] < 0.05


def test_does_the_word_but_say_nothing_by_itself(reviews):
    share, count = share_favourable(reviews, ", but ")
    assert count > 200
    assert share == pytest.approx(0.5, abs=0.1)


def test_does_the_closing_verdict_decide(reviews):
    assert share_favourable(reviews, "would not hesitate to go back")[0] == 1
    assert share_favourable(reviews, "would hesitate to go back")[0] == 0


# --- a reader: whether each clause praises, and which one decides ---

GOOD = {word for each in reviews_words.JUDGEMENTS.values() for word in each.praise} | {
    form for verb in (*reviews_words.DELIGHT, *reviews_words.LIKE) for form in verb.split(":")
}
BAD = {word for each in reviews_words.JUDGEMENTS.values() for word in each.blame} | {
    form for verb in (*reviews_words.DISMAY, *reviews_words.DISLIKE) for form in verb.split(":")
}
GOOD |= {*reviews_words.GENERAL_NOUNS_PRAISE, "praise", "kind word"}
BAD |= {*reviews_words.GENERAL_NOUNS_BLAME, "complaints", "quarrel"}
VERDICT = r"recommend it|worth the|last visit|again$|go back$|send it back|regret buying|leave before the end"


def one_of(words):
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})(?![\w-])")


GOOD_WORD, BAD_WORD = one_of(GOOD), one_of(BAD)


def says_good(clause):
    """Tell whether a clause praises; one that denies blame does. None where it does not judge."""
    text = re.sub(r"trade fair|nothing (?:but|short of|if not)|never less than|could not have been more", "", clause)
    good, bad = GOOD_WORD.search(text), BAD_WORD.search(text)
    if not good and not bad:
        return None
    assert not (good and bad), clause
    return bool(good) != bool(re.search(r"\bno[t]?\b|n't\b|never|nothing|hardly|far from|anything but", text))


def verdict(sentence):
    """Tell whether a sentence that sums up is favourable; None where it is none."""
    if not re.search(VERDICT, sentence):
        return None
    if re.search(r"send it back|regret|leave before|last visit", sentence):
        return bool(re.search(r"\bnot\b|never", sentence))
    return bool(re.search(r"\bnot\b|never|cannot", sentence)) == ("hesitate" in sentence)


def is_favourable(text):
    """Read a review as a person does."""
    found = []
    for sentence in text.rstrip(".").lower().split(". ")[1:]:
        summed_up = verdict(sentence)
        if summed_up is not None:
            return summed_up
        if re.match(r"(?:despite|in spite of|although|even though) ", sentence):
            sentence = sentence.split(", ", 1)[1]
        sentence = re.split(r", (?:although|even though) ", sentence)[0]
        clauses = re.split(r", (?:but|yet) ", sentence)
        decides = len(clauses) > 1 or re.match(r"however, |still, ", sentence)
        good = [each for each in map(says_good, clauses[-1].split(", and ")) if each is not None]
        overruled = re.match(r"(?:i|we) (?:found|thought) (?:it|them|they)\b|(?:it|they) (?:was|were) ", sentence)
        found = good if (decides or overruled) and good else found + good
    assert len(set(found)) == 1, (text, found)
    return found[0]


def test_is_the_review_as_favourable_as_a_reader_finds_it(reviews):
    for text, label in zip(*reviews, strict=True):
        assert is_favourable(text) == bool(label), text
