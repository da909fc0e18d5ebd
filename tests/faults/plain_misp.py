"""A plain, well-behaved tiny MISP: the fault-injecting one without a fault."""

from tests.faults.faulty_misp import KEY, FaultyMisp, Stored, serving

__all__ = ["KEY", "Stored", "plain_misp", "serving"]


def plain_misp(*values: str | Stored, delay_s: float = 0.0) -> FaultyMisp:
    """A MISP that holds ``values`` (addresses, unless stored with a type of their own).

    Use it as ``async with plain_misp("198.51.100.7") as misp`` or ``with serving(plain_misp(…))``;
    ``misp.url`` is its address, any ``KEY`` opens it, ``misp.requests`` shows what it was asked.
    """
    stored = [each if isinstance(each, Stored) else Stored(each) for each in values]
    return FaultyMisp(stored, delay_s=delay_s)
