"""What ends a command early: a problem that people can be told about."""

from securegrid.cli.words import Language, Say, say


class Problem(Exception):  # noqa: N818 - what people read is a problem, not a program's error
    """A command cannot go on; ``what`` and ``parts`` say why, in every language."""

    def __init__(self, what: Say, **parts: object) -> None:
        super().__init__(what.value)
        self.what = what
        self.parts = parts

    def told(self, language: Language) -> str:
        """The problem in words."""
        return say(self.what, language, **self.parts)
