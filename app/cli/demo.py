"""`memcubed demo`: post a short dialogue, ask three questions, and print the answers with their sources."""

import time
from uuid import uuid4

import httpx
from rich.console import Console
from rich.progress import Progress

from app.core.errors import Unavailable

DIALOGUE = (
    ("user", "Ann", "Hi! I'm Ann. I live in Oslo and I work as a nurse.", "2026-01-12T18:00:00Z"),
    ("assistant", "Assistant", "Nice to meet you, Ann! How can I help?", "2026-01-12T18:00:20Z"),
    ("user", "Ann", "I'm allergic to nuts, so please keep that in mind for recipes.", "2026-01-12T18:01:00Z"),
    ("user", "Ann", "I adopted a dog yesterday! His name is Bruno.", "2026-01-12T18:02:00Z"),
    ("user", "Ann", "Big news: I moved to Bergen last week.", "2026-03-09T08:30:00Z"),
)
QUESTIONS = ("Where does Ann live now?", "What must Ann not eat?", "When did Ann get a dog?")
END_STATES = {"succeeded", "failed", "dead"}
_WAIT_SECONDS = 60.0


def run_demo(url: str, key: str, console: Console) -> None:
    """Post the dialogue, wait with a progress bar, ask, print. Raises `Unavailable` when the service does not
    answer.
    """
    headers = {"Authorization": f"Bearer {key}"}
    user_id = f"demo-{uuid4().hex[:8]}"
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
            _post_dialogue(client, user_id, console)
            for question in QUESTIONS:
                _ask_question(client, user_id, question, console)
    except httpx.HTTPError as exc:
        raise Unavailable(
            f"{url} did not answer as it should ({type(exc).__name__}); is `memcubed up` running?"
        ) from exc


def _post_dialogue(client: httpx.Client, user_id: str, console: Console) -> None:
    jobs: list[str] = []
    for number, (role, name, content, said) in enumerate(DIALOGUE):
        turn = {"role": role, "name": name, "content": content, "observed_at": said, "ref": f"demo-{number}"}
        body = {"user_id": user_id, "session_id": said[:10], "turns": [turn], "close_session": True}
        jobs.append(client.post("/v1/turns", json=body).raise_for_status().json()["job_id"])
        console.print(f"[dim]{said[:10]}[/dim] [bold]{name}[/bold]: {content}")
    deadline = time.monotonic() + _WAIT_SECONDS
    with Progress(console=console) as progress:
        task = progress.add_task("turning them into memories", total=len(jobs))
        waiting = set(jobs)
        while waiting and time.monotonic() < deadline:
            for job in list(waiting):
                if client.get(f"/v1/jobs/{job}").raise_for_status().json()["status"] in END_STATES:
                    waiting.discard(job)
                    progress.advance(task)
            time.sleep(0.1)
    if waiting:
        raise Unavailable(f"{len(waiting)} jobs did not end in {_WAIT_SECONDS:.0f} s; is a worker running?")


def _ask_question(client: httpx.Client, user_id: str, question: str, console: Console) -> None:
    body = {"user_id": user_id, "query": question, "k": 2}
    items = client.post("/v1/search", json=body).raise_for_status().json()["items"]
    console.print(f"\n[bold cyan]{question}[/bold cyan]")
    for item in items:
        console.print(f"  {item['type']}: {item['content']}  [dim]score {item['score']:.2f}[/dim]")
        for source in item["sources"][:1]:
            said = f"{source.get('observed_at', '')[:10]} {source.get('ref', '')}"
            console.print(f"    [dim]{said}: “{source['quote']}”[/dim]")
