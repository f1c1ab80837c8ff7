"""The report: one page that needs nothing else, and says what each problem needs next."""

import re
from html.parser import HTMLParser

import pytest

from tfcourse.exam.report import report_page, weeks_to_repeat
from tfcourse.exam.session import start, start_drill


@pytest.fixture
def exam(course, clock):
    return start(course, seed="a")


def tried(found, problem=1, points=3.0, **more):
    number = len(found.tries(problem)) + 1
    event = {"number": number, "outcome": "o", "message": "m", "way": "page", "file": "f", "sha256": "", "size": 1}
    event |= {"advice": f"advice {points:.0f}", "diagnosis": "It overfits: accuracy 0.99, 0.70 here."}
    found.note("submitted", problem=problem, points=points, **(event | more))


class Checked(HTMLParser):
    """Fails where a tag is not closed, and collects text and addresses."""

    def __init__(self, page):
        super().__init__()
        self.open, self.text, self.links = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src", "action")]

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def text_of(course, found, **more):
    return re.sub(r"\s+", " ", " ".join(Checked(report_page(course, found, **more)).text))


def test_it_needs_nothing_else(course, exam):
    tried(exam, value=0.7)
    page = report_page(course, exam)
    links = Checked(page).links
    assert all(link.startswith("../../week01/") for link in links)
    assert "<script" not in page
    assert "http" not in page
    assert "url(" not in page


def test_it_says_the_score_and_that_the_mark_is_what_candidates_report(course, exam):
    exam.note("finished", by="candidate")
    text = text_of(course, exam)
    assert "0 %" in text
    assert "That is below 90 %, what candidates report of the real exam's pass mark; its handbook names none." in text
    assert "on one's honour" in text


def test_at_the_mark_is_passed(course, exam):
    for place in exam.places:
        tried(exam, place.number, 5.0, value=0.99)
    assert "at or above 90 %" in text_of(course, exam)
    assert "100 %" in text_of(course, exam)


def test_while_an_exam_runs_there_is_no_advice(course, exam, clock):
    tried(exam, 1, 2.0, value=0.9)
    assert "This exam still runs." in text_of(course, exam)
    assert "advice" not in text_of(course, exam)
    assert "overfits" not in text_of(course, exam)
    clock.advance(hours=2)
    text = text_of(course, exam)
    assert "still runs" not in text
    assert "It overfits: accuracy 0.99, 0.70 here. Next: advice 2" in text
    assert "advice 0" not in text, "of a model that was never submitted there is nothing to say"
    assert "To repeat: week01: Mini week" in text


def test_where_no_file_could_be_scored_the_last_reason_is_repeated(course, exam, clock):
    tried(exam, 1, 0.0, value=None)
    clock.advance(hours=2)
    text = text_of(course, exam)
    assert "No file could be scored. Of the last one was said: " in text
    assert "advice" not in text


def test_a_try_from_before_there_were_diagnoses_has_its_points(course, exam, clock):
    tried(exam, 1, 2.0, value=0.9, advice="", diagnosis="")
    clock.advance(hours=2)
    assert "Next:" not in text_of(course, exam)


def test_the_best_tries_advice_is_told(course, exam, clock):
    for points in (1.0, 4.0, 2.0):
        tried(exam, 1, points, value=points / 5)
    clock.advance(hours=2)
    assert "Next: advice 4" in text_of(course, exam)


def test_full_points_need_no_repetition(course, exam, clock):
    for place in exam.places:
        tried(exam, place.number, 5.0, value=0.99)
    clock.advance(hours=2)
    assert "To repeat" not in text_of(course, exam)
    assert "advice 5" in text_of(course, exam)


def test_a_drill_has_no_mark_and_its_advice_at_once(course, clock):
    found = start_drill(course, "text")
    tried(found, 1, 2.0, value=0.75)
    text = text_of(course, found)
    assert "Drill drill-" in text
    assert "candidates report" not in text
    assert "Next: advice 2" in text


def test_points_are_drawn_over_the_minutes(course, exam, clock):
    clock.advance(minutes=15)
    tried(exam, 1, 2.0, value=0.9)
    clock.advance(minutes=15)
    tried(exam, 1, 1.0, value=1.5)
    page = report_page(course, exam)
    assert "15 min" in page
    circles = re.findall(r'<circle class="try" cx="([\d.]+)" cy="([\d.]+)" r="3.5">', page)
    (x1, y1), (x2, y2) = [(float(x), float(y)) for x, y in circles]
    assert x1 == pytest.approx(30 + 500 * 15 / 60)
    assert x2 == pytest.approx(30 + 500 * 30 / 60)
    assert y2 > y1, "fewer points stand lower"


@pytest.mark.parametrize("value", [0.0, 0.05, 0.2, 0.5, 1.0, 1.79, 1.81, 2.5, 1e9, -1.0])
def test_every_value_finds_its_place_beside_the_ladder(course, exam, value):
    tried(exam, 1, 3.0, value=value)
    page = report_page(course, exam)
    drawn = [float(x) for x in re.findall(r'<circle class="try" cx="([-\d.e+]+)" cy="62"', page)]
    assert len(drawn) == 1
    assert 10 <= drawn[0] <= 550


def test_better_stands_further_right(course, exam):
    for value in (3.0, 1.5, 1.0, 0.5, 0.3, 0.1):
        tried(exam, 1, 3.0, value=value)
    page = report_page(course, exam)
    drawn = [float(x) for x in re.findall(r'<circle class="try" cx="([-\d.]+)" cy="62"', page)]
    assert drawn == sorted(drawn)
    assert len(set(drawn)) == 6


def test_tries_that_could_not_be_scored_have_no_value(course, exam):
    tried(exam, 1, 0.0, value=None)
    assert "beside the ladder" not in report_page(course, exam)


def test_what_candidates_write_is_text_and_nothing_else(course, exam):
    tried(exam, 1, 1.0, message="<script>alert(1)</script>", file="<b>.keras", value=1.0)
    page = report_page(course, exam)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_family_that_the_course_has_no_more_keeps_its_tries(course, exam, monkeypatch):
    tried(exam, 1, 4.0, value=0.3)
    import json

    path = exam.root / ".exam" / "session.json"
    path.write_text(path.read_text().replace(exam.places[0].check_id, "exam.gone"))
    from tfcourse.exam.session import read_session

    found = read_session(exam.root)
    assert json.loads(path.read_text())["places"][0]["check_id"] == "exam.gone"
    text = text_of(course, found)
    assert "1 · exam.gone" in text
    assert "4 of 5" in text


def test_skills_are_shown_by_the_best_points(course, exam):
    tried(exam, 1, 5.0, value=0.1)
    assert re.search(r"B1 use TensorFlow 2\.x 33 %", text_of(course, exam))


def test_a_lessons_address_is_the_servers_where_it_is_asked_for(course, exam, clock):
    clock.advance(hours=2)
    page = report_page(course, exam, lesson=lambda week: f"/lab/{week.id}?a=1&b=2")
    assert '"/lab/week01?a=1&amp;b=2"' in page


def test_weeks_to_repeat_share_a_skill(course):
    assert [week.id for week in weeks_to_repeat(course, ["B1"])] == ["week01"]
    assert weeks_to_repeat(course, ["S9"]) == []
