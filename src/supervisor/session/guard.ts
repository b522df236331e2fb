/**
 * If the supervisor dies, even by SIGKILL, the guard ends the services: a dozen lines of `sh` in a session of their own
 * that read from a pipe which groups live. At end of file without a goodbye they signal the groups (never a recycled
 * one) and every process that carries the session's run marker, wait, KILL, and look three times. A guard in Node would
 * cost 42 MiB; this one costs less than two. Nothing is adopted afterwards: what escapes is reclaimed by the next command.
 *
 * Lines:  `+ PGID START SIGNAL` a group lives · `- PGID…` these are gone · `bye` all is well.
 * Other systems have no /proc: macOS signals the groups only; on Windows the next command reaps.
 */
import type { ChildProcess } from 'node:child_process';
import type { Machine } from '../../machine/machine.ts';
import { GRACE_MS } from '../../model/graces.ts';
import type { ProcessId } from '../../model/port.ts';
import { MARKER_VARIABLE } from '../../model/stack-id.ts';
import { sparedPattern } from '../../processes/shared-programs.ts';

/** The script sleeps this long between two checks of what is still alive. */
const STEP_MS = 200;

const SCRIPT = `
trap '' INT TERM HUP QUIT TSTP USR1 USR2 PIPE
marker=$1 grace=$2 groups=''
start_of() { [ -r "/proc/$1/stat" ] || return 1; IFS= read -r line < "/proc/$1/stat" || return 1; set -- \${line##*) }; shift 19; echo "$1"; }
while read -r op pgid start signal; do
  case $op in
    +) groups="$groups $pgid:$start:$signal" ;;
    -) gone=" $pgid $start $signal " kept=''; for g in $groups; do case $gone in *" \${g%%:*} "*) ;; *) kept="$kept $g" ;; esac; done; groups=$kept ;;
    bye) exit 0 ;;
  esac
done
row() { IFS= read -r line < "/proc/$1/stat" 2>/dev/null || return 1; name=\${line#*(} name=\${name%)*}; set -- \${line##*) }; parent=$2 group=$3; }
carriers() { [ -d /proc/self ] && grep -lz "^$marker" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ pid _; do [ "$pid" != "$$" ] && state_of "$pid"; done; }
in_group() { row "$1" && case "$groups " in *" $group:"*) return 0 ;; esac; return 1; }
spare() {
  found=" $(echo $(carriers)) " spared=' '
  for pid in $found; do
    in_group "$pid" && continue
    case $name in ${sparedPattern()}) ;; *) continue ;; esac
    case $found in *" $parent "*) continue ;; esac
    in_group "$parent" || spared="$spared$pid "
  done
}
is_spared() { parent=$1; while [ "\${parent:-0}" -gt 1 ]; do case $spared in *" $parent "*) return 0 ;; esac; row "$parent" || return 1; done; return 1; }
marked() { for pid in $(carriers); do is_spared "$pid" || echo "$pid"; done; }
state_of() { IFS= read -r line < "/proc/$1/stat" 2>/dev/null || return 0; case \${line##*) } in Z*|X*) ;; *) echo "$1" ;; esac; }
each_group() {
  for g in $groups; do
    pgid=\${g%%:*} rest=\${g#*:} start=\${rest%%:*} signal=\${rest#*:}
    now=$(start_of "$pgid") && [ "$now" != "$start" ] && continue
    kill -s "\${1:-$signal}" -- "-$pgid" 2>/dev/null && [ -z "$1" ] && kill -s CONT -- "-$pgid" 2>/dev/null
  done
}
alive() {
  [ -n "$(marked)" ] && return 0
  for g in $groups; do
    pgid=\${g%%:*} rest=\${g#*:} start=\${rest%%:*}
    now=$(start_of "$pgid") && [ "$now" != "$start" ] && continue
    case $now in '') kill -s 0 -- "-$pgid" 2>/dev/null && [ ! -d /proc/self ] && return 0 ;; *) [ -n "$(state_of "$pgid")" ] && return 0 ;; esac
  done
  return 1
}
spare
each_group ''
for pid in $(marked); do kill -s TERM "$pid" 2>/dev/null; kill -s CONT "$pid" 2>/dev/null; done
while [ "$grace" -gt 0 ] && alive; do sleep ${STEP_MS / 1000}; grace=$((grace - 1)); done
quiet=0 tries=0
while [ "$quiet" -lt 3 ] && [ "$tries" -lt 100 ]; do
  each_group KILL
  for pid in $(marked); do kill -s KILL "$pid" 2>/dev/null; done
  if alive; then quiet=0; else quiet=$((quiet + 1)); fi
  tries=$((tries + 1))
  sleep 0.05
done
`;

const AGAIN_MS = 100;

export interface GuardOptions {
  readonly machine: Machine;
  /** `<stack id>:<session>:`: what every marker of the session begins with. */
  readonly markerPrefix: string;
  /** Called with the new guard's identity whenever one was started. */
  readonly onStarted: (id: ProcessId) => void;
}

interface Group {
  readonly id: ProcessId;
  readonly signal: string;
}

export class Guard {
  readonly #options: GuardOptions;
  readonly #groups = new Map<number, Group>();
  #gone: number[] = [];
  #child: ChildProcess | null = null;
  #over = false;
  readonly #ended = new AbortController();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Starts the guard unless it lives; it is started again whenever it dies before `dismiss`. Without process groups there is none. */
  async start(): Promise<void> {
    const { machine, markerPrefix } = this.#options;
    if (!machine.platform.hasProcessGroups || this.#over || this.#child) return;
    const { spawn } = process.getBuiltinModule('node:child_process');
    const child = spawn(
      '/bin/sh',
      ['-c', SCRIPT, 'devup-guard', `${MARKER_VARIABLE}=${markerPrefix}`, String(GRACE_MS.guarded / STEP_MS)],
      {
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
        cwd: '/',
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      },
    );
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    const gone = () => {
      if (this.#child === child) this.#child = null;
      // Not at once: there may be no descriptors or processes for it.
      machine.clock.sleep(AGAIN_MS, this.#ended.signal).then(
        () => this.start(),
        () => undefined,
      );
    };
    child.once('error', gone);
    child.once('exit', gone);
    this.#gone = [];
    for (const group of this.#groups.values()) this.#say(plus(group));
    const row = child.pid === undefined ? null : await machine.process(child.pid);
    if (row) this.#options.onStarted({ pid: row.pid, start: row.start });
  }

  watch(id: ProcessId, signal: string): void {
    // The number may be one that has just been given up.
    this.#tellGone();
    const group = { id, signal: signal.replace(/^SIG/, '') };
    this.#groups.set(id.pid, group);
    this.#say(plus(group));
  }

  /** Those that go in the same turn are told together: in a shell each line costs a walk over all groups. */
  forget(id: ProcessId): void {
    if (!this.#groups.delete(id.pid)) return;
    this.#gone.push(id.pid);
    if (this.#gone.length === 1) process.nextTick(() => this.#tellGone());
  }

  /** Everything ended in order. Resolves when the guard is gone. */
  async dismiss(): Promise<void> {
    this.#end();
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#gone = [];
    child.stdin?.end('bye\n');
    await gone;
  }

  /** Whatever of the session still lives is ended as after our own death. Resolves when the guard is done, and gone. */
  async sweep(): Promise<void> {
    this.#end();
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#tellGone();
    child.stdin?.end();
    await gone;
  }

  #end(): void {
    this.#over = true;
    this.#ended.abort();
  }

  #tellGone(): void {
    if (this.#gone.length > 0) this.#say(`- ${this.#gone.splice(0).join(' ')}`);
  }

  #say(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }
}

function plus({ id, signal }: Group): string {
  return `+ ${id.pid} ${id.start} ${signal}`;
}
