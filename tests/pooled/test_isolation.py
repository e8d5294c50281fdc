"""The wall between tenants and users, where transactions of all of them take turns in two sessions.

The probes are those of the suite. Whom they are about is made once here, as no probe may change it.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.vocabulary import Scope
from app.main import create_app
from app.resources import Resources
from tests.api import test_isolation as suite
from tests.api.test_isolation import Owned, own
from tests.conftest import client_of, make_key


@pytest.fixture(scope="module")
def tenant() -> str:
    return f"t-{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def app(resources: Resources) -> FastAPI:
    return create_app(resources=resources)


@pytest.fixture(scope="module")
def a(app: FastAPI, resources: Resources, tenant: str) -> Iterator[Owned]:
    with client_of(app, make_key(resources, tenant)) as client:
        yield own(client, resources, tenant, "ann")


@pytest.fixture
def b(app: FastAPI, resources: Resources) -> Iterator[TestClient]:
    with client_of(app, make_key(resources, f"t-{uuid4().hex[:12]}")) as client:
        yield client


@pytest.fixture(scope="module")
def bob(a: Owned, resources: Resources, tenant: str) -> Owned:
    return own(a.client, resources, tenant, "bob")


@pytest.fixture(scope="module")
def bound(app: FastAPI, resources: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(app, make_key(resources, tenant, Scope.WRITE, user_id="ann")) as client:
        yield client


class TestOtherTenant:
    of = suite.TestOtherTenant
    test_finds_nothing_under_an_id = of.test_finds_nothing_under_an_id
    test_finds_and_touches_nothing_under_a_users_name = of.test_finds_and_touches_nothing_under_a_users_name
    test_cannot_wait_for_a_job = of.test_cannot_wait_for_a_job
    test_shares_nothing_with_its_namesakes = of.test_shares_nothing_with_its_namesakes


class TestBoundKey:
    of = suite.TestBoundKey
    test_may_not_name_another_user = of.test_may_not_name_another_user
    test_finds_nothing_of_another_under_an_id = of.test_finds_nothing_of_another_under_an_id
    test_cannot_wait_for_anothers_job = of.test_cannot_wait_for_anothers_job
