"""The operating system that a user agent names, in the trial's six words."""

from enum import StrEnum
from functools import lru_cache


class System(StrEnum):
    """As titles of events write it."""

    UNKNOWN = "OS-Unknown"
    LINUX = "Linux"
    WINDOWS = "Windows"
    IOS = "iOS"
    ANDROID = "Android"
    MAC = "Mac"


# In this order: iOS says "like Mac OS X", Android says "Linux".
_SIGNS = (
    ("iphone", System.IOS),
    ("ipad", System.IOS),
    ("ipod", System.IOS),
    ("android", System.ANDROID),
    ("windows", System.WINDOWS),
    ("macintosh", System.MAC),
    ("mac os", System.MAC),
    ("macos", System.MAC),
    ("linux", System.LINUX),
    ("ubuntu", System.LINUX),
)
_WORDS = {one.value.lower(): one for one in System}
_LOOKED_AT = 2_048
_REMEMBERED = 16_384


@lru_cache(_REMEMBERED)
def system_of(agent: str) -> System:
    """Of a user agent, or of the system's own name. What it says is the client's claim: it is
    looked at for these words and nothing else, and not kept."""
    text = agent[:_LOOKED_AT].lower()
    if found := _WORDS.get(text.strip()):
        return found
    return next((system for sign, system in _SIGNS if sign in text), System.UNKNOWN)
