/** The promises and faults of docs/reliability.md. The tests that show them are found by their names. */

export const PROMISES = [
  {
    id: 'P1',
    promise: 'Ownership: a service is called ready only while its ports are held by its own processes',
    rows: [12, 13, 16, 19, 34],
    tests: ['an answer from another process is not readiness, nor is one of two ports'],
    limits: 'With `listener: any`, and for external services, devup claims no ownership and shows `external`.',
  },
  {
    id: 'P2',
    promise:
      'Nothing left: after a `stop`, `kill` or Ctrl-C that exits 0, no process of the service lives and its ports are free; otherwise the exit code says so and devup names what is left',
    rows: [9, 10, 11, 12, 13, 14, 15, 16, 18, 41],
    tests: [],
    limits:
      'If a container engine does not answer within 3 s, the stop fails (E113), since a container may still run. An orphan with its own session, no environment and no declared port (`setsid env -i …`) cannot be recognised, unless devup has already seen it as a member. A daemon that has no marker is the service’s only if it listens on a declared port; a stop waits 2 s for one that is about to, then names it and leaves it alone. One that has no trace but the control group is adopted if it listens before its parent ends; if it opens its port later, it is named, not awaited. A chain of processes that start each other in new sessions every few milliseconds was ended in each of 60 stops (links that live 200 ms, 10 ms, and as briefly as possible); if it outruns the scans for 5 s, the exit code says so (E110). Only a control group or a namespace would hold every chain, including one whose links have no environment (`setsid env -i`). A container counts as the service’s only if its engine proves that the service’s command started it; of two equal ones started at the same moment, or one started by the engine’s API, nothing is proven, and it is left.',
  },
  {
    id: 'P3',
    promise:
      'Never the wrong process: devup signals a process only if it has just verified its identity (pid, start time, boot), and never signals pid 1, itself or its ancestors. Programs that people share or work in are left alive by a stop, a claim and the guard, unless they are the service. A container ends through its engine, and its forwarder is never signalled',
    rows: [4, 5, 6, 17, 46],
    tests: [
      'the end recipe signals no other process and terminates, whatever happens meanwhile',
      '… leaves the programs alive that a service has opened, whatever ties them to it',
      '… on the port of a service is not ended by a start, but by a kill of that port',
      "a container is the service's if its command started it, by a client …",
    ],
    limits:
      'A pid could be reused in the microseconds between the last read and the signal. The property test simulates forks, exits and reused pids between any two reads. Programs that people share or work in are known by name (`src/processes/program-names.ts`): one that is not listed ends with the service that opened it, as does one started between the last look and the signal. Where there is no /proc (macOS), the guard cannot leave one out of its service’s process group.',
  },
  {
    id: 'P4',
    promise:
      'If devup dies, at any instruction, nothing is left: the guard ends the services, the next command ends what escaped, and nothing is adopted',
    rows: [1, 2, 3, 24],
    tests: [],
    limits:
      'Of twelve processes, of which eight ignore SIGTERM and four left their session, 0 were alive after the guard’s grace. The guard takes 1.7 MiB; the test allows 5. If it is killed together with devup, the next command ends the leftovers. The guard cannot ask a container engine: the next command stops a container that outlived devup. Windows has no guard.',
  },
  {
    id: 'P5',
    promise: 'One supervisor per stack, atomically',
    rows: [7, 8],
    tests: [
      'two worktrees of one repository are two stacks, and neither signals the other',
      'the record of a living session is touched every 30 seconds, even if nothing changes',
    ],
    limits:
      '50 rounds of 20 concurrent starts over a stale socket: one supervisor each time. A session in another network namespace is known only by its record: it counts as alive while its supervisor is visible, and otherwise until the record, touched every 30 s, is 90 s old. `--force` ignores the record. Leftovers of a killed session are not recognised from inside another user namespace.',
  },
  {
    id: 'P6',
    promise: 'A slow client or terminal never slows a service; a slow pipe or file on stdout does, as in `a | b`, and loses nothing',
    rows: [25, 26],
    tests: ['output loses none of five million bytes, and the session exits 0 when all tasks are done'],
    limits: 'At most 1 MiB waits for a client to read it; the rest is dropped, and the client learns how much.',
  },
  {
    id: 'P7',
    promise: 'Bounded: memory, log files, descriptors, connections, requests, restarts in a row',
    rows: [27, 28, 30, 31, 32, 33, 43, 47, 48],
    tests: [],
    limits:
      'In the flood tests the supervisor stays under 150 MiB (200 with 80 stuck clients, or 500 that do not read), and the logs under their cap. Measured: 79 MiB on Node 20, 94 on Node 24 (138 with stuck clients).',
  },
  {
    id: 'P8',
    promise: 'Truthful readiness: a service shown as ready answers now, on its own port; flapping is shown',
    rows: [20, 33, 34, 45],
    tests: ['a service that stops listening is unhealthy after two polls, and ready again by itself, without a restart'],
    limits:
      'Between two polls (a few seconds) a state may be out of date. A listener that accepts nothing is found on Linux only, five to ten seconds after somebody has connected; a worker that hangs while an accepted connection is open is found by a `health` test only ([design](design.md#ports)).',
  },
  {
    id: 'P9',
    promise: 'Ctrl-C sends each service one signal, in reverse order, and wakes stopped processes',
    rows: [10, 22, 23],
    tests: [
      'a session prints progress as plain lines, then prefixed logs, and stops in reverse order with one signal each',
      'any of them within half a second after the first are one request, which their number does not prolong',
    ],
    limits:
      'A service whose `stop` is a command gets that instead of a signal; its remaining processes are then ended by signals. A wrapper that signals all its descendants (`concurrently`) reaches the services as well, and one that forwards the signal more than 500 ms after the terminal asks a second time. That devup was started with `nohup` is seen by what bash, zsh and GNU nohup leave behind, and by a parent in the same session that ignores SIGHUP: Node itself forgets it.',
  },
  {
    id: 'P10',
    promise:
      'Private: files and sockets are for their owner only, no config of another user is run, devup masks secrets in its output and opens no port, and service output cannot control the terminal',
    rows: [29, 38, 39, 40, 43],
    tests: [
      'values of secrets never appear, whatever surrounds them',
      'a secret is in no text that the socket sends, whether its value is known or not',
      'a secret is in no answer of a running session, nor on its socket; its log and `devup env` contain it',
      "a secret is in no crash file and not in the supervisor's log",
      'status, logs, kill and stop do not run a config whose session answers, nor do stop and kill afterwards',
      'is run by no command until the command of the error was typed',
      'the search for a config ends below a folder in which every user can write, and says so',
      'devup without a command runs no config that was not run before, and reads one that is data',
      'an entry that comes with the repository is not run, wherever it would fit',
      'check --fix, docs and add write nothing through a link that leaves the repository',
      'a .devup that is a link is refused, and nothing is written there',
      'a FIFO in place of a file that a command reads is named, and the command ends',
    ],
    limits:
      'Logs hold the bytes that services wrote, including secrets that they print. The owner of a config is checked, not of the modules that it imports. See [SECURITY.md](../SECURITY.md).',
  },
  {
    id: 'P11',
    promise: 'Time: no service fails because the machine slept or the supervisor was stopped',
    rows: [35],
    tests: ['a failed health check causes a restart, even if the machine slept in between'],
    limits: 'A real suspend is not tested; SIGSTOP (`npm run soak`) and a simulated clock stand for it.',
  },
  {
    id: 'P12',
    promise: 'Running a command twice has the same result as running it once',
    rows: [3, 7],
    tests: ['a port used only by UDP counts as free'],
    limits: '`restart` twice restarts twice, and ends in the same state.',
  },
  {
    id: 'P13',
    promise: 'All or nothing: a changed config is fully validated before any of it is applied',
    rows: [36, 37],
    tests: [],
    limits: 'A config that is code can do anything while it is loaded: see [SECURITY.md](../SECURITY.md).',
  },
  {
    id: 'P14',
    promise: 'A start that is slow or fails says what the service does instead, and what it printed',
    rows: [33],
    tests: [
      'a start that takes long tells the last line of output, of a task too',
      'a listener on another port causes a warning, and the timeout names it',
      'a test of http or tcp that asks where nothing answers names where the service listens',
      'the first error of the run is told beside its last lines',
    ],
    limits:
      '“First error” is the first line that reads like an error, and need not be the cause; it is searched for until the service is ready, and in the first MiB after that. How processes below a service ended cannot be seen, only that others take their place; those that live less than some milliseconds are missed.',
  },
];

export const FAULTS = [
  { row: 1, fault: 'SIGKILL to devup while everything runs', must: 'the guard ends everything within its grace; nothing is adopted' },
  { row: 2, fault: 'SIGKILL between a spawn and its record', must: 'the service is found by its marker; no duplicate starts' },
  { row: 3, fault: 'SIGKILL at every step of start, stop and restart', must: 'the next start converges' },
  {
    row: 4,
    fault: 'a record that is cut off, empty, not JSON, or of another boot',
    must: 'it is ignored with a notice; no process is signalled because of it',
  },
  { row: 5, fault: 'the pid of a process was reused', must: 'not signalled' },
  { row: 6, fault: 'a forged record names a foreign process', must: 'refused' },
  { row: 7, fault: 'a stale socket and many concurrent starts', must: 'exactly one supervisor; the others attach' },
  { row: 8, fault: 'a supervisor is stopped (SIGSTOP) while another one starts', must: '“does not answer”, no takeover' },
  { row: 9, fault: 'a service ignores SIGTERM', must: 'it is killed after its grace, and devup says so' },
  { row: 10, fault: 'a service is stopped (state T)', must: 'it is woken after the signal, and ends' },
  { row: 11, fault: 'a shell or npm between devup and the service', must: 'the grandchild ends too' },
  {
    row: 12,
    fault: 'a grandchild in its own session, orphaned, without environment',
    must: 'it is found; the cases that cannot be found are known limits',
  },
  { row: 13, fault: 'a helper inherited the listening socket', must: 'it is found by the port; a stop frees the port' },
  { row: 14, fault: 'a service that forks constantly', must: 'nothing left' },
  {
    row: 15,
    fault: 'a chain of new sessions',
    must: 'nothing left, or the exit code says so',
    partly: 'a chain that clears the environment of its links (`setsid env -i`): a known limit',
  },
  {
    row: 16,
    fault: 'the first process exits with 0, and its daemon holds the port, with or without its environment',
    must: 'ready, watched, ended; a daemon that may be another’s is named and left alone',
  },
  {
    row: 17,
    fault: 'the holder of a port: leftover, another stack, another user, root, container, unit',
    must: 'they are told apart; only a leftover is ended without asking',
  },
  { row: 18, fault: 'the holder is restarted after the kill', must: 'its supervisor is found, and ended or named' },
  { row: 19, fault: 'a holder on ::1 only, two with SO_REUSEPORT, UDP', must: 'all listeners are seen; UDP is ignored' },
  { row: 20, fault: 'the port is taken between probe and bind', must: 'the race is recognised and the holder named' },
  { row: 21, fault: 'TIME_WAIT', must: 'it counts as no holder' },
  { row: 22, fault: 'Ctrl-C once, twice, during the start', must: 'one signal each, in order; then SIGKILL; the terminal is restored' },
  { row: 23, fault: 'terminal closed, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP', must: 'an orderly stop, or no effect' },
  {
    row: 24,
    fault: 'a bug in devup, or in the config after it was loaded',
    must: 'services stop in order; devup says whether the error is its own (exit 70) or the config’s (exit 3); a crash file',
  },
  { row: 25, fault: 'stdout closed (`| head -1`)', must: 'the command ends quietly; services are untouched' },
  { row: 26, fault: 'a client or a terminal that does not read', must: 'services run at full speed; the reader learns what was dropped' },
  { row: 27, fault: 'a flood of output', must: 'memory and disk stay bounded; other logs are not delayed' },
  { row: 28, fault: 'lines of 300 MB, NUL, invalid UTF-8, lone CR', must: 'the log is exact byte for byte; views are harmless' },
  {
    row: 29,
    fault: 'escape sequences that attack the terminal, clear it, or leave a colour on',
    must: 'only colours pass, only where they are wanted, and each belongs to its service',
  },
  { row: 30, fault: 'a full disk, a read-only home', must: 'services go on; devup reports it' },
  { row: 31, fault: 'no file descriptors or processes left', must: 'devup survives; the action fails with that reason' },
  { row: 32, fault: 'tools missing, hanging or lying; log files lost; commands that hang', must: 'devup works without them, in time' },
  {
    row: 33,
    fault: 'a crash loop',
    must: 'growing delays, then failed; a service that was never ready fails at once; one inside a starting service is named',
  },
  { row: 34, fault: 'readiness that flaps, or comes from a foreign process', must: 'it is shown as flapping; it is not ready' },
  { row: 35, fault: 'the machine slept; the clock was set', must: 'no restart, no false failure', partly: 'a real suspend' },
  {
    row: 36,
    fault: 'the config changes, breaks, calls exit or hangs while its session runs',
    must: 'running services stay until a change is applied',
  },
  { row: 37, fault: 'a cycle, missing names, duplicate or invalid ports', must: 'one run reports all problems, with their places' },
  {
    row: 38,
    fault: 'a project in a folder with spaces, quotes, `$()`, line breaks; long paths; links',
    must: 'it works, or is refused with a clear error',
  },
  { row: 39, fault: 'a runtime folder that is a link, belongs to another user, or is open to others', must: 'refused' },
  { row: 40, fault: 'another user; umask 000', must: 'no access' },
  { row: 41, fault: 'zombies under a PID 1 that does not reap them', must: 'they count as dead' },
  {
    row: 42,
    fault: 'inside a container, under WSL: holders that cannot be seen',
    must: '“held from outside”, not “free”',
    partly: 'WSL',
  },
  {
    row: 43,
    fault: 'malformed, half, huge and slow requests; many connections; other versions',
    must: 'they are refused; other clients are served',
  },
  {
    row: 44,
    fault: 'a web page attacks the dashboard',
    must: 'it is refused before anything happens',
    notHere: 'there is no dashboard; devup opens no port',
  },
  {
    row: 45,
    fault: 'a service listens but accepts no connections: a reloader whose worker is dead',
    must: 'unhealthy, ready again by itself, never restarted for it; a busy server is not mistaken for one',
  },
  {
    row: 46,
    fault: 'a person debugs a service on a terminal while other commands run; the debugger is killed',
    must: 'they name it and leave it alone; it is not ready; the service then returns to the state before, and nothing is left',
  },
  {
    row: 47,
    fault: 'a regular expression that takes forever, in a `ready` test, in `logs --grep` or in a request',
    must: 'services and commands go on; the line is left out and that is said; a client that is stuck in one ends at the first Ctrl-C',
  },
  {
    row: 48,
    fault: 'files of the repository that nest deeply, or have 40,000 addresses on a line',
    must: '`check` names a file that it cannot read and reads the rest, in time that grows with their size',
  },
];
