"""The MISPs of the proofs, their wires, and an index that holds what they held."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.serving import Swapped
from tests.faults.conftest import stage as stage  # the portal's people
from tests.faults.conftest import told as told  # everything that is logged
from tests.faults.stage import Stage
from tests.privacy import world as worlds
from tests.privacy.indexed import Portal
from tests.privacy.recorder import Recorder
from tests.privacy.world import World


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A filled MISP of each name, to be copied."""
    return worlds.template(tmp_path_factory.mktemp("misps"))


@pytest.fixture(scope="session")
def wires() -> Iterator[dict[str, tuple[Swapped, str, Recorder]]]:
    """The addresses and wires of the MISPs, for the whole session."""
    with worlds.wires() as made:
        yield made


@pytest.fixture
def world(
    files: dict[str, Path], wires: dict[str, tuple[Swapped, str, Recorder]], tmp_path: Path
) -> Iterator[World]:
    """The MISPs as new."""
    with worlds.opened(files, wires, tmp_path) as made:
        yield made


@pytest.fixture
def portal(stage: Stage, world: World) -> Portal:
    """The portal with both MISPs indexed and in step."""
    made = Portal(stage, world)
    made.connect()
    return made
