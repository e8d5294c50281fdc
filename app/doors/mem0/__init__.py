"""mem0's door: answers mem0's unchanged clients under `/compat/mem0`; docs/mem0.md says what differs."""
