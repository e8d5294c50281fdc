"""When a memory holds, and how far it is to be relied on."""
