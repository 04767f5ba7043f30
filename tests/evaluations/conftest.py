"""What the tests of evaluations share."""

import pytest

from tests.api import Api
from tests.evaluations.served import Served


@pytest.fixture
def served(api: Api) -> Served:
    return Served(api)
