"""Sharing between the users of a tenant: grants, copies, and searches over what is granted."""
