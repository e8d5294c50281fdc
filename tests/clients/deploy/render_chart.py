"""Render the chart with each of the values on standard input, and print what came of them as JSON.

Runs in the environment of requirements.txt: Helm's own library renders and lints, and each object is held
against the schema of its kind in the versions of Kubernetes that are asked for.
"""

import json
import sys

import helm_python as helm
import kubernetes_validate
import yaml

CHART = sys.argv[1]
VERSIONS = sys.argv[2].split(",")


def faults(resource: dict) -> list[str]:
    """What the schemas of Kubernetes say against an object; other makers' kinds are not among them."""
    if resource["apiVersion"].startswith("monitoring.coreos.com/"):
        return []
    found = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as exc:
            found.append(f"{version}: {exc.message}")
    return found


def render(values: dict) -> dict:
    """The objects that Helm makes of the values, or its refusal."""
    with helm.Chart.load(CHART) as chart:
        try:
            chart.validate_schema(values)
            files = chart.render(values, name="demo", namespace="prod")
        except helm.HelmError as exc:
            return {"refused": str(exc)}
    texts = [text for name, text in files.items() if name.endswith(".yaml")]
    objects = [found for text in texts for found in yaml.safe_load_all(text) if found]
    return {"objects": objects, "faults": [fault for found in objects for fault in faults(found)]}


json.dump(
    {"lint": helm.lint(CHART), "rendered": [render(values) for values in json.load(sys.stdin)]}, sys.stdout
)
