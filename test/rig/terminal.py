"""Runs a command at a terminal of its own: terminal.py ROWS COLUMNS COMMAND… What the terminal shows goes to stdout; orders come
as lines of JSON on stdin: {"keys": text} types, {"resize": [rows, columns]}, {"read": bool} stops or goes on reading (a
terminal that is stopped), {"hangUp": true} closes the terminal. Ends with the command's exit code (128 + n for a signal)."""
import fcntl, json, os, pty, select, struct, sys, termios

rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))


pid, terminal = pty.fork()
if pid == 0:
    resize(0, rows, columns)
    os.execvp(command[0], command)

reading, orders, pending = True, True, b''
while terminal is not None:
    ready, _, _ = select.select(([terminal] if reading else []) + ([0] if orders else []), [], [])
    if terminal in ready:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            chunk = b''
        if chunk:
            os.write(1, chunk)
        else:
            os.close(terminal)
            terminal = None
    elif 0 in ready:
        chunk = os.read(0, 65536)
        orders = bool(chunk)
        *lines, pending = (pending + chunk).split(b'\n')
        for line in lines:
            order = json.loads(line)
            if 'keys' in order:
                os.write(terminal, order['keys'].encode())
            if 'resize' in order:
                resize(terminal, *order['resize'])
            if 'read' in order:
                reading = order['read']
            if order.get('hangUp'):
                os.close(terminal)
                terminal = None
                break
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
