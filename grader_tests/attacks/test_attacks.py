"""Every attack, graded by the real command beside honest submissions: what each gets, and what none may do."""

import re

import pytest
from attack import read_attacks
from batch import CHECKS_OF, FULL, HONEST, SECRET
from broken import broken_attacks

pytestmark = [pytest.mark.slow]
ATTACKS = [*read_attacks(), *broken_attacks()]


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_attack_gains_nothing(batch, attack):
    expected = attack.expected
    events = batch.events.get(attack.name)
    assert events, f"{attack.name} is not in the log"
    told = batch.told(attack.name)
    if expected.status == "failed":
        assert "failed" in events, told
        assert not batch.graded(attack.name).exists()
        # It is known to nbgrader, with no point in it.
        assert not any(batch.points.get(attack.name, {}).values())
    else:
        assert "recorded" in events, told
        wanted = {id: expected.points.get(id, 0) for id in CHECKS_OF}
        assert batch.points[attack.name] == wanted, told
        assert re.search(f"^(?:{expected.ending})$", batch.ending(attack.name)), (batch.ending(attack.name), told)
        _check_output(batch, attack)
    assert expected.reason, "say what staff are told"
    assert re.search(expected.reason, told), told


def _check_output(batch, attack):
    expected = attack.expected
    output = batch.output(attack.name)
    assert "SUCCEEDED" not in output, re.findall(r".*SUCCEEDED.*", output)
    assert output.count("refused: ") >= expected.refused, output[-2000:]
    for words in expected.contains:
        assert words in output, output[-2000:]
    for words in expected.absent_output:
        assert words not in output
    for words in expected.absent_html:
        assert words not in batch.html(attack.name)
    folder = batch.graded(attack.name)
    names = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    assert set(expected.kept) <= batch.kept(attack.name)
    assert not set(expected.absent) & names
    # What a run left may hold hidden inputs, and nbgrader hands back what is here.
    submitted = batch.root / "submitted" / attack.name / "week01"
    assert names <= {str(path.relative_to(submitted)) for path in submitted.rglob("*")}
    for path in folder.rglob("*"):
        assert not path.is_symlink()
        assert path.is_dir() or path.is_file()
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 10 * 2**20


@pytest.mark.parametrize("student", HONEST)
def test_honest_submissions_are_unharmed(batch, student):
    assert batch.points[student] == FULL, batch.told(student)
    assert batch.ending(student) == "complete"
    receipts = batch.store.receipts(student, "week01")
    assert all(receipt.sandboxed and not receipt.predictable for receipt in receipts.values())
    names = {path.name for path in batch.graded(student).rglob("*")}
    assert names == {"assignment.ipynb"}


def test_honest_submissions_answer_alike(batch):
    responses = [
        {id: receipt.response_digest for id, receipt in batch.store.receipts(student, "week01").items()}
        for student in HONEST
    ]
    # A trained model's file holds the time at which it was saved.
    for digests in responses:
        del digests["week01.file"], digests["week01.trained"]
    assert responses[0] == responses[1] == responses[2]


def test_batch_ends_as_it_should(batch):
    """The unusable notebooks are for staff to look at, which is 1; nothing is a defect of ours, which is 3."""
    assert batch.code == 1, batch.said[-3000:]
    assert set(batch.events) == {attack.name for attack in ATTACKS} | set(HONEST)
    assert not [name for name, events in batch.events.items() if "broken" in events]


def test_no_call_reaches_the_machine(batch):
    assert batch.calls == []


def test_nothing_outlives_its_submission(batch):
    assert batch.survivors == []


def test_no_program_of_a_model_or_pickle_was_run(batch):
    assert not list(batch.root.glob("*-WAS-RUN"))


def test_main_process_stays_small(batch):
    assert batch.peak < 500, f"{batch.peak:.0f} MB"


def test_secret_is_nowhere(batch):
    for folder in ("autograded", "receipts"):
        for path in (batch.root / folder).rglob("*"):
            assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_attacks_succeed_where_there_is_no_sandbox(unprotected):
    """So what the tests above look for is what a success looks like."""
    assert re.search(r"SUCCEEDED: read \S*gradebook.db", unprotected.output("reads_files"))
    assert "SUCCEEDED: read the secret's file" in unprotected.output("reads_files")
    assert "SUCCEEDED: loopback" in unprotected.output("network")
    assert {"loopback", "abstract", "named"} <= set(unprotected.calls)
    # They have no points even so, and every receipt says how it came about.
    for student in HONEST:
        assert unprotected.points[student] == FULL
        receipts = unprotected.store.receipts(student, "week01").values()
        assert not any(receipt.sandboxed for receipt in receipts)


def test_there_are_enough_attacks():
    assert len(ATTACKS) >= 85
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
