"""A server that goes on as a daemon without its environment, as nginx, redis-server and gunicorn do.

daemon.py PORT PIDFILE [--late SECONDS] [--marker MARKER] [--keep] [--stay] [--root]

The daemon and its worker hold the port. `--late`: the daemon opens it that long after
the first process has ended. `--marker`: the value of DEVUP_RUN in its environment.
`--keep`: it keeps its environment. `--stay`: the first process stays.
`--root`: the daemon leaves its folder for the root.
"""
import argparse
import os
import signal
import sys

SERVER = """
import os, socket, sys, time
port, file, late, told = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
null = os.open(os.devnull, os.O_RDWR)
for fd in 0, 1, 2:
    os.dup2(null, fd)
def tell():
    with open(file + '.part', 'w') as out:
        out.write(str(os.getpid()))
    os.rename(file + '.part', file)
    os.write(told, b'.')
if late:
    tell()
    time.sleep(late)
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', port))
server.listen()
if os.fork() == 0:
    while True:
        server.accept()[0].close()
if not late:
    tell()
while True:
    time.sleep(1000)
"""

options = argparse.ArgumentParser()
options.add_argument('port')
options.add_argument('pidfile')
options.add_argument('--late', default='0')
options.add_argument('--marker')
options.add_argument('--keep', action='store_true')
options.add_argument('--stay', action='store_true')
options.add_argument('--root', action='store_true')
given = options.parse_args()

reads, writes = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.set_inheritable(writes, True)
    if given.root:
        os.chdir('/')
    env = dict(os.environ) if given.keep else {} if given.marker is None else {'DEVUP_RUN': given.marker}
    os.execve(sys.executable, [sys.executable, '-c', SERVER, given.port, given.pidfile, given.late, str(writes)], env)
os.close(writes)
os.read(reads, 1)
if given.stay:
    signal.pause()
