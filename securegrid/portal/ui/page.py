"""What every page is made of: a frozen, typed context with the template that shows it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Page:
    """The whole context of one page; templates reach it as ``page`` and see nothing else.

    A subclass names its ``template`` and declares exactly the fields that the template shows
    (a test compares the two), so that nothing can reach a browser by accident.
    """

    template: ClassVar[str]

    def response(self, request: HttpRequest, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        """The page (or, for a fragment's template, the fragment) as an answer.

        Pages hold what only this person may see, so no cache keeps them.
        """
        answer = render(request, self.template, {"page": self}, status=status)
        answer.headers.setdefault("Cache-Control", "no-store, private")
        return answer
