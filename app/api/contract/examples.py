"""An example of every body that an operation takes; the tests post each to the running app."""

from typing import Any

_TURN_ID = "0198c5a0-0000-7000-8000-000000000001"
_MEMORY_ID = "0198c5a0-0000-7000-8000-000000000002"
_OTHER_MEMORY_ID = "0198c5a0-0000-7000-8000-000000000003"

BODIES: dict[str, dict[str, Any]] = {
    "add_turns": {
        "user_id": "ann",
        "session_id": "monday",
        "turns": [
            {
                "role": "user",
                "name": "Ann",
                "content": "I moved to Bergen last May.",
                "ref": "msg-1",
                "observed_at": "2026-03-02T09:30:00Z",
            }
        ],
    },
    "answer_question": {"user_id": "ann", "query": "Where does Ann live?"},
    "archive_memory": {"reason": "She does not row any more."},
    "build_context": {
        "user_id": "ann",
        "session_id": "monday",
        "query": "Which ferry shall I take?",
        "max_tokens": 500,
    },
    "copy_memories": {"user_id": "bob", "owner_user_id": "ann"},
    "create_grant": {"owner_user_id": "ann", "grantee_user_id": "bob", "tags": ["garden"]},
    "create_key": {"name": "chat app", "scopes": ["write"]},
    "create_memory": {
        "user_id": "ann",
        "content": "Ann lives in Bergen.",
        "subject": "ann",
        "attribute": "residence",
        "value": "bergen",
        "tags": ["home"],
    },
    "create_snapshot": {"user_id": "ann", "name": "before the import"},
    "freeze_memory": {"reason": "Legal hold 7."},
    "merge_entities": {"user_id": "ann", "into": _OTHER_MEMORY_ID},
    "pin_memory": {"reason": "Her allergy."},
    "plan_forgetting": {"user_id": "ann", "dry_run": True},
    "put_artifact": {"user_id": "ann", "content": {"steps": ["Run the tests.", "Tag the release."]}},
    "put_session_state": {
        "user_id": "ann",
        "state": {"goals": [{"text": "Book a flight to Lisbon"}], "data": {"budget": 300}},
    },
    "resolve_conflict": {"keep": _MEMORY_ID, "reason": "She said so herself."},
    "restore_memory": {"reason": "She rows again."},
    "rollback_snapshot": {"reason": "The import was of somebody else."},
    "run_store_operations": {
        "user_id": "ann",
        "operations": [
            {
                "op": "put",
                "namespace": ["recipes", "soups"],
                "key": "minestrone",
                "value": {"title": "Minestrone", "minutes": 40},
                "texts": [{"path": "title", "text": "Minestrone"}],
            },
            {"op": "search", "namespace_prefix": ["recipes"], "query": "vegetable soup"},
        ],
    },
    "search_memory": {"user_id": "ann", "query": "Where does Ann live?", "k": 5},
    "search_memory_batch": {
        "searches": [
            {"user_id": "ann", "query": "Where does Ann live?", "k": 3},
            {"user_id": "bob", "query": "What does Bob drive?", "k": 3},
        ]
    },
    "send_feedback": {"cited_ids": [_MEMORY_ID, _TURN_ID]},
    "split_entity": {"user_id": "ann", "alias": "sister"},
    "start_reembed": {"embeddings": "http://127.0.0.1:8080/v1", "model": "bge-m3", "dimensions": 1024},
    "unfreeze_memory": {"reason": "The hold has ended."},
    "unpin_memory": {"reason": "Not so important."},
    "update_memory": {"content": "Ann lives in Bergen, at the harbour.", "reason": "More precise."},
}
