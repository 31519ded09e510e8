"""How gunicorn serves the site, in development and in production alike. The address comes from --bind."""

import os

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 5
# A worker is replaced now and then, not all at the same time: a slow leak never grows old.
max_requests = 10_000
max_requests_jitter = 1_000
# The heartbeat file must never wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - memory, and only a heartbeat
# Nobody steers a running server through a socket.
control_socket_disable = True
proc_name = "medicaim"
