"""How many mixed lines one core normalises in a second."""

import random
import time
from collections.abc import Callable

from securegrid.values.hosts import warm_up
from securegrid.values.model import Value
from securegrid.values.normalise import normalise

_TLDS = ("com", "net", "info", "org", "co.jp", "jp", "xyz", "de", "ru", "top")
_PATHS = ("", "/", "/gate.php?id=7", "/a/b/c.html", "/Mozi.m", "/wp-content/x?q=%e3%81%82")


def measure(lines: int = 100_000, *, seed: int = 7, rounds: int = 3) -> dict[str, float]:
    """Lines per second and core over a mix as in lists that analysts paste; the best round.

    ``understood`` is the share of lines that became values. The lines are all different,
    so nothing is gained by remembering; one round takes about a second.
    """
    mixed = mixed_lines(lines, seed)
    warm_up()
    seconds: list[float] = []
    understood = 0
    for _ in range(rounds):
        started = time.process_time()
        understood = sum(isinstance(normalise(line), Value) for line in mixed)
        seconds.append(time.process_time() - started)
    return {
        "lines": lines,
        "seconds": round(min(seconds), 4),
        "lines_per_second_and_core": round(lines / min(seconds)),
        "understood": round(understood / lines, 4),
    }


def mixed_lines(count: int, seed: int) -> list[str]:
    """The mix: a third addresses, a third names (half of them defanged), hashes, URLs, others."""
    dice = random.Random(seed)
    makers, weights = zip(*_MIX, strict=True)
    return [make(dice) for make in dice.choices(makers, weights, k=count)]


def _address(dice: random.Random) -> str:
    return ".".join(str(dice.randrange(256)) for _ in range(4))


def _defanged_address(dice: random.Random) -> str:
    return "[.]".join(_address(dice).rsplit(".", 1))


def _name(dice: random.Random) -> str:
    labels = ["".join(dice.choices("abcdefghijklmnop-q0123", k=9)).strip("-") or "a"]
    if dice.random() < 0.5:
        labels.insert(0, dice.choice(("www", "mail", "cdn", "dxc")))
    return ".".join([*labels, dice.choice(_TLDS)])


def _capital_name(dice: random.Random) -> str:
    return _name(dice).upper()


def _defanged_name(dice: random.Random) -> str:
    return "[.]".join(_name(dice).rsplit(".", 1))


def _url(dice: random.Random) -> str:
    return dice.choice(("http://", "https://")) + _name(dice) + dice.choice(_PATHS)


def _defanged_url(dice: random.Random) -> str:
    return "hxxp" + _url(dice).partition("p")[2].replace(".", "[.]", 1)


def _digest(dice: random.Random) -> str:
    return f"{dice.getrandbits(256):064x}"[: dice.choice((32, 40, 64))]


def _email(dice: random.Random) -> str:
    return f"user{dice.randrange(10**6)}@{_name(dice)}"


def _network(dice: random.Random) -> str:
    return f"{_address(dice)}/{dice.randrange(8, 32)}"


def _ipv6(dice: random.Random) -> str:
    return f"2001:db8:{dice.randrange(65536):x}::{dice.randrange(65536):x}"


def _cve(dice: random.Random) -> str:
    return f"cve-{dice.randrange(2010, 2027)}-{dice.randrange(1000, 50000)}"


def _file(dice: random.Random) -> str:
    return f"Invoice{dice.randrange(10**6)}.{dice.choice(('exe', 'docx', 'zip', 'js'))}"


def _idn(dice: random.Random) -> str:
    return f"例え{dice.randrange(10**6)}.jp"


def _prose(dice: random.Random) -> str:
    return f"seen {dice.randrange(10**6)} times"


_MIX: tuple[tuple[Callable[[random.Random], str], int], ...] = (
    (_address, 26),
    (_defanged_address, 4),
    (_name, 16),
    (_capital_name, 2),
    (_defanged_name, 10),
    (_url, 10),
    (_defanged_url, 5),
    (_digest, 15),
    (_email, 3),
    (_network, 2),
    (_ipv6, 2),
    (_cve, 1),
    (_file, 2),
    (_idn, 1),
    (_prose, 1),
)

if __name__ == "__main__":
    print(measure())
