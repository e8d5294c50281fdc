"""`memcubed up`: the whole service on one machine."""

from rich.console import Console
from rich.markup import escape

from app.cli.refusals import cli_errors
from app.core.settings import Settings
from app.core.vocabulary import Stage
from app.embedded.supervisor import Child, Supervisor, command

out = Console(soft_wrap=True)


def run_service() -> int:
    """Start everything, watch it until a signal, and return the exit status."""
    settings = Settings()
    queues = [[Stage.INGEST], [Stage.EXTRACT, Stage.CONSOLIDATE]] if settings.llm_base_url else [list(Stage)]
    children = [Child("serve", command("serve"))]
    for part in queues:
        name = "worker" if len(queues) == 1 else f"worker-{part[0]}"
        clock = ["--beat"] if Stage.INGEST in part else []
        children.append(Child(name, command("worker", *(f"--queue={q}" for q in part), *clock), {}))
    supervisor = Supervisor(settings, command("migrate"), children, lambda text: out.print(escape(text)))
    out.print("Starting memcubed …")
    return supervisor.run_until_signal(lambda: _print_welcome(settings, supervisor.api_url))


def _print_welcome(settings: Settings, url: str) -> None:
    key_file = settings.data_dir.absolute() / "bootstrap-key"
    bearer = "$MEMCUBED_BOOTSTRAP_API_KEY"
    if settings.bootstrap_api_key is None:
        bearer = f"$(cat {key_file})"
        out.print(f"Key:  {key_file}")
    header = f'-H "Authorization: Bearer {bearer}" -H "Content-Type: application/json"'
    example_turn = '{"role":"user","name":"Ann","content":"I live in Oslo."}'
    turn = f'{{"user_id":"ann","session_id":"s1","turns":[{example_turn}]}}'
    question = '{"user_id":"ann","query":"Where does Ann live?"}'
    out.print(f"URL:  {url}   (API docs: {url}/docs)")
    out.print(f"Logs: {settings.data_dir.absolute() / 'logs'}")
    out.print("Try:", style="bold")
    out.print(f"  curl -s {url}/v1/turns {header} -d '{turn}'", markup=False, highlight=False)
    out.print(f"  curl -s {url}/v1/search {header} -d '{question}'", markup=False, highlight=False)
    out.print("Ready. Ctrl-C stops everything.", style="bold green")


if __name__ == "__main__":
    with cli_errors():
        raise SystemExit(run_service())
