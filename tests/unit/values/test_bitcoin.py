"""Bitcoin addresses are taken only with a right checksum (vectors of BIP 173 and BIP 350)."""

import pytest

from securegrid.values.bitcoin import bitcoin_value
from securegrid.values.model import Reject, Value

RIGHT = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "1111111111111111111114oLvT2",
    "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
]
WRONG = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
    "1AGNa15ZQXAZUgFiqJ3i7Z2DPU2J6hW62i",
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz".replace("z", "1", 1),
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "bc1qW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
    "bc1pw5dgrnzv",
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du",
]


@pytest.mark.parametrize("text", RIGHT)
def test_right(text: str) -> None:
    found = bitcoin_value(text)
    assert isinstance(found, Value)
    assert found.text == (text.lower() if text.lower().startswith("bc1") else text)


@pytest.mark.parametrize("text", WRONG)
def test_wrong(text: str) -> None:
    assert bitcoin_value(text) in (Reject.INVALID_CHECKSUM, Reject.UNKNOWN_KIND)


@pytest.mark.parametrize("text", RIGHT)
def test_any_changed_letter_is_noticed(text: str) -> None:
    for place in range(4, len(text)):
        other = "q" if text[place] not in "qQ" else "p"
        changed = (
            text[:place] + (other if text.lower() == text else other.upper()) + text[place + 1 :]
        )
        assert not isinstance(bitcoin_value(changed), Value)


def test_words_are_no_addresses() -> None:
    assert bitcoin_value("bitcoin") is Reject.UNKNOWN_KIND
