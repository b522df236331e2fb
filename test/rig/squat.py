"""Holds a port in one of the odd ways that Node cannot. One argument: JSON (see squatters.ts). When it holds it, it
prints one line of JSON with the pids that do, and stays until a signal ends it."""
import ctypes, json, os, signal, socket, sys

wish = json.loads(sys.argv[1])
how, host, port = wish['how'], wish.get('host', '0.0.0.0'), wish.get('port', 0)


def bound(kind=socket.SOCK_STREAM, reuse_address=False, reuse_port=False):
    s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, kind)
    if reuse_address:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuse_port:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if ':' in host:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if wish.get('dual') else 1)
    s.bind((host, port))
    return s


def listening(**options):
    s = bound(reuse_address=True, **options)
    s.listen(64)
    return s


def say(pids):
    print(json.dumps({'pids': pids}), flush=True)


def stay():
    while True:
        signal.pause()


def fork(work):
    pid = os.fork()
    if pid == 0:
        work()
        stay()
    return pid


if wish.get('name'):
    ctypes.CDLL(None).prctl(15, wish['name'].encode()[:15], 0, 0, 0)
for name in wish.get('ignore', []):
    signal.signal(getattr(signal, name), signal.SIG_IGN)

if how == 'listen':
    keep = listening()
    say([os.getpid()])
elif how == 'bind':
    keep = bound()
    say([os.getpid()])
elif how == 'udp':
    keep = bound(kind=socket.SOCK_DGRAM)
    say([os.getpid()])
elif how == 'prefork':
    keep = listening()
    say([os.getpid()] + [fork(lambda: None) for _ in range(wish.get('count', 2))])
elif how == 'reuseport':
    # One socket each; a pipe tells when a child has its own.
    pids = []
    for _ in range(wish.get('count', 2)):
        ready, done = os.pipe()

        def own():
            global keep
            keep = listening(reuse_port=True)
            os.write(done, b'1')

        pids.append(fork(own))
        os.read(ready, 1)
    say(pids)
elif how == 'daemon':
    ready, done = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        keep = listening()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.write(done, str(os.getpid()).encode())
        os.close(done)
        stay()
    pid = int(os.read(ready, 32))
    os.wait()
    say([pid])
    sys.exit(0)
elif how == 'client':
    keep = socket.create_connection((host, port))
    say([os.getpid()])
elif how == 'outgoing':
    # The port is only the local end of a connection to somewhere else.
    keep = bound()
    keep.connect((host, wish['to']))
    say([os.getpid()])
elif how == 'time-wait':
    server = listening()
    client = socket.create_connection((host, port))
    accepted, _ = server.accept()
    accepted.shutdown(socket.SHUT_RDWR)
    client.recv(1)
    client.close()
    accepted.close()
    server.close()
    say([])
    sys.exit(0)
stay()
