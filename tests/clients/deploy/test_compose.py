"""The compose file by Docker Compose, the Dockerfile by hadolint, the dashboard by what the service tells."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clients.conftest import Service
from tests.clients.environments import ROOT, python_environment

NEEDED = ("POSTGRES_PASSWORD", "MEMCUBED_DB_PASSWORD", "REDIS_PASSWORD", "MEMCUBED_BOOTSTRAP_API_KEY")
PARTS = {"postgres", "redis", "migrate", "api", "worker", "beat"}
PROFILES = {
    (): set(),
    ("ollama",): {"ollama", "ollama-model"},
    ("monitoring",): {"prometheus", "grafana"},
    ("ollama", "monitoring"): {"ollama", "ollama-model", "prometheus", "grafana"},
}
DASHBOARD = ROOT / "deploy" / "monitoring" / "grafana" / "dashboards" / "memcubed.json"
ALERTS = ROOT / "deploy" / "monitoring" / "prometheus" / "alerts.yml"
METRIC = re.compile(r"\b(?:memcubed|process)_\w+")


@pytest.fixture(scope="module")
def told(service: Service) -> str:
    """What `/metrics` tells after a search."""
    with service.http() as http:
        assert http.post("/v1/search", json={"user_id": "ann", "query": "where"}).status_code == 200
        return http.get("/metrics").text


def programs() -> Path:
    """The folder with the programs of requirements.txt."""
    return python_environment("deploy").parent


def config(*profiles: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What Docker Compose makes of the file; it needs no engine for that."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    options = [f"--profile={profile}" for profile in profiles]
    return subprocess.run(
        [str(programs() / "docker-compose"), *options, "config", "--format=json"],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def filled() -> dict[str, str]:
    """The four values that .env.example asks for."""
    return {name: f"value-of-{name.lower()}" for name in NEEDED}


class TestCompose:
    @pytest.mark.parametrize("profiles", PROFILES)
    def test_profiles(self, profiles: tuple[str, ...]):
        done = config(*profiles, **filled())
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr.lower(), done.stderr
        assert set(json.loads(done.stdout)["services"]) == PARTS | PROFILES[profiles]

    @pytest.mark.parametrize("missing", NEEDED)
    def test_refuses_to_start_without(self, missing: str):
        done = config(**{name: value for name, value in filled().items() if name != missing})
        assert done.returncode != 0
        assert missing in done.stderr

    def test_settings_reach_the_parts(self):
        done = config(**filled(), MEMCUBED_LLM_MODEL="qwen3:4b", MEMCUBED_PUBLISHED_PORT="9000")
        services: dict[str, Any] = json.loads(done.stdout)["services"]
        assert services["worker"]["environment"]["MEMCUBED_LLM_MODEL"] == "qwen3:4b"
        assert services["api"]["ports"][0]["published"] == "9000"
        assert services["api"]["ports"][0]["host_ip"] == "127.0.0.1"


class TestDockerfile:
    def test_hadolint_has_nothing_to_say(self):
        done = subprocess.run(
            [str(programs() / "hadolint"), "--failure-threshold=style", "Dockerfile"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "")


class TestMonitoring:
    def expressions(self) -> list[str]:
        dashboard = json.loads(DASHBOARD.read_text())
        found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
        return found + [rule["expr"] for rule in rules]

    def test_every_metric_is_told_by_the_service(self, told: str):
        named = {name for expression in self.expressions() for name in METRIC.findall(expression)}
        families = set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))
        families |= {f"{name}_{end}" for name in families for end in ("bucket", "count", "sum", "total")}
        assert len(named) >= 14
        assert named - families == set()

    def test_the_labels_are_those_of_the_service(self, told: str):
        assert 'route="/v1/search"' in told
        assert re.search(r'memcubed_request_seconds_count\{[^}]*method="POST"[^}]*status="200"', told)
        assert "memcubed_search_stage_seconds_bucket{" in told

    def test_panels_have_a_title_and_the_one_data_source(self):
        panels = json.loads(DASHBOARD.read_text())["panels"]
        source = yaml.safe_load(
            (ROOT / "deploy/monitoring/grafana/provisioning/datasources/prometheus.yml").read_text()
        )["datasources"][0]
        assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}
        assert len({panel["title"] for panel in panels}) == len(panels) >= 12
