"""What must stay true of the house: floors, sizes, auth on every route, documents that match the code."""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.api.contract.document import build_openapi
from app.core.settings import Settings
from app.main import OPEN_ROUTES, create_app
from app.resources import Resources

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "app").rglob("*.py"))
DOCUMENTS = {
    *("/", "/openapi.json", "/docs", "/docs/start.js"),
    *("/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/favicon-32x32.png"),
}
DOORS = {"/compat/mem0"}  # protocols of others, which have documents of their own
METHODS = {"get", "put", "post", "patch", "delete"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in FILES}


@pytest.fixture(scope="module")
def app(resources: Resources) -> FastAPI:
    return create_app(resources=resources)


def functions(trees: dict[Path, ast.Module]) -> list[tuple[Path, Function]]:
    return [
        (path, node) for path, tree in trees.items() for node in ast.walk(tree) if isinstance(node, Function)
    ]


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in build_openapi(app)["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method, path, operation


def names_of(kind: ast.expr | None) -> set[str]:
    """The names of an except clause."""
    return {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)} if kind is not None else set()


class TestCode:
    def test_there_is_code_to_look_at(self):
        assert len(FILES) > 30

    def test_imports_go_down_the_floors(self):
        command = Path(sys.executable).parent / "lint-imports"
        done = subprocess.run(
            [str(command), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_no_file_is_over_500_lines(self, path: Path):
        assert len(path.read_text().splitlines()) <= 500

    def test_few_functions_are_over_50_lines(self, trees):
        found = functions(trees)
        long = [f"{path.relative_to(ROOT)}:{f.name}" for path, f in found if length(f) > 50]
        assert len(long) <= 0.03 * len(found), long

    def test_no_import_hides_in_a_function(self, trees):
        # A command of the command line loads what it needs when it runs: `tests/cli/test_imports.py`.
        command_line = ROOT / "app" / "cli"
        hidden = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path, function in functions(trees)
            if not path.is_relative_to(command_line)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not hidden

    def test_nothing_prints(self, trees):
        printing = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path, tree in trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
        assert not printing


class TestBroadExcepts:
    @pytest.fixture
    def broad(self, trees) -> list[tuple[Path, int]]:
        return [
            (path, node.lineno)
            for path, tree in trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.ExceptHandler)
            and (node.type is None or names_of(node.type) & {"Exception", "BaseException"})
        ]

    def test_are_rare(self, broad):
        lines = sum(len(path.read_text().splitlines()) for path in FILES)
        assert len(broad) <= max(1, 0.3 * lines / 1000), broad

    def test_say_why(self, broad):
        for path, line in broad:
            tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
            comments = {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}
            reason = re.sub(r"#|noqa(: *[A-Z0-9, ]+)?", "", comments.get(line, "")).strip(" -")
            assert len(reason.split()) >= 4, f"{path.relative_to(ROOT)}:{line} must say why it is broad"


class TestRoutes:
    def test_need_a_key(self, app: FastAPI):
        with TestClient(app, raise_server_exceptions=False) as client:
            open_ones = set()
            for method, path, _ in operations(app):
                # Whatever else may be wrong with the request, the missing key comes first.
                answer = client.request(method, re.sub(r"{\w+}", "x", path))
                if answer.status_code != 401:
                    open_ones.add(path)
                else:
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert answer.headers["www-authenticate"] == "Bearer"
        assert open_ones <= OPEN_ROUTES

    def test_refuse_a_made_up_key_in_the_same_words_as_none(self, app: FastAPI):
        with TestClient(app, raise_server_exceptions=False) as client:
            without = client.get("/v1/keys").json()
            other = client.get("/v1/keys", headers={"Authorization": "Bearer mc_made-up"})
        assert other.status_code == 401
        assert other.json()["detail"] == without["detail"]

    def test_are_all_in_the_document(self, app: FastAPI):
        documented = set(build_openapi(app)["paths"])
        served = {route.path for route in app.routes if isinstance(route, APIRoute)}
        assert served <= documented
        others = {getattr(route, "path", "") for route in app.routes if not isinstance(route, APIRoute)}
        # FastAPI may hold included routers lazily; such an entry has no path of its own.
        assert others - {""} <= DOCUMENTS | DOORS

    def test_the_allow_list_has_no_dead_entry(self, app: FastAPI):
        assert set(build_openapi(app)["paths"]) >= OPEN_ROUTES


class TestOpenApi:
    def test_the_file_is_current(self):
        kept = json.loads((ROOT / "openapi" / "openapi.json").read_text())
        assert kept == json.loads(json.dumps(build_openapi(create_app()))), "run `memcubed openapi --write`"

    def test_every_operation_has_an_id_and_words(self, app: FastAPI):
        ids = []
        for method, path, operation in operations(app):
            assert re.fullmatch(r"[a-z][a-z_]*", operation["operationId"]), f"{method} {path}"
            assert operation.get("summary"), f"{method} {path}"
            assert operation.get("description"), f"{method} {path}"
            ids.append(operation["operationId"])
        assert len(ids) == len(set(ids))

    def test_is_version_3_1(self, app: FastAPI):
        assert build_openapi(app)["openapi"].startswith("3.1")


class TestReadme:
    @pytest.mark.parametrize("name", sorted(Settings.model_fields))
    def test_documents_the_setting(self, name: str):
        readme = (ROOT / "README.md").read_text()
        assert re.search(rf"\bMEMCUBED_{name.upper()}\b", readme)
