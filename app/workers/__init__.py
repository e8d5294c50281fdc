"""Celery tasks: open, call one service."""
