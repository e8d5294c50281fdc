"""The node of n8n: compiled against n8n's types, and what it describes is sent to the running service."""
