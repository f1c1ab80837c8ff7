"""The report of an exam: one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape as escape_html

from tfcourse.checks.ladder import Ladder
from tfcourse.checks.problems import ExamProblem
from tfcourse.course import Course, Week
from tfcourse.errors import CourseError
from tfcourse.exam.session import Place, Session, Try
from tfcourse.reports.card import advice_html, show_number
from tfcourse.texts import printable

WIDTH, HEIGHT = 560, 120
MOST_WEEKS = 3
"""Weeks that are named for a problem that did not get full points."""
STYLE = """
:root{color-scheme:light dark;--front:#1f2328;--back:#fff;--quiet:#59636e;--line:#d1d9e0;--accent:#0969da;
--good:#1a7f37}
@media(prefers-color-scheme:dark){:root{--front:#e6edf3;--back:#0d1117;--quiet:#9198a1;--line:#3d444d;--accent:#4493f8;
--good:#3fb950}}
body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:1.5rem auto;padding:0 1rem;color:var(--front);
background:var(--back)}
h2{margin:2rem 0 .25rem;border-top:1px solid var(--line);padding-top:1rem;font-size:1.1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top;
border-bottom:1px solid var(--line)}
.number{text-align:right;font-variant-numeric:tabular-nums}.quiet{color:var(--quiet);font-size:.92em}
.score{font-size:2rem;font-weight:600;margin:.25rem 0}
svg{display:block;width:100%;height:auto;margin:.5rem 0;font:11px system-ui,sans-serif}
svg text{fill:var(--quiet)}svg .grid{stroke:var(--line)}svg .line{stroke:var(--accent);stroke-width:2;fill:none}
svg .try{fill:var(--accent)}svg .rung{stroke:var(--good);stroke-dasharray:3 3}svg .mark{fill:var(--quiet)}
svg .you{fill:var(--accent);font-weight:600}
"""


@dataclass(frozen=True)
class Part:
    """One problem in the report.

    Args:
        place: The problem's place in the exam.
        problem: Its family; None where the course has it no more.
        tries: In their order.
        best: The best of them; None where there is none.
    """

    place: Place
    problem: ExamProblem | None
    tries: Sequence[Try]
    best: Try | None


def report_page(course: Course, session: Session, *, lesson: Callable[[Week], str] | None = None) -> str:
    """Return the report of an exam or a drill, as HTML.

    Args:
        course: Whose.
        session: Which; it may still run, and the report says so.
        lesson: Address of a week's lesson. Default: relative to the exam's folder in ``work/``.
    """
    address = lesson or (lambda week: f"../../{week.id}/lesson.ipynb")
    parts = [_part(course, session, place) for place in session.places]
    body = [*_head(session), *_table(parts, session)]
    for part in parts:
        body += _problem(course, session, part, address)
    body += _skills(course, parts)
    head = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f"<title>tfcourse: {escape(session.id)}</title>",
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>',
    ]
    return "\n".join([*head, *body, "</body></html>"]) + "\n"


def weeks_to_repeat(course: Course, skills: Sequence[str]) -> list[Week]:
    """Return the weeks that teach most of some skills, at most three, in the order of the course."""
    shared = {week.id: len(set(week.skills) & set(skills)) for week in course.weeks}
    chosen = sorted((week for week in course.weeks if shared[week.id]), key=lambda week: -shared[week.id])[:MOST_WEEKS]
    return [week for week in course.weeks if week in chosen]


def _part(course: Course, session: Session, place: Place) -> Part:
    try:
        problem = session.problem(course, place)
    except CourseError:
        problem = None
    return Part(place, problem, session.tries(place.number), session.best(place.number))


def _head(session: Session) -> Iterator[str]:
    begun = session.starts.astimezone()
    yield f"<h1>{'Practice exam' if session.mode == 'exam' else 'Drill'} {escape(session.id)}</h1>"
    yield f'<p class="quiet">Begun on {begun:%d %B %Y at %H:%M}, {session.minutes} minutes.'
    yield "Taken on one's own machine, on one's honour.</p>"
    if session.mode == "exam":
        percent = session.percent()
        verdict = "at or above" if percent >= session.pass_percent else "below"
        yield f'<p class="score">{percent:.0f} %</p>'
        yield (
            f"<p>That is {verdict} {session.pass_percent:g} %, what candidates report of the real exam's pass mark; "
            "its handbook names none. Each problem counts by its weight, with its best try.</p>"
        )
    if not session.finished and session.mode == "exam":
        yield "<p><strong>This exam still runs.</strong></p>"


def _table(parts: Sequence[Part], session: Session) -> Iterator[str]:
    yield '<table><thead><tr><th>problem</th><th class="number">weight</th><th class="number">best</th>'
    yield '<th class="number">tries</th><th>reached after</th></tr></thead><tbody>'
    for part in parts:
        best = "–" if part.best is None else f"{show_number(part.best.points)} of 5"
        when = "" if part.best is None else _minutes(session, part.best)
        name = part.problem.title if part.problem else part.place.check_id
        yield (
            f'<tr><td>{part.place.number} · {escape(name)}</td><td class="number">{part.place.weight:g} %</td>'
            f'<td class="number">{best}</td><td class="number">{len(part.tries)}</td><td>{when}</td></tr>'
        )
    yield "</tbody></table>"


def _problem(course: Course, session: Session, part: Part, address: Callable[[Week], str]) -> Iterator[str]:
    name = part.problem.title if part.problem else part.place.check_id
    yield f"<h2>{part.place.number} · {escape(name)}</h2>"
    if not part.tries:
        yield "<p>No model was submitted.</p>"
    else:
        yield from _points_over_time(session, part)
        if part.problem is not None:
            yield from _metric_beside_ladder(part.problem, part)
    if part.problem is None:
        return
    points = 0 if part.best is None else int(part.best.points)
    if not session.finished and session.mode == "exam":
        return  # advice is for afterwards
    if part.best is not None and part.best.value is not None:
        yield f"<p>{escape(part.best.diagnosis)}</p>" if part.best.diagnosis else ""
        yield f"<p><strong>Next:</strong> {advice_html(part.best.advice)}</p>" if part.best.advice else ""
    elif part.tries:
        yield f"<p>No file could be scored. Of the last one was said: {escape(part.tries[-1].message)}</p>"
    if points < 5:
        weeks = weeks_to_repeat(course, part.problem.skills)
        links = ", ".join(
            f'<a href="{escape(address(week))}" target="_top">{week.id}: {escape(week.title)}</a>' for week in weeks
        )
        yield f"<p><strong>To repeat:</strong> {links}</p>" if links else ""


def _points_over_time(session: Session, part: Part) -> Iterator[str]:
    """Draw the points of each try, and the best so far as a line, over minutes since the clock started."""
    last = max([session.minutes, *(_since(session, each) for each in part.tries)])
    left, right, top, bottom = 30, WIDTH - 30, 10, HEIGHT - 22

    def x(minutes: float) -> float:
        return left + (right - left) * minutes / last

    def y(points: float) -> float:
        return bottom - (bottom - top) * points / 5

    yield f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Points over time">'
    for points in range(6):
        yield f'<line class="grid" x1="{left}" x2="{right}" y1="{y(points):.1f}" y2="{y(points):.1f}"/>'
        yield f'<text x="{left - 8}" y="{y(points) + 4:.1f}" text-anchor="end">{points}</text>'
    for minutes in (0, last / 2, last):
        yield f'<text x="{x(minutes):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{minutes:.0f} min</text>'
    best, corners = 0.0, [(x(0), y(0))]
    for each in part.tries:
        if each.points > best:
            corners += [(x(_since(session, each)), y(best)), (x(_since(session, each)), y(each.points))]
            best = each.points
    corners.append((x(last), y(best)))
    yield f'<polyline class="line" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}"/>'
    for each in part.tries:
        told = escape(f"try {each.number}: {show_number(each.points)} of 5, {each.message}")
        yield f'<circle class="try" cx="{x(_since(session, each)):.1f}" cy="{y(each.points):.1f}" r="3.5">'
        yield f"<title>{told}</title></circle>"
    yield "</svg>"


def _metric_beside_ladder(problem: ExamProblem, part: Part) -> Iterator[str]:
    """Draw the metric as a line from worse to better: rungs, what was measured on them, and the tries."""
    ladder, metric = problem.ladder, problem.ladder.metric
    values = [each.value for each in part.tries if each.value is not None]
    if not values:
        return
    left, right, base = 10, WIDTH - 10, 62

    def x(value: float) -> float:
        return left + (right - left) * _height(ladder, value) / 6

    marks = sorted(problem.landmarks.items(), key=lambda item: x(item[1]))
    height = base + 16 + 14 * len(marks)
    yield f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(metric.name)} beside the ladder">'
    yield f'<line class="grid" x1="{left}" x2="{right}" y1="{base}" y2="{base}"/>'
    for points, threshold in enumerate(ladder.thresholds, start=1):
        yield f'<line class="rung" x1="{x(threshold):.1f}" x2="{x(threshold):.1f}" y1="30" y2="{base + 8}"/>'
        yield f'<text x="{x(threshold):.1f}" y="14" text-anchor="middle">{points}</text>'
        yield f'<text x="{x(threshold):.1f}" y="26" text-anchor="middle">{metric.show(threshold)}</text>'
    for row, (name, mean) in enumerate(marks):
        anchor = "start" if x(mean) < WIDTH / 2 else "end"
        at = f'x="{x(mean):.1f}" y="{base + 20 + 14 * row}" text-anchor="{anchor}"'
        yield f'<circle class="mark" cx="{x(mean):.1f}" cy="{base}" r="3"/>'
        yield f"<text {at}>{escape(name)} {metric.show(mean)}</text>"
    top = max(values, key=lambda value: x(value))
    for value in values:
        yield f'<circle class="try" cx="{x(value):.1f}" cy="{base}" r="{5 if value == top else 3}"/>'
    anchor = "start" if x(top) < WIDTH / 2 else "end"
    place = f'x="{x(top):.1f}" y="{base - 10}" text-anchor="{anchor}"'
    yield f'<text class="you" {place}>your best {metric.show(top)}</text>'
    yield "</svg>"
    yield f'<p class="quiet">{escape(metric.name)}, better to the right; dashed: the rungs and their points.</p>'


def _height(ladder: Ladder, value: float) -> float:
    """Return how high a value stands on a ladder: 1 at the first threshold, 5 at the last, 0 to 6 in all."""
    rung, t = ladder.rung(value), ladder.thresholds
    if rung == 0:
        return max(1 - abs(value - t[0]) / abs(t[1] - t[0]), 0.0)
    step = t[rung] - t[rung - 1] if rung < 5 else t[4] - t[3]
    return rung + min((value - t[rung - 1]) / step, 1.0)


def _skills(course: Course, parts: Sequence[Part]) -> Iterator[str]:
    shown: dict[str, list[float]] = {}
    for part in parts:
        for covered in part.problem.skills if part.problem else ():
            shown.setdefault(covered, []).append(0.0 if part.best is None else part.best.points / 5)
    if not shown:
        return
    yield "<h2>Skills</h2>"
    yield '<table><thead><tr><th></th><th>skill</th><th class="number">shown</th></tr></thead><tbody>'
    for id, skill in course.skills.items():
        if id in shown:
            share = sum(shown[id]) / len(shown[id])
            yield f'<tr><td>{id}</td><td>{escape(skill.text)}</td><td class="number">{100 * share:.0f} %</td></tr>'
    yield "</tbody></table>"


def _since(session: Session, each: Try) -> float:
    """Return the minutes from the start of the clock to a try."""
    return (datetime.fromisoformat(each.when) - session.starts).total_seconds() / 60


def escape(text: str) -> str:
    """Return a foreign string for HTML: printable, and nothing in it is markup."""
    return escape_html(printable(text))


def _minutes(session: Session, each: Try) -> str:
    return f"{_since(session, each):.0f} min"
