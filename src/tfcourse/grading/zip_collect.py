"""``nbgrader zip_collect`` with what `tfcourse collect` knows: whose a file is, and what an archive may do.

nbgrader's own plugins unpack every archive and ask a pattern of ours whose the files in it are, so an archive could
submit for anybody, write beside ``submitted/``, and end the run for the whole class.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from tfcourse.grading.files import is_inside
from tfcourse.grading.handed_in import is_student, submissions
from tfcourse.texts import printable


class Extractor(ExtractorPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Writes each student's submission into a folder of its own, ``extracted/STUDENT/``."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Sort what lies in a folder by students. See `tfcourse.grading.handed_in`.

        Args:
            archive_path: What came.
            extracted_path: An empty folder.
        """
        complaints: list[str] = []
        for submission in submissions(self.parent.coursedir.assignment_id, Path(archive_path), complaints):
            for name, path in submission.files.items():
                target = Path(extracted_path, submission.student, name)
                try:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
                except OSError as error:
                    complaints.append(f"{printable(str(path))} was left out: {printable(str(error))}.")
            if Path(extracted_path, submission.student).is_dir():
                submission.write_marks(Path(extracted_path, submission.student))
        for complaint in complaints:
            self.log.warning("%s", complaint)


class Collector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Takes what `Extractor` wrote: a student's files are those below the folder that is named for the student."""

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Return whose a file is, and its path in the submission; None where it is not to be taken.

        Args:
            submitted_file: Absolute path in ``extracted/``.
        """
        root = Path(self.parent._format_collect_path(self.parent.extracted_directory))
        student, *below = Path(submitted_file).relative_to(root).parts
        name = "/".join(below)
        if not below or not is_student(student) or not is_inside(name):
            self.log.warning("%s was left out: expected a folder named for a student.", printable(submitted_file))
            return None
        taken = Path(
            self.parent.coursedir.format_path(
                self.parent.coursedir.submitted_directory, student, self.parent.coursedir.assignment_id
            )
        )
        if not self.parent.force and taken.is_dir() and any(taken.iterdir()):
            self.log.warning("%s was left out: %s is there already. To replace it: --force", printable(name), taken)
            return None
        return {"student_id": student, "file_id": name}
