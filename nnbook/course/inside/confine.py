"""Drop every right that a student's notebook does not need: resource limits, Landlock, a system-call filter.

Linux only. `confine` is called once, when everything that the notebook may use unseen is loaded; nothing can be undone.
Landlock (Linux 5.13) allows only the files that the grader named; the filter (seccomp) allows one process, which can
start threads and nothing else, open no socket and hold no memory that its limit does not count.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import struct
from collections.abc import Iterable

from .system_calls import AUDIT_ARCH, NEWEST, NUMBERS, X32

libc = ctypes.CDLL(None, use_errno=True)

# prctl
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 8, 22, 38
CAP_DAC_READ_SEARCH = 2  # to enter and read a folder whatever its mode

# Landlock: the numbers of its calls are the same on every processor.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
(_EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE, _CHAR, MAKE_DIR, MAKE_REG, _SOCK, _FIFO, _BLOCK,
 _MAKE_SYM, _REFER, TRUNCATE, _IOCTL_DEV) = (1 << bit for bit in range(16))  # fmt: skip
RIGHTS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many of these a version knows; later ones know all
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | TRUNCATE
ON_FILES = WRITE_FILE | READ_FILE | TRUNCATE
ACCESS = {"read": READ, "list": READ_DIR, "write": WRITE, "device": READ_FILE | WRITE_FILE}

# seccomp
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_ANY_BIT, AND, RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
CLONE_THREAD, CLONE_NEW = 0x00010000, 0x7E020080


def confine(settings: dict) -> None:
    """Give up permanently every privilege that is not needed; OSError when the system refuses to take one.

    Parameters
    ----------
    settings : dict
        "uid" (0: stay who you are), "search" (keep the right to enter closed folders, which Landlock then bounds),
        "resources" (limits by name), "files" (pairs of access and path, or None: no Landlock), "dumpable".
    """
    _change_user(settings["uid"], settings["search"])
    _control(PR_SET_NO_NEW_PRIVS, 1)
    _control(PR_SET_PDEATHSIG, signal.SIGKILL)  # end when the process that started this one ends
    _control(PR_SET_DUMPABLE, int(settings["dumpable"]))  # 0 keeps other processes of the user from reading this one
    for name, value in settings["resources"].items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))
    if settings["files"] is not None:
        restrict_files(settings["files"])
    filter_calls()


def _control(option, value):
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl {option} was refused")


def _change_user(uid, search):
    if not uid:
        return
    _control(PR_SET_KEEPCAPS, int(search))
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    if search:
        header = struct.pack("=Ii", 0x20080522, 0)
        kept = struct.pack("=6I", 1 << CAP_DAC_READ_SEARCH, 1 << CAP_DAC_READ_SEARCH, 0, 0, 0, 0)
        if libc.capset(header, kept):
            raise OSError(ctypes.get_errno(), "capset was refused")


def landlock_version() -> int:
    """Return the version of Landlock that this system offers; 0 where it has none."""
    return max(0, libc.syscall(CREATE_RULESET, None, 0, 1))


def restrict_files(files: Iterable[tuple[str, str]]) -> None:
    """Allow access to the named files only; a path that does not exist is skipped."""
    version = landlock_version()
    if not version:
        raise OSError(errno.ENOSYS, "this system has no Landlock")
    known = (1 << RIGHTS_OF_VERSION.get(version, 16)) - 1
    attributes = struct.pack("=QQQ", known, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock made no rule set")
    for access, path in files:
        try:
            file = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        is_folder = os.path.isdir(path)
        allowed = ACCESS[access] & known & (-1 if is_folder else ON_FILES)
        rule = struct.pack("=Qi", allowed, file)
        refused = libc.syscall(ADD_RULE, ruleset, 1, rule, 0)
        os.close(file)
        if refused:
            raise OSError(ctypes.get_errno(), f"Landlock took no rule for {path}")
    if libc.syscall(RESTRICT_SELF, ruleset, 0):
        raise OSError(ctypes.get_errno(), "Landlock was refused")
    os.close(ruleset)


# --- the filter of system calls -----------------------------------------------------------------------

# Refused whatever their arguments, because they …
FORBIDDEN = {
    "start another program or process": "execve execveat fork vfork",
    "reach the network": "socket",
    "hold memory that no limit counts": "memfd_create memfd_secret shmget shmat shmctl shmdt semget semop semtimedop "
    "semctl msgget msgsnd msgrcv msgctl mq_open add_key request_key keyctl inotify_init inotify_init1 fanotify_init "
    "vmsplice bpf",
    "make a new namespace or file system": "unshare setns mount umount2 pivot_root chroot open_tree move_mount fsopen "
    "fsconfig fsmount fspick mount_setattr name_to_handle_at open_by_handle_at swapon swapoff",
    "look into another process or stop it": "ptrace process_vm_readv process_vm_writev kcmp pidfd_open pidfd_getfd "
    "pidfd_send_signal process_madvise process_mrelease perf_event_open move_pages migrate_pages tkill",
    "slow another process down": "setpriority sched_setscheduler sched_setparam sched_setattr ioprio_set",
    "change what Landlock does not guard": "chmod fchmod fchmodat chown fchown lchown fchownat utime utimes futimesat "
    "utimensat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr truncate",
    "reach deep into the system": "userfaultfd io_uring_setup io_uring_enter io_uring_register personality quotactl "
    "quotactl_fd acct syslog reboot sethostname setdomainname init_module finit_module delete_module kexec_load "
    "kexec_file_load iopl ioperm modify_ldt settimeofday clock_settime adjtimex clock_adjtime lookup_dcookie "
    "mbind set_mempolicy",
}
# The C library falls back to other calls where these do not exist; a filter cannot see their arguments.
UNKNOWN = "clone3 openat2"


def filter_calls() -> None:
    """Install the filter: of the kernel's system calls, allow those that a computation needs."""
    program = _program(os.uname().machine, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    made = Program(len(program) // 8, ctypes.addressof(buffer))
    if libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(made), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


def _program(machine, pid):
    if machine not in AUDIT_ARCH:
        raise OSError(errno.ENOSYS, f"no filter of system calls is known for the processor {machine}")
    numbers = NUMBERS[machine]
    refuse = [_step(RETURN, ERRNO | errno.EPERM)]
    unknown = [_step(RETURN, ERRNO | errno.ENOSYS)]
    lines = [_step(LOAD, 4), _step(JUMP_EQUAL, AUDIT_ARCH[machine], 1, 0), _step(RETURN, KILL), _step(LOAD, 0)]
    if machine == "x86_64":
        lines += [_step(JUMP_ANY_BIT, X32, 0, 1), *unknown]
    lines += [_step(JUMP_GREATER, NEWEST, 0, 1), *unknown]
    for name in " ".join(FORBIDDEN.values()).split():
        if name in numbers:
            lines += [_step(JUMP_EQUAL, numbers[name], 0, 1), *refuse]
    for name in UNKNOWN.split():
        lines += [_step(JUMP_EQUAL, numbers[name], 0, 1), *unknown]

    def look(name, *steps):
        """Add steps for one call; they end by falling through to a refusal, or jump one further to be allowed."""
        if name in numbers:
            body = [*steps, *refuse, _step(RETURN, ALLOW)]
            lines.extend([_step(JUMP_EQUAL, numbers[name], 0, len(body)), *body])

    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):  # only to itself
        look(name, _argument(0), _step(JUMP_EQUAL, pid, 1, 0))
    for name in ("prlimit64", "sched_setaffinity"):
        look(name, _argument(0), _step(JUMP_EQUAL, 0, 2, 0), _step(JUMP_EQUAL, pid, 1, 0))
    look("clone", _argument(0), _step(JUMP_ANY_BIT, CLONE_NEW, 1, 0), _step(JUMP_ANY_BIT, CLONE_THREAD, 1, 0))
    # Signals of input and output can be sent to any process of the same user.
    for name, commands in {"fcntl": (8, 10, 15), "ioctl": (0x8901, 0x8902, 0x5412, 0x541C)}.items():
        tests = [_step(JUMP_EQUAL, value, len(commands) - 1 - k, 0) for k, value in enumerate(commands)]
        tests[-1] = _step(JUMP_EQUAL, commands[-1], 0, 1)
        look(name, _argument(1), *tests)
    look("prctl", _argument(0), _step(JUMP_EQUAL, PR_SET_PDEATHSIG, 0, 1))
    # An old Landlock lets a file opened for reading be truncated.
    for name, place in {"open": 1, "openat": 2}.items():
        mask = os.O_TRUNC | os.O_WRONLY | os.O_RDWR
        look(name, _argument(place), _step(AND, mask), _step(JUMP_EQUAL, os.O_TRUNC, 0, 1))
    return b"".join([*lines, _step(RETURN, ALLOW)])


def _argument(place):
    return _step(LOAD, 16 + 8 * place)  # the lower half, on a little-endian processor


def _step(code, value, if_true=0, if_false=0):
    return struct.pack("=HBBI", code, if_true, if_false, value)
