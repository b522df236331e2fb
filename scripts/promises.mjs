/** What docs/reliability.md promises, and the faults it is measured by. Which tests show them is read from the tests. */

export const PROMISES = [
  {
    id: 'P1',
    promise: 'Ownership: a service is called ready only while its ports are held by its own processes',
    rows: [12, 13, 16, 19, 34],
    tests: ['a squatter that answers is not readiness, nor is half a port'],
    limits: 'With `listener: any` and for external services ownership is not claimed, and shown as `external`.',
  },
  {
    id: 'P2',
    promise:
      'Nothing left: after a `stop`, `kill` or Ctrl-C that exits 0 no process of the service lives and its ports are free; else the exit code says so and names who is left',
    rows: [9, 10, 11, 12, 13, 14, 15, 18, 41],
    tests: [],
    limits:
      'A process with a session of its own, no environment, no parent and no port of ours (`setsid env -i …`, orphaned) cannot be recognised, unless it was seen as a member before. A chain that starts its successor in a new session every few milliseconds was ended in each of 60 stops (links that live 200 ms, 10 ms, and as short as can be); where it outruns the looks for 5 s, the exit code says so (E110). Only a control group or a namespace would hold every one, also one that gives its links no environment (`setsid env -i`).',
  },
  {
    id: 'P3',
    promise:
      'Never the wrong one: no signal to a process whose identity (number, start time, boot) was not read just before; never to pid 1, to devup and its ancestors',
    rows: [4, 5, 6, 17],
    tests: ['costs no stranger a signal and comes to an end, whatever happens meanwhile'],
    limits:
      'Between the last reading and the signal lie microseconds in which a number could be given anew; the property test plants forks, ends and reused numbers between any two reads of a simulated system.',
  },
  {
    id: 'P4',
    promise:
      'The death of devup, at any instruction, leaves nothing: the guard ends the services, the next command finds what escaped, and nothing is adopted',
    rows: [1, 2, 3, 24],
    tests: [],
    limits:
      'Of twelve processes, eight of which ignore SIGTERM and four of which left their session, 0 were left when the guard’s grace was over. The guard takes 1.7 MiB; the test allows 5. When it is killed together with devup, the next command ends what is left. Windows has no guard.',
  },
  {
    id: 'P5',
    promise: 'One supervisor per stack, atomically',
    rows: [7, 8],
    tests: [
      'two worktrees of one repository are two stacks, and neither signals the other',
      'is touched every half a minute while its session lives, also when nothing changes',
    ],
    limits:
      '20 starts at once beside a stale socket, 50 rounds: one supervisor each time. A session in another network namespace is known by its record only: it is believed to live while its supervisor can be seen, and else until the record, which it touches every 30 s, is 90 s old. `--force` does not believe it. What a killed session left is not recognised from inside another user namespace.',
  },
  {
    id: 'P6',
    promise: 'A slow client or terminal never slows a service; a pipe or a file of ours does, as in `a | b`, and loses nothing',
    rows: [25, 26],
    tests: ['loses not one byte of five million, and exits 0 when all tasks are done'],
    limits: 'A client is sent at most 1 MiB that it has not read; the rest is dropped, and counted for it.',
  },
  {
    id: 'P7',
    promise: 'Bounded: memory, log files, descriptors, connections, requests, restarts in a row',
    rows: [27, 28, 30, 31, 32, 33, 43],
    tests: [],
    limits:
      'The supervisor stays under 150 MiB in the tests of floods (200 with 80 stuck clients), and the logs under their cap. Seen: 79 MiB on Node 20, 94 on Node 24 (138 with stuck clients).',
  },
  {
    id: 'P8',
    promise: 'Truthful readiness: what is shown as ready answers now, on its own port; flapping is shown',
    rows: [20, 33, 34],
    tests: ['and no longer listens is unhealthy after two looks, and ready again by itself, without a restart'],
    limits: 'Between two looks (a few seconds) a state may be out of date.',
  },
  {
    id: 'P9',
    promise: 'One signal per service and Ctrl-C, in reverse order, stopped processes woken',
    rows: [10, 22, 23],
    tests: ['tells its progress in plain lines, then the logs behind the names, and stops in reverse order with one signal each'],
    limits: 'A service with a command for its `stop` gets that instead of a signal; what is left of it then is ended by signals.',
  },
  {
    id: 'P10',
    promise:
      'Private: files and sockets for their owner only, secrets masked in what devup says, no port of its own, output cannot drive the terminal',
    rows: [29, 38, 39, 40, 43],
    tests: [
      'of secrets never appear, whatever stands around them',
      'is in no answer of a session that runs, nor on its socket; its log and `devup env` have it',
      'is in no crash file, nor in the log of the supervisor',
      'a config is not run by status, logs, kill, stop where its session answers, nor by stop and kill afterwards',
    ],
    limits: 'Logs are the bytes that the services wrote: a secret that a service prints is in them. See [SECURITY.md](../SECURITY.md).',
  },
  {
    id: 'P11',
    promise: 'Time: a machine that slept, or a supervisor that was stopped, fails no service',
    rows: [35],
    tests: ['a failed health check is followed by a restart, also when the machine slept in between'],
    limits: 'A real suspend was not tried: SIGSTOP (`npm run soak`) and a clock under control stand for it.',
  },
  {
    id: 'P12',
    promise: 'Every command twice is as good as once',
    rows: [3, 7],
    tests: ['a port whose number only UDP uses was free'],
    limits: '`restart` twice restarts twice, and ends in the same state.',
  },
  {
    id: 'P13',
    promise: 'No half of a config: all of a changed file is understood before any of it is applied',
    rows: [36, 37],
    tests: [],
    limits: 'A config that is code can do anything while it is read: see [SECURITY.md](../SECURITY.md).',
  },
];

export const FAULTS = [
  { row: 1, fault: 'SIGKILL to devup while all run', must: 'the guard ends everything within its grace; nothing is adopted' },
  { row: 2, fault: 'SIGKILL between a spawn and its record', must: 'found by its marker; no duplicate is started' },
  { row: 3, fault: 'SIGKILL at every step of start, stop and restart', must: 'the next start converges' },
  {
    row: 4,
    fault: 'a record that is cut off, empty, no JSON, of another boot',
    must: 'ignored with a note; nobody is signalled because of it',
  },
  { row: 5, fault: 'the number of a process was given to another one', must: 'not signalled' },
  { row: 6, fault: 'a forged record names a stranger', must: 'refused' },
  { row: 7, fault: 'a stale socket and many starts at once', must: 'exactly one supervisor; the others attach' },
  { row: 8, fault: 'a stopped supervisor while another one starts', must: '“does not answer”, no takeover' },
  { row: 9, fault: 'a service ignores SIGTERM', must: 'killed after its time, and told' },
  { row: 10, fault: 'a service is stopped (state T)', must: 'woken after the signal; it ends' },
  { row: 11, fault: 'a shell or npm between devup and the service', must: 'the grandchild ends as well' },
  { row: 12, fault: 'a grandchild in its own session, orphaned, without environment', must: 'found; what cannot be is a known limit' },
  { row: 13, fault: 'a helper inherited the listening socket', must: 'found by the port; a stop frees it' },
  { row: 14, fault: 'a service that forks all the time', must: 'nothing left' },
  {
    row: 15,
    fault: 'a chain of new sessions',
    must: 'nothing left, or the exit code says so',
    partly: 'a chain that takes the environment from its links (`setsid env -i`): it is a known limit',
  },
  { row: 16, fault: 'the first process leaves with 0, its daemon holds the port', must: 'ready, watched, ended' },
  {
    row: 17,
    fault: 'the holder of a port: leftover, another stack, another user, root, container, unit',
    must: 'told apart; only the first is ended unasked',
  },
  { row: 18, fault: 'the holder comes back after the kill', must: 'its supervisor is found, and ended or named' },
  { row: 19, fault: 'a holder on ::1 only, two with SO_REUSEPORT, UDP', must: 'all listeners seen, UDP ignored' },
  { row: 20, fault: 'the port is taken between probe and bind', must: 'recognised, the owner named' },
  { row: 21, fault: 'TIME_WAIT', must: 'no holder' },
  { row: 22, fault: 'Ctrl-C once, twice, during the start', must: 'one signal each, in order; then kill; the terminal as before' },
  { row: 23, fault: 'terminal closed, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP', must: 'an ordered end, or nothing' },
  {
    row: 24,
    fault: 'a bug in devup, or in the config after it was read',
    must: 'services stopped in order, and told whose error it was: exit 70, or 3 for the config; a crash file',
  },
  { row: 25, fault: 'stdout closed (`| head -1`)', must: 'a quiet end; services untouched' },
  { row: 26, fault: 'a client or a terminal that does not read', must: 'services at full speed; told what was dropped' },
  { row: 27, fault: 'a flood of output', must: 'memory and disk bounded, other logs in time' },
  { row: 28, fault: 'lines of 300 MB, NUL, invalid UTF-8, lone CR', must: 'the log byte for byte, the view harmless' },
  { row: 29, fault: 'escape sequences that attack the terminal', must: 'only colours pass' },
  { row: 30, fault: 'a full disk, a read-only home', must: 'services live; told' },
  { row: 31, fault: 'no descriptors, no processes left', must: 'devup lives; the action fails with that reason' },
  { row: 32, fault: 'tools missing, hanging or lying; log files lost; commands that hang', must: 'works without them, within its time' },
  { row: 33, fault: 'a crash loop', must: 'growing delays, then failed; never ready fails at once' },
  { row: 34, fault: 'readiness that flaps, or is a stranger’s', must: 'shown as flapping; not ready' },
  { row: 35, fault: 'a machine that slept; a clock that was set', must: 'no restart, no false failure', partly: 'a real suspend' },
  {
    row: 36,
    fault: 'the config changes, breaks, exits or hangs while its session runs',
    must: 'what runs stays until a change is applied',
  },
  { row: 37, fault: 'a cycle, missing names, ports twice or out of range', must: 'all problems in one run, with their places' },
  {
    row: 38,
    fault: 'a project in a folder with spaces, quotes, `$()`, line breaks; long paths; links',
    must: 'works, or is refused clearly',
  },
  { row: 39, fault: 'a runtime folder that is a link, another user’s, open to others', must: 'refused' },
  { row: 40, fault: 'another user; umask 000', must: 'cannot enter' },
  { row: 41, fault: 'zombies under a PID 1 that does not collect them', must: 'counted as dead' },
  {
    row: 42,
    fault: 'inside a container, under WSL: holders that cannot be seen',
    must: '“held by somebody outside”, not “free”',
    partly: 'WSL',
  },
  { row: 43, fault: 'malformed, half, huge and slow requests; many connections; other versions', must: 'refused; others are served' },
  {
    row: 44,
    fault: 'a web page attacks the dashboard',
    must: 'refused before anything is done',
    notHere: 'there is no dashboard; devup opens no port',
  },
];
