"""Exec wrapper that ends the command with its parent (Linux: PR_SET_PDEATHSIG).

Usage: `python exec_with_parent.py SIGNAL PARENT UID GID /absolute/command …`. It is a script of its own,
because running Python code between fork and exec isn't safe in a parent with threads.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Switch to the account if one is given, request the signal (Linux only), exec the command."""
    number, parent, uid, gid = map(int, sys.argv[1:5])
    if uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the switch of the account, which resets it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            sys.exit("The parent had ended already.")
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606


if __name__ == "__main__":
    main()
