"""Processes of one machine and what they cost: CPU time by the scheduler, memory by the kernel, others' noise."""
import ctypes
import os
import re
import resource
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
TICKS = os.sysconf("SC_CLK_TCK")


def stat_fields(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        text = file.read()
    return text[text.rindex(b")") + 2:].split()


def tree(root):
    """Ids of the process and its descendants that are alive now."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                children.setdefault(int(stat_fields(name)[1]), []).append(int(name))
            except (OSError, ValueError, IndexError):
                pass  # It has ended meanwhile.
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        if os.path.exists(f"/proc/{pid}"):
            found.append(pid)
        todo += children.get(pid, [])
    return found


def cpu_ns(pids):
    """User and system time of the processes, all their threads, and of the children that they have reaped."""
    total = 0
    for pid in pids:
        try:
            total += time.clock_gettime_ns((~pid << 3) | 2)  # The process's own CPU clock.
            fields = stat_fields(pid)
            total += (int(fields[13]) + int(fields[14])) * 1_000_000_000 // TICKS
        except OSError:
            pass
    return total


def own_cpu_ns():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time_ns() + int((children.ru_utime + children.ru_stime) * 1e9)


def busy_ticks():
    """What each core worked, over all processes."""
    busy = {}
    with open("/proc/stat") as file:
        for line in file:
            if re.match(r"cpu\d", line):
                words = line.split()
                values = [int(word) for word in words[1:9]]
                busy[words[0]] = sum(values) - values[3] - values[4]
    return busy


def memory(pids):
    """KiB over the processes: pss, private (with what was swapped), rss."""
    sums = {"pss": 0, "private": 0, "rss": 0}
    names = {"Pss": "pss", "Private_Clean": "private", "Private_Dirty": "private", "Swap": "private", "Rss": "rss"}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                for line in file:
                    name, _, value = line.partition(":")
                    if name in names:
                        sums[names[name]] += int(value.split()[0])
        except (OSError, ValueError):
            pass
    return sums


def spawn(argv, core=None, env=None, **options):
    """Starts a process that ends with us, on one core where one is given."""
    def prepare():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if core is not None:
            os.sched_setaffinity(0, {core})
    return subprocess.Popen(argv, preexec_fn=prepare, env=env, stdin=subprocess.DEVNULL, start_new_session=True, **options)


def end(process, how=signal.SIGTERM, wait=6.0):
    """Ends a process that we started, then whatever is left of its tree, by id."""
    if process is None:
        return
    pids = tree(process.pid) if process.poll() is None else []
    if pids:
        try:
            process.send_signal(how)
            process.wait(wait)
        except subprocess.TimeoutExpired:
            pass
    for pid in pids:
        try:
            ours = pid == process.pid or os.getsid(pid) == process.pid  # Else the id belongs to somebody else by now.
            if ours and (pid != process.pid or process.poll() is None):
                os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        pass


def free_port():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def http_status(port, path, fields="", timeout=1.0):
    """0 where nobody answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}Connection: close\r\n\r\n".encode())
            answer = connection.recv(64)
        return int(answer.split()[1]) if answer.startswith(b"HTTP/") else 0
    except (OSError, IndexError, ValueError):
        return 0
