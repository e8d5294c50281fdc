"""The Helm chart, rendered and linted by Helm's own library and held against the schemas of Kubernetes."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.settings import Settings
from tests.clients.environments import ROOT, python_environment

CHART = ROOT / "deploy" / "helm" / "memcubed"
KUBERNETES = "1.27,1.33,1.37"
DIGEST = f"sha256:{'a' * 64}"
Values = dict[str, Any]

GOOD: dict[str, Values] = {
    "defaults": {},
    "image by digest": {"image": {"repository": "registry.example.com/memcubed", "digest": DIGEST}},
    "image by tag": {"image": {"tag": "0.3.0", "pullPolicy": "Always"}},
    "pull secret": {"imagePullSecrets": [{"name": "registry"}]},
    "own secrets": {"database": {"existingSecret": "pg", "urlKey": "dsn", "ownerUrlKey": "owner.dsn"}},
    "redis elsewhere": {"redis": {"existingSecret": "valkey-1", "urlKey": "uri"}},
    "llm without key": {"llm": {"baseUrl": "http://ollama:11434/v1", "model": "qwen3"}},
    "llm with key": {"llm": {"baseUrl": "https://api.example.com/v1", "model": "m", "existingSecret": "llm"}},
    "chat of its own": {
        "chat": {
            "baseUrl": "https://chat.example.com/v1",
            "models": {"small": "gpt-4o-mini", 'odd "name"': "m: x"},
            "existingSecret": "chat",
            "key": "token",
        }
    },
    "chat without key": {"chat": {"baseUrl": "http://ollama:11434/v1"}},
    "names of models for the LLM's endpoint": {"chat": {"models": {"small": "qwen3"}}},
    "embeddings endpoint": {
        "embeddings": {"endpoint": "https://e.example.com/v1", "dimensions": 1024, "existingSecret": "e"}
    },
    "fastembed": {"embeddings": {"endpoint": "fastembed:BAAI/bge-small-en-v1.5"}},
    "settings": {"settings": {"MEMCUBED_LEASE_SECONDS": "90", "MEMCUBED_KIND_TTL_DAYS": '{"event": 90}'}},
    "a setting that looks like YAML": {"settings": {"MEMCUBED_LOG_LEVEL": "info\nevil: true"}},
    "no autoscaling": {"api": {"autoscaling": {"enabled": False}, "replicas": 3}},
    "no budget": {"api": {"podDisruptionBudget": {"enabled": False}}},
    "budget in percent": {"api": {"podDisruptionBudget": {"minAvailable": "50%"}}},
    "affinity of clients": {
        "api": {"sessionAffinity": "ClientIP", "service": {"type": "LoadBalancer", "port": 443}}
    },
    "placing": {
        "api": {
            "nodeSelector": {"pool": "api"},
            "tolerations": [{"key": "memory", "operator": "Exists"}],
            "affinity": {"nodeAffinity": {}},
            "podAnnotations": {"a/b": "c"},
        }
    },
    "workers by queue": {
        "workers": [
            {"name": "ingest", "queues": ["ingest"], "replicas": 2},
            {"name": "extract", "queues": ["extract", "consolidate"], "replicas": 4, "resources": {}},
        ]
    },
    "no worker for a while": {"workers": [{"name": "all", "queues": [], "replicas": 0}]},
    "migration by hand": {"migrate": {"enabled": False}},
    "account that exists": {"serviceAccount": {"create": False, "name": "memory"}},
    "ingress": {
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "hosts": [{"host": "memory.example.com"}],
            "tls": [{"secretName": "tls", "hosts": ["memory.example.com"]}],
        }
    },
    "no policy": {"networkPolicy": {"enabled": False}},
    "narrow policy": {
        "networkPolicy": {
            "apiFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "apps"}}}],
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}], "ports": [{"port": 5432}]}],
        }
    },
    "monitor": {"serviceMonitor": {"enabled": True, "interval": "15s", "labels": {"release": "prometheus"}}},
}
BAD: dict[str, Values] = {
    "misspelt part": {"wokers": []},
    "misspelt value": {"api": {"replica": 3}},
    "password in settings": {"settings": {"MEMCUBED_LLM_API_KEY": "sk-1"}},
    "password of the chat in settings": {"settings": {"MEMCUBED_CHAT_API_KEY": "sk-1"}},
    "chat set twice": {"settings": {"MEMCUBED_CHAT_BASE_URL": "https://chat.example.com/v1"}},
    "file as endpoint of the chat": {"chat": {"baseUrl": "file:///etc/passwd"}},
    "key of the chat for the LLM's endpoint": {"chat": {"existingSecret": "chat"}},
    "models that are a list": {"chat": {"models": ["small"]}},
    "model without a name": {"chat": {"models": {"small": ""}}},
    "key of the chat that breaks out": {
        "chat": {"baseUrl": "https://c.example.com", "existingSecret": "c", "key": "a\n  evil: true"}
    },
    "database in settings": {"settings": {"MEMCUBED_DATABASE_URL": "postgresql://a:b@c/d"}},
    "owner in settings": {"settings": {"MEMCUBED_DATABASE_OWNER_URL": "postgresql://a:b@c/d"}},
    "redis in settings": {"settings": {"MEMCUBED_REDIS_URL": "redis://:b@c/0"}},
    "setting set twice": {"settings": {"MEMCUBED_API_PROCESSES": "9"}},
    "foreign variable": {"settings": {"LD_PRELOAD": "/tmp/x.so"}},
    "number as setting": {"settings": {"MEMCUBED_LEASE_SECONDS": 90}},
    "no secret": {"database": {"existingSecret": ""}},
    "secret name with a space": {"redis": {"existingSecret": "my secret"}},
    "key that breaks out": {"bootstrapKey": {"key": "api-key\n  evil: true"}},
    "digest cut short": {"image": {"digest": "sha256:abc"}},
    "policy of pulling": {"image": {"pullPolicy": "Sometimes"}},
    "no workers": {"workers": []},
    "unknown queue": {"workers": [{"name": "all", "queues": ["ingst"], "replicas": 1}]},
    "worker without a name": {"workers": [{"replicas": 1}]},
    "worker with a name of no label": {"workers": [{"name": "All_Workers", "replicas": 1}]},
    "less than none": {"workers": [{"name": "all", "replicas": -1}]},
    "no processes": {"api": {"processes": 0}},
    "port out of range": {"api": {"service": {"port": 70000}}},
    "no time to stop": {"api": {"terminationGracePeriodSeconds": 1}},
    "file as endpoint": {"llm": {"baseUrl": "file:///etc/passwd"}},
    "ingress without a host": {"ingress": {"enabled": True}},
}


@pytest.fixture(scope="module")
def helm() -> dict[str, Any]:
    python = python_environment("deploy")
    done = subprocess.run(
        [str(python), str(Path(__file__).with_name("render_chart.py")), str(CHART), KUBERNETES],
        input=json.dumps([*GOOD.values(), *BAD.values()]),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    said = json.loads(done.stdout)
    return {"lint": said["lint"], **dict(zip([*GOOD, *BAD], said["rendered"], strict=True))}


def pods(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the specification of each pod."""
    for found in objects:
        name = found["metadata"]["name"]
        if found["kind"] == "Pod":
            yield name, found["spec"]
        elif found["kind"] in {"Deployment", "Job"}:
            yield name, found["spec"]["template"]["spec"]


def one(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The object of that kind and name."""
    (found,) = [o for o in objects if (o["kind"], o["metadata"]["name"]) == (kind, f"demo-memcubed{name}")]
    return found


def environment(pod: dict[str, Any]) -> dict[str, Any]:
    """What the container of a pod gets: a value, or where the value is."""
    return {e["name"]: e.get("value", e.get("valueFrom")) for e in pod["containers"][0].get("env", [])}


class TestChart:
    def test_lints(self, helm: dict[str, Any]):
        assert helm["lint"]["errors"] == []
        assert [m["error"] for m in helm["lint"]["messages"]] == ["icon is recommended"]

    def test_versions_are_those_of_the_project(self):
        text = (CHART / "Chart.yaml").read_text()
        project = (ROOT / "pyproject.toml").read_text()
        (version,) = [line.split('"')[1] for line in project.splitlines() if line.startswith("version = ")]
        assert f"\nversion: {version}\n" in text
        assert f'\nappVersion: "{version}"\n' in text

    @pytest.mark.parametrize("case", GOOD)
    def test_makes_what_kubernetes_takes(self, helm: dict[str, Any], case: str):
        assert helm[case].get("refused") is None
        assert helm[case]["faults"] == []
        names = [(o["kind"], o["metadata"]["name"]) for o in helm[case]["objects"]]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("case", BAD)
    def test_refuses(self, helm: dict[str, Any], case: str):
        assert helm[case].get("refused"), helm[case].get("objects")

    @pytest.mark.parametrize("case", GOOD)
    def test_each_pod_has_few_rights(self, helm: dict[str, Any], case: str):
        found = dict(pods(helm[case]["objects"]))
        assert len(found) >= 4
        for pod in found.values():
            assert pod["automountServiceAccountToken"] is False
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["runAsUser"] == 10001
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            (container,) = pod["containers"]
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert [v["mountPath"] for v in container["volumeMounts"]] == ["/tmp"]
            assert container["resources"]["limits"]["memory"]

    @pytest.mark.parametrize("case", GOOD)
    def test_secrets_are_named_and_not_held(self, helm: dict[str, Any], case: str):
        objects = helm[case]["objects"]
        assert not [o for o in objects if o["kind"] == "Secret"]
        for name, pod in pods(objects):
            env = environment(pod)
            for key, value in env.items():
                secret = key.endswith("API_KEY") or key in {
                    "MEMCUBED_DATABASE_URL",
                    "MEMCUBED_DATABASE_OWNER_URL",
                    "MEMCUBED_REDIS_URL",
                }
                assert isinstance(value, dict) is secret, (name, key)
            assert ("MEMCUBED_DATABASE_OWNER_URL" in env) is name.endswith("-migrate")
            assert ("MEMCUBED_BOOTSTRAP_API_KEY" in env) is name.endswith("-api")

    @pytest.mark.parametrize("case", GOOD)
    def test_settings_exist_and_come_once(self, helm: dict[str, Any], case: str):
        known = {f"MEMCUBED_{field.upper()}" for field in Settings.model_fields}
        for _, pod in pods(helm[case]["objects"]):
            names = [e["name"] for e in pod["containers"][0].get("env", [])]
            assert len(names) == len(set(names))
            assert set(names) <= known

    def test_services_and_budgets_select_pods(self, helm: dict[str, Any]):
        objects = helm["workers by queue"]["objects"]
        labels = [o["spec"]["template"]["metadata"]["labels"] for o in objects if o["kind"] == "Deployment"]
        selectors = [o["spec"]["selector"] for o in objects if o["kind"] == "Service"]
        selectors += [
            o["spec"]["selector"]["matchLabels"] for o in objects if o["kind"] == "PodDisruptionBudget"
        ]
        assert len(selectors) == 4
        for selector in selectors:
            assert sum(selector.items() <= label.items() for label in labels) == 1

    def test_the_api_is_probed_scaled_and_spread(self, helm: dict[str, Any]):
        objects = helm["defaults"]["objects"]
        deployment = one(objects, "Deployment", "-api")
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        paths = {
            kind: container[f"{kind}Probe"]["httpGet"]["path"]
            for kind in ("startup", "liveness", "readiness")
        }
        assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
        assert "replicas" not in deployment["spec"]
        assert one(objects, "HorizontalPodAutoscaler", "-api")["spec"]["minReplicas"] == 2
        spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert [s["topologyKey"] for s in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]

    def test_without_autoscaling_replicas_are_fixed(self, helm: dict[str, Any]):
        objects = helm["no autoscaling"]["objects"]
        assert one(objects, "Deployment", "-api")["spec"]["replicas"] == 3
        assert not [o for o in objects if o["kind"] == "HorizontalPodAutoscaler"]

    def test_one_beat_never_two(self, helm: dict[str, Any]):
        spec = one(helm["defaults"]["objects"], "Deployment", "-beat")["spec"]
        assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")

    def test_the_migration_needs_nothing_of_the_release(self, helm: dict[str, Any]):
        job = one(helm["defaults"]["objects"], "Job", "-migrate")
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        pod = job["spec"]["template"]["spec"]
        assert "serviceAccountName" not in pod
        assert "envFrom" not in pod["containers"][0]

    def test_queues_are_served_by_their_workers(self, helm: dict[str, Any]):
        objects = helm["workers by queue"]["objects"]
        spec = one(objects, "Deployment", "-worker-extract")["spec"]["template"]["spec"]
        assert spec["containers"][0]["args"] == ["worker", "--queue=extract", "--queue=consolidate"]

    def test_only_the_api_is_reached(self, helm: dict[str, Any]):
        objects = helm["narrow policy"]["objects"]
        all_pods = one(objects, "NetworkPolicy", "")["spec"]
        assert "ingress" not in all_pods
        assert all_pods["policyTypes"] == ["Ingress", "Egress"]
        (rule,) = one(objects, "NetworkPolicy", "-api")["spec"]["ingress"]
        assert rule["ports"] == [{"port": "http"}]
        assert rule["from"][0]["namespaceSelector"]

    def test_only_the_api_gets_what_the_chat_proxy_needs(self, helm: dict[str, Any]):
        found = dict(pods(helm["chat of its own"]["objects"]))
        env = environment(found["demo-memcubed-api"])
        assert env["MEMCUBED_CHAT_BASE_URL"] == "https://chat.example.com/v1"
        assert json.loads(env["MEMCUBED_CHAT_MODELS"]) == {"small": "gpt-4o-mini", 'odd "name"': "m: x"}
        assert env["MEMCUBED_CHAT_API_KEY"] == {"secretKeyRef": {"name": "chat", "key": "token"}}
        others = [environment(pod) for name, pod in found.items() if name != "demo-memcubed-api"]
        assert not [name for other in others for name in other if "CHAT" in name]
        assert not [
            name
            for name in environment(dict(pods(helm["defaults"]["objects"]))["demo-memcubed-api"])
            if "CHAT" in name
        ]

    def test_text_stays_text(self, helm: dict[str, Any]):
        objects = helm["a setting that looks like YAML"]["objects"]
        api = dict(pods(objects))["demo-memcubed-api"]
        assert environment(api)["MEMCUBED_LOG_LEVEL"] == "info\nevil: true"
