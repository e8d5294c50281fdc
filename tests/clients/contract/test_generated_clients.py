"""Common generators make clients of the document without a warning that is ours, and these compile."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.environments import ROOT, node_environment, python_environment

DOCUMENT = ROOT / "openapi" / "openapi.json"
SECONDS = 600
# What a generator says of itself, of OpenAPI 3.1 and of its language's own words; the rest would be ours.
OF_THE_GENERATOR = re.compile(
    r"Failed to get the schema name: null|OpenAPI 3\.1 support is still in beta"
    r"|Ignoring complex example on request body"
    r"|\((reserved word|model name matches existing language type)\) cannot be used as"
)
# The annotations that the generated Java names, without the jars that nobody needs to run it.
_GENERATED = (
    'public @interface Generated { String[] value(); String date() default "";'
    ' String comments() default ""; }'
)
ANNOTATIONS = {
    "jakarta/annotation/Nonnull.java": "package jakarta.annotation; public @interface Nonnull {}",
    "jakarta/annotation/Nullable.java": "package jakarta.annotation; public @interface Nullable {}",
    "jakarta/annotation/Generated.java": f"package jakarta.annotation; {_GENERATED}",
    "javax/annotation/Generated.java": f"package javax.annotation; {_GENERATED}",
}


# What Go's generator names for a `oneOf`; there is no fetching of modules here.
VALIDATOR = {
    "validator/go.mod": "module gopkg.in/validator.v2\n",
    "validator/validator.go": "package validator\n\nfunc Validate(v interface{}) error { return nil }\n",
}
# A text or a list of parts: of such an `anyOf` the Java generator makes `List<…>.class`, which is no Java.
JAVA_OBJECTS = "TurnInput_content=Object,MetadataFilter_field=Object"


def run(command: list[str | Path], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-3_000:]}{done.stderr[-3_000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def python() -> Path:
    return python_environment("contract")


@pytest.fixture(scope="module")
def node() -> Path:
    return node_environment("contract")


def jar_of(python: Path) -> Path:
    return next(python.parents[1].glob("lib/python*/site-packages/openapi_generator_cli/*.jar"))


def write_stubs(folder: Path, stubs: dict[str, str]) -> None:
    for name, text in stubs.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def generate(python: Path, generator: str, folder: Path, properties: str, *more: str) -> Path:
    """The folder in which openapi-generator has put a client. Fails on warnings that are ours."""
    told = run(
        [
            *(
                "java",
                "-jar",
                jar_of(python),
                "generate",
                "-i",
                DOCUMENT,
                "-g",
                generator,
                "-o",
                folder / generator,
            ),
            "--global-property=apiTests=false,modelTests=false,apiDocs=false,modelDocs=false",
            "--additional-properties=" + properties,
            *more,
        ],
        folder,
    )
    ours = [
        line
        for line in told.splitlines()
        if re.search(r"\b(WARN|ERROR)\b", line) and not OF_THE_GENERATOR.search(line)
    ]
    assert ours == []
    return folder / generator


def test_openapi_python_client(python: Path, tmp_path: Path):
    tools = python.parent
    told = run(
        [
            *(tools / "openapi-python-client", "generate", "--meta", "none"),
            *("--path", DOCUMENT, "--output-path", tmp_path / "client"),
        ],
        tmp_path,
        PATH=f"{tools}:{os.environ['PATH']}",
    )
    assert "WARNING" not in told, told[:3_000]
    run([python, "-m", "mypy", "--strict", "client"], tmp_path)


def test_openapi_generator_python(python: Path, tmp_path: Path):
    made = generate(python, "python", tmp_path, "packageName=memcubed_api")
    run([python, "-m", "compileall", "-q", "memcubed_api"], made)


def test_openapi_generator_go(python: Path, tmp_path: Path):
    made = generate(python, "go", tmp_path, "packageName=memcubed,enumClassPrefix=true")
    shutil.rmtree(made / "test", ignore_errors=True)
    write_stubs(made, VALIDATOR)
    with (made / "go.mod").open("a") as module:
        module.write("\nreplace gopkg.in/validator.v2 => ./validator\n")
    home = python.parents[2] / "go-cache"
    run(
        [python.parent / "go", "vet", "./..."],
        made,
        GOFLAGS="-mod=mod",
        GOPROXY="off",
        GOCACHE=str(home),
        HOME=str(home),
        GOTOOLCHAIN="local",
    )


def test_openapi_generator_java(python: Path, tmp_path: Path):
    settings = "library=native,openApiNullable=false,useJakartaEe=true"
    made = generate(python, "java", tmp_path, settings, f"--schema-mappings={JAVA_OBJECTS}")
    sources = made / "src" / "main" / "java"
    write_stubs(sources, ANNOTATIONS)
    # The generator's own jar has Jackson in it.
    files = [str(file) for file in sources.rglob("*.java")]
    (tmp_path / "files").write_text("\n".join(files))
    run(["javac", "-nowarn", "-proc:none", "-cp", jar_of(python), "-d", tmp_path / "out", "@files"], tmp_path)


def compile_typescript(node: Path, folder: Path, resolution: str) -> None:
    module = "nodenext" if resolution == "nodenext" else "esnext"
    (folder / "node_modules").symlink_to(node / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    run(
        [
            *(node / "node_modules" / ".bin" / "tsc", "--noEmit", "--strict", "--skipLibCheck"),
            *("--target", "es2022", "--module", module, "--moduleResolution", resolution),
            *("--lib", "es2022,dom,dom.iterable", "--types", "node"),
            *sorted(str(file) for file in folder.glob("**/*.ts") if "node_modules" not in file.parts),
        ],
        folder,
    )


def test_openapi_generator_typescript_fetch(python: Path, node: Path, tmp_path: Path):
    made = generate(python, "typescript-fetch", tmp_path, "importFileExtension=.js")
    compile_typescript(node, made, "nodenext")


CALLS = """\
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";
const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8000" });
const turns = [{ role: "user" as const, content: "I moved to Bergen." }];
await client.POST("/v1/turns", { body: { user_id: "ann", session_id: "monday", turns } });
const asked = { user_id: "ann", query: "Where does Ann live?", k: 3 };
const found = await client.POST("/v1/search", { body: asked });
const first: string | undefined = found.data?.items[0]?.content;
const code: string | undefined = found.error?.code;
await client.PATCH("/v1/memories/{memory_id}", {
  params: { path: { memory_id: "x" }, header: { "If-Match": '"1"' } },
  body: { content: "Ann lives in Bergen." },
});
console.log(first, code);
"""


def test_openapi_typescript(node: Path, tmp_path: Path):
    tool = node / "node_modules" / ".bin" / "openapi-typescript"
    told = run([tool, DOCUMENT, "-o", tmp_path / "schema.ts"], tmp_path)
    assert "warn" not in told.lower(), told
    (tmp_path / "calls.ts").write_text(CALLS)
    compile_typescript(node, tmp_path, "nodenext")


def test_hey_api(node: Path, tmp_path: Path):
    tool = node / "node_modules" / ".bin" / "openapi-ts"
    told = run([tool, "-i", DOCUMENT, "-o", "client", "-c", "@hey-api/client-fetch"], tmp_path)
    assert "warn" not in told.lower(), told
    compile_typescript(node, tmp_path, "bundler")
