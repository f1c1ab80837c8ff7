"""New points from kept responses, after a key or a ladder was corrected. Nothing is run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tfcourse.checks.records import Receipt, Response
from tfcourse.examiner.in_process import now
from tfcourse.examiner.paper import Paper, Question, make_receipt


@dataclass(frozen=True)
class Rescored:
    """What became of one submission's receipts.

    Args:
        receipts: New ones, by check id; of those that could be scored again.
        refused: Check id to why a response could not be scored again; the old receipt stands.
    """

    receipts: Mapping[str, Receipt] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def rescore(paper: Paper, responses: Mapping[str, Response], receipts: Mapping[str, Receipt]) -> Rescored:
    """Score kept responses against a paper that was drawn again from the same seeds.

    A response answers the inputs that it was given. Where the check now draws other inputs, there is nothing
    to compare it with, and it is refused; another key, tolerance, ladder or number of points is what this is for.

    Args:
        paper: Drawn again, with the checks as they are now.
        responses: As kept with the receipts, by check id.
        receipts: The old ones, by check id.

    Raises:
        GraderBroken: A check's own code failed.
    """
    new: dict[str, Receipt] = {}
    refused: dict[str, str] = {}
    for check_id, old in receipts.items():
        why = _why_not(paper, responses.get(check_id), old)
        if why is None:
            new[check_id] = _again(paper[check_id], responses[check_id], old)
        else:
            refused[check_id] = why
    return Rescored(new, refused)


def _why_not(paper: Paper, response: Response | None, old: Receipt) -> str | None:
    if response is None:
        return "Expected the response beside its receipt; found none. Grade the submission again."
    if old.check_id not in paper:
        return "Expected the check in this week; it is no longer there. The old points stand."
    if response.digest() != old.response_digest:
        return "Expected the response that the receipt tells of; found another one. Grade the submission again."
    if paper[old.check_id].task_digest != old.task_digest:
        return (
            "Expected the hidden inputs that were answered; the check, or the secret, now gives other ones. "
            "Grade the submission again."
        )
    return None


def _again(question: Question, response: Response, old: Receipt) -> Receipt:
    # The predictions of a model's file were kept with it: it is not loaded a second time.
    score = question.score(response)
    receipt = make_receipt(
        question,
        response,
        score,
        purpose=old.purpose,
        predictable=old.predictable,
        secret_id=old.secret_id,
        submission=old.submission,
        sandboxed=old.sandboxed,
        answered_at=old.answered_at,
    )
    # The response was made by the software that the old receipt names.
    return replace(receipt, versions=old.versions, rescored_at=now())
