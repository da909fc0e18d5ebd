"""Django's ASGI handler, with each request in one thread that keeps its database connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Chain = Callable[[HttpRequest], HttpResponseBase]

MOST_THREADS = 1_000
"""A thread is made only when none is idle; one that waits for a search occupies its own."""


class OneThreadHandler(ASGIHandler):
    """Runs middleware and view of a request in one thread of a pool.

    Django's own handler makes a thread per request, whose database connections end with it,
    and enters and leaves it several times for a synchronous view under synchronous middleware.
    Asynchronous views work as before.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain for synchronous calls, to be entered from the event loop."""
        super().load_middleware(is_async=False)
        chain: Chain = self._middleware_chain  # type: ignore[has-type]

        def answer(request: HttpRequest) -> HttpResponseBase:
            # Django's signals do this in another thread, which has connections of its own.
            close_old_connections()
            try:
                return chain(request)
            finally:
                close_old_connections()

        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="request")
        self._middleware_chain = sync_to_async(
            answer, thread_sensitive=False, executor=self._threads
        )

    def close(self) -> None:
        """End the threads, and with them their connections, when they have answered."""
        self._threads.shutdown()
