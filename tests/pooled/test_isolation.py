"""The wall between tenants and users, where transactions of all of them take turns in two sessions.

The probes are those of the suite, and so is the tenant that they are about.
"""

from tests.api.entrance import test_isolation as suite

app, house, fresh, other, stranger = suite.app, suite.house, suite.fresh, suite.other, suite.stranger


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
