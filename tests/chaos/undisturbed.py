"""The bytes of reports over the same data without any fault, and the polls that must be stored."""

from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.work import Question
from tests.end_to_end.stack import offline


class Undisturbed:
    """Computes each report once more from files, in processes that nothing disturbs."""

    def __init__(self, files, sample):
        self._files, self._sample = files, sample
        self._folder = TemporaryDirectory(prefix="storemonitor-undisturbed-")
        self._known = {}

    def report(self, question: Question):
        """Return the bytes of a report; every poll up to its instant must be stored by now."""
        if question not in self._known:
            told = ("--as-of", question.as_of, "--windows", ",".join(question.windows))
            output = Path(self._folder.name, "report.csv")
            self._known[question] = offline(self._data, *told, output=output)
        return self._known[question]

    def close(self):
        self._folder.cleanup()

    @cached_property
    def _data(self):
        folder = Path(self._folder.name, "data")
        self._files.write_undisturbed(folder, self._sample)
        return folder
