"""Whatever files and archives are called: nothing leaves its place, and nobody submits for another."""

import contextlib
import io
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.coursedir import CourseDirectory

from tfcourse.grading.collect import collect
from tfcourse.grading.handed_in import is_student, read_name
from tfcourse.texts import printable

pieces = st.sampled_from([
    *[b"..", b".", b"/", b"//", b"\\", b"C:", b"~", b"_", b" ", b"\n", b"\0", b"\x1b[31m", b"\xff\xfe", b"\xc3\xbc"],
    *[b"../", b"/../../", b"..\\..\\", b"/x", b"x/.._assignment.ipynb"],
    *[b"assignment.ipynb", b"lesson.ipynb", b"week01", b"week02", b"ann", b"bob", b"submitted", b"timestamp.txt"],
    *[b"_12345_67890_", b"_LATE", b"_123_assignsubmission_file", b".ipynb", b".zip", b"__MACOSX", b"._x", b"x" * 250],
])  # fmt: skip
raw_names = st.lists(st.one_of(pieces, st.binary(max_size=6)), min_size=1, max_size=6).map(b"".join)
students = st.sampled_from([b"ann", b"bob_assignment", b"lee_12345_67890_x", b"Ann Lee_1_assignsubmission_file_"])
inside = st.lists(st.tuples(raw_names, st.booleans()), max_size=5)


def zip_of(names, owner):
    """Return a zip whose every file holds its owner's mark; the names are any bytes, said to be UTF-8 or not."""
    file = io.BytesIO()
    marks = []
    with zipfile.ZipFile(file, "w") as archive:
        for number, (name, is_utf8) in enumerate(names):
            mark = b"%08d" % number + b"M" * max(len(name) - 8, 0)
            info = zipfile.ZipInfo(mark.decode())
            info.flag_bits |= 0x800 * is_utf8
            archive.writestr(info, owner)
            marks.append((mark, name.ljust(8, b"x")))
    content = file.getvalue()
    for mark, name in marks:
        content = content.replace(mark, name)
    return content


@st.composite
def folders(draw):
    """Draw what came: names of files, to their content; a folder's is a list of names below it."""
    found = {}
    for number, name in enumerate(draw(st.lists(st.one_of(students, raw_names), min_size=1, max_size=4))):
        clean = name.replace(b"/", b"").replace(b"\0", b"")[:200]
        kind = draw(st.sampled_from([b".zip", b".ipynb", b"", b"/"]))
        if clean.strip(b".") and clean + kind not in found:
            found[clean + kind] = (number, draw(inside))
    return found


def lay_out(folder, drawn):
    """Write it; each file's content names what lies at the top."""
    for name, (number, names) in drawn.items():
        path = folder / Path(name.rstrip(b"/").decode("utf-8", "surrogateescape"))
        if path.exists():
            continue
        owner = f"owner {number}".encode()
        if name.endswith(b".zip"):
            path.write_bytes(zip_of(names, owner))
        elif name.endswith(b"/"):
            path.mkdir()
            (path / "assignment.ipynb").write_bytes(owner)
        else:
            path.write_bytes(owner)


def owners(drawn):
    """Return the marks of what may lie in each student's folder."""
    found = {}
    for name, (number, _) in drawn.items():
        path = Path(name.rstrip(b"/").decode("utf-8", "surrogateescape"))
        for text in (path.stem, path.name):
            said = read_name(text)
            if said is not None:
                found.setdefault(said.student, set()).add(f"owner {number}")
    return found


def files(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def check(root, drawn):
    """Nothing lies outside of `submitted/`, and in it each file where its owner's name says."""
    allowed = owners(drawn)
    for path, content in files(root).items():
        if path.name in ("timestamp.txt", "submission_secret.txt") and len(path.parts) == 4:
            continue
        assert path.parts[0] == "submitted", path
        assert path.parts[2] == "week01"
        assert content.decode() in allowed[path.parts[1]], path


@contextlib.contextmanager
def a_place():
    """Give a folder; archives are unpacked in a `tmp/` of it, of which nothing stays."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder, "deep", "tmp").mkdir(parents=True)
        patch.setattr(tempfile, "tempdir", str(Path(folder, "deep", "tmp")))
        yield Path(folder)
        assert [path.name for path in Path(folder, "deep").rglob("*")] == ["tmp"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=folders())
def test_tfcourse_collect(course, drawn):
    with a_place() as place:
        folder = place / "came"
        folder.mkdir()
        lay_out(folder, drawn)
        before = files(folder)
        root = place / "course"
        root.mkdir()
        done = collect(replace(course, root=root), course.weeks[0], folder)
        check(root, drawn)
        assert files(folder) == before
        assert {path.name for path in place.iterdir()} == {"came", "course", "deep"}
        assert all(printable(complaint) == complaint for complaint in done.complaints)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=folders())
def test_zip_collect(drawn):
    with a_place() as place:
        root = place / "course"
        folder = root / "downloaded" / "week01" / "archive"
        folder.mkdir(parents=True)
        lay_out(folder, drawn)
        zip_collect(root)
        assert {path.name for path in place.iterdir()} == {"course", "deep"}
        assert {path.name for path in root.iterdir()} <= {"downloaded", "submitted"}
        assert {path.name for path in (root / "downloaded" / "week01").iterdir()} <= {"archive", "extracted"}
        for path in list((root / "downloaded").rglob("*"))[::-1]:
            path.rmdir() if path.is_dir() else path.unlink()
        check(root, drawn)


def zip_collect(root, **options):
    """Do what ``nbgrader zip_collect week01`` does with the course's configuration."""
    app = ZipCollectApp(
        extractor_plugin="tfcourse.grading.zip_collect.Extractor",
        collector_plugin="tfcourse.grading.zip_collect.Collector",
        **options,
    )
    app.coursedir = CourseDirectory(parent=app, root=str(root), assignment_id="week01")
    app.init_plugins()
    app.extract_archive_files()
    app.process_extracted_files()


@given(name=st.text())
def test_an_id_is_the_name_of_one_folder_and_stays_itself(name):
    found = read_name(name)
    if found is not None:
        id = found.student
        assert is_student(id)
        assert id[0].isalnum()
        assert Path("submitted", id, "week01").parts == ("submitted", id, "week01")
        assert printable(id) == id
        assert read_name(f"{id}_assignment") == found or found.notebook == "lesson"


@given(id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9@.+'-]{0,30}[A-Za-z0-9]", fullmatch=True).filter(is_student))
def test_an_id_is_the_same_in_every_form(id):
    if id in ("assignment", "lesson") or read_name(id) is None:
        return
    forms = (
        "{}",
        "{}_assignment",
        "{}_lesson",
        "{}_12345_67890_x",
        "{}_LATE_12345_67890_x",
        "{}_1_assignsubmission_file_",
    )
    assert {read_name(form.format(id)).student for form in forms} == {id}


# ---------------------------------------------------------------------------- zip_collect, by example


@pytest.fixture
def root(tmp_path):
    return tmp_path


def came(root, name, files):
    path = root / "downloaded" / "week01" / "archive" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(files, str):
        path.write_text(files)
        return
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in files.items():
            archive.writestr(inner, text)


def submitted(root):
    return {
        path.relative_to(root / "submitted").as_posix(): path.read_text()
        for path in (root / "submitted").rglob("*")
        if path.is_file() and path.name not in ("timestamp.txt", "submission_secret.txt")
    }


def test_an_archive_cannot_submit_for_another(root):
    came(root, "ann.zip", {"bob/assignment.ipynb": "ann's", "bob/data/x.csv": "1"})
    came(root, "bob.ipynb", "bob's")
    zip_collect(root)
    assert submitted(root) == {
        "ann/week01/assignment.ipynb": "ann's",
        "ann/week01/data/x.csv": "1",
        "bob/week01/assignment.ipynb": "bob's",
    }
    assert (root / "submitted" / "ann" / "week01" / "timestamp.txt").read_text().endswith(" UTC")


def test_a_pattern_that_led_outside_leads_nowhere(root):
    came(root, "ann.zip", {"x/.._assignment.ipynb": "evil"})
    zip_collect(root)
    assert not (root / "submitted").exists()


def test_a_duplicate_costs_nobody_else_anything_and_is_told(root, capfd):
    came(root, "ann.zip", {"assignment.ipynb": "one"})
    came(root, "ann_assignment.ipynb", "another")
    came(root, "bob.ipynb", "bob's")
    zip_collect(root)
    assert submitted(root) == {"bob/week01/assignment.ipynb": "bob's"}
    told = capfd.readouterr().err
    assert "ann.zip and " in told
    assert "were both left out" in told


def test_no_name_reaches_a_terminal_as_it_is(root, capfd):
    came(root, "ann.zip", {"assignment.ipynb": "ann's", "\x1b[31mred": "", "a\u202eb": ""})
    came(root, "\x1b[2Jbob.ipynb", "bob's")
    zip_collect(root)
    told = capfd.readouterr().err
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "\\x1b[31mred" in told
    assert "\\x1b[2Jbob.ipynb" in told
    assert submitted(root) == {"ann/week01/assignment.ipynb": "ann's"}


def test_what_was_collected_before_stays_and_costs_nobody_else_anything(root):
    came(root, "ann.ipynb", "new")
    came(root, "bob.ipynb", "bob's")
    old = root / "submitted" / "ann" / "week01" / "assignment.ipynb"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    zip_collect(root)
    assert submitted(root) == {"ann/week01/assignment.ipynb": "old", "bob/week01/assignment.ipynb": "bob's"}
    zip_collect(root, force=True)
    assert submitted(root) == {"ann/week01/assignment.ipynb": "new", "bob/week01/assignment.ipynb": "bob's"}
