"""Every table is known to whoever imports `app.db.models`: by it a receipt of an erasure counts them."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from app.db import models

PACKAGE = Path(models.__file__).parent
WITHOUT_MODEL = {"alembic_version"}


def tables_in(source: str) -> dict[str, str]:
    """The classes of a module that are tables, and the name of each one's table."""
    found = {}
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.ClassDef):
            named = {
                target.id: assign.value
                for assign in one.body
                if isinstance(assign, ast.Assign)
                for target in assign.targets
                if isinstance(target, ast.Name)
            }
            value = named.get("__tablename__")
            if isinstance(value, ast.Constant):
                found[one.name] = str(value.value)
    return found


def imported_by_package(source: str) -> set[tuple[str, str]]:
    """Module and name of what the package's `__init__` imports: it does so in every process."""
    return {
        (one.module.rpartition(".")[2], alias.name)
        for one in ast.parse(source).body
        if isinstance(one, ast.ImportFrom) and one.module is not None
        for alias in one.names
    }


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
DECLARED = {
    (path.stem, name): table for path in MODULES for name, table in tables_in(path.read_text()).items()
}


@pytest.mark.parametrize(("module", "name"), sorted(DECLARED), ids=[f"{m}.{n}" for m, n in sorted(DECLARED)])
def test_a_table_is_registered_by_importing_the_package_alone(module: str, name: str):
    assert (module, name) in imported_by_package((PACKAGE / "__init__.py").read_text())
    assert name in models.__all__
    assert getattr(models, name).__tablename__ in models.Base.metadata.tables


def test_no_table_is_declared_outside_the_package():
    assert set(DECLARED.values()) == set(models.Base.metadata.tables)


def test_the_migrated_database_has_the_tables_of_the_models_and_no_other(owner: Engine):
    assert set(inspect(owner).get_table_names()) - WITHOUT_MODEL == set(models.Base.metadata.tables)


def test_a_module_that_is_not_imported_would_be_seen():
    source = 'class Note(Base):\n    __tablename__ = "notes"\n'
    assert tables_in(source) == {"Note": "notes"}
    assert ("notes", "Note") not in imported_by_package("from app.db.models.users import User\n")
