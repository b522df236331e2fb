/**
 * The guard ends the services if the supervisor dies, even by SIGKILL. It is a shell script in a session of its own, and learns through a
 * pipe which process groups are alive. If the pipe ends without `bye`, it signals these groups (a group whose number was reused is left
 * alone) and every process with the session's marker, waits for the grace, and sends SIGKILL until three checks in a row find nothing. A
 * guard in Node would take 42 MiB; the script takes less than two. The next command ends whatever escapes the guard.
 *
 * Shared programs that a service merely opened are left alive, with all that runs below them. If one is in a service's group,
 * the others of the group are signalled one by one.
 *
 * Lines:  `+ PGID START SIGNAL` a group is alive; START 0: its leader is not · `~ PID START` so is a process without a marker, in
 * such a group · `- PID…` these groups and processes have ended · `= PID START` a shared program that is the service itself ·
 * `bye` the session ended in order.
 * Without /proc, on macOS, the guard only signals groups. Windows has no guard; the next command ends what is left.
 */
import type { ChildProcess } from 'node:child_process';
import type { Machine } from '../../machine/machine.ts';
import { GRACE_MS, KILL_MS } from '../../model/graces.ts';
import type { ProcessId } from '../../model/port.ts';
import { MARKER_VARIABLE } from '../../model/stack-id.ts';
import { AUTOMATED_WORDS, sparedCases } from '../../processes/shared-programs.ts';

/** The script sleeps this long between two checks for living processes: during the grace, and after each SIGKILL. */
const STEP_MS = { grace: 200, kill: 50 };

const SCRIPT = `
trap '' INT TERM HUP QUIT TSTP USR1 USR2 PIPE
marker=$1 grace=$2 groups='' daemons='' own=' ' mixed=' '
start_of() { [ -r "/proc/$1/stat" ] || return 1; IFS= read -r line < "/proc/$1/stat" || return 1; set -- \${line##*) }; shift 19; echo "$1"; }
without() { kept=''; for g; do case $gone in *" \${g%%:*} "*) ;; *) kept="$kept $g" ;; esac; done; }
while read -r op pgid start signal; do
  case $op in
    +) groups="$groups $pgid:$start:$signal" ;;
    '~') daemons="$daemons $pgid:$start" ;;
    -) gone=" $pgid $start $signal "; without $groups; groups=$kept; without $daemons; daemons=$kept ;;
    =) own="$own$pgid:$start " ;;
    bye) exit 0 ;;
  esac
done
row() { IFS= read -r line < "/proc/$1/stat" 2>/dev/null || return 1; name=\${line#*(} name=\${name%)*}; set -- \${line##*) }; parent=$2 group=$3; }
carriers() { [ -d /proc/self ] && grep -lz "^$marker" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ pid _; do [ "$pid" != "$$" ] && state_of "$pid"; done; }
kind_of() { title=\${1%%[:(]*}; case \${title% } in
${sparedCases()}
esac; }
in_group() { row "$1" && case "$groups " in *" $group:"*) return 0 ;; esac; return 1; }
in_own_groups() { for pid in /proc/[0-9]*; do pid=\${pid#/proc/}; in_group "$pid" && state_of "$pid"; done; }
is_own() { case $groups in *" $1:"*) return 0 ;; esac; [ "$own" = ' ' ] && return 1; case $own in *" $1:$(start_of "$1") "*) return 0 ;; esac; return 1; }
# A program that the service itself is starts more of its kind.
belongs() { parent=$1; while [ "\${parent:-0}" -gt 1 ]; do if is_own "$parent"; then row "$parent" || return 1; mine=$parent; kind_of "$name"; [ "$kind" = "$2" ] && return 0; parent=$mine; fi; row "$parent" || return 1; done; return 1; }
is_automated() { parent=$1; while [ "\${parent:-0}" -gt 1 ]; do for word in $(tr '\\0' '\\n' < "/proc/$parent/cmdline" 2>/dev/null); do case $word in ${AUTOMATED_WORDS}) return 0 ;; esac; done; row "$parent" || return 1; done; return 1; }
spare() {
  spared=' '
  [ -d /proc/self ] || return
  for pid in $(carriers); do
    row "$pid" || continue
    its_group=$group
    kind_of "$name"
    [ -n "$kind" ] || continue
    found=$kind
    if [ "$found" = browser ] && is_automated "$pid"; then continue; fi
    case $found in 'container engine'|'container monitor') in_group "$pid" && continue ;; esac
    belongs "$pid" "$found" && continue
    spared="$spared$pid "
    case " $groups " in *" $its_group:"*) mixed="$mixed$its_group " ;; esac
  done
}
is_spared() { parent=$1; while [ "\${parent:-0}" -gt 1 ]; do is_own "$parent" && return 1; case $spared in *" $parent "*) return 0 ;; esac; row "$parent" || return 1; done; return 1; }
marked() { for pid in $(carriers); do is_spared "$pid" || echo "$pid"; done; }
state_of() { IFS= read -r line < "/proc/$1/stat" 2>/dev/null || return 0; case \${line##*) } in Z*|X*) ;; *) echo "$1" ;; esac; }
is_reused() { now=$(start_of "$pgid") && [ "$now" != "$start" ] && { [ "$start" != 0 ] || [ -n "$(state_of "$pgid")" ]; }; }
each_group() {
  for g in $groups; do
    pgid=\${g%%:*} rest=\${g#*:} start=\${rest%%:*} signal=\${rest#*:}
    is_reused && continue
    case $mixed in
      *" $pgid "*) for pid in $(in_own_groups); do row "$pid" && [ "$group" = "$pgid" ] && ! is_spared "$pid" && kill -s "\${1:-$signal}" "$pid" 2>/dev/null && [ -z "$1" ] && kill -s CONT "$pid" 2>/dev/null; done ;;
      *) kill -s "\${1:-$signal}" -- "-$pgid" 2>/dev/null && [ -z "$1" ] && kill -s CONT -- "-$pgid" 2>/dev/null ;;
    esac
  done
}
# A process that is ending, or has called execve(2) since, need not have the marker any more.
remember() { now=$(start_of "$1") || return 0; case "$daemons " in *" $1:$now "*) ;; *) daemons="$daemons $1:$now" ;; esac; }
each_daemon() { for d in $daemons; do pid=\${d%%:*}; [ "$(start_of "$pid")" = "\${d#*:}" ] && state_of "$pid"; done; }
alive() {
  [ -n "$(marked)" ] && return 0
  [ -n "$(each_daemon)" ] && return 0
  for g in $groups; do
    pgid=\${g%%:*} rest=\${g#*:} start=\${rest%%:*}
    is_reused && continue
    case $now in '') kill -s 0 -- "-$pgid" 2>/dev/null && [ ! -d /proc/self ] && return 0 ;; *) [ -n "$(state_of "$pgid")" ] && return 0 ;; esac
  done
  return 1
}
spare
each_group ''
for pid in $(marked); do remember "$pid"; kill -s TERM "$pid" 2>/dev/null; kill -s CONT "$pid" 2>/dev/null; done
while [ "$grace" -gt 0 ] && alive; do sleep ${STEP_MS.grace / 1000}; grace=$((grace - 1)); done
quiet=0 tries=0
while [ "$quiet" -lt 3 ] && [ "$tries" -lt ${Math.ceil(KILL_MS / STEP_MS.kill)} ]; do
  each_group KILL
  for pid in $(marked); do remember "$pid"; done
  for pid in $(each_daemon); do kill -s KILL "$pid" 2>/dev/null; done
  if alive; then quiet=0; else quiet=$((quiet + 1)); fi
  tries=$((tries + 1))
  sleep ${STEP_MS.kill / 1000}
done
`;

const RESTART_PAUSE_MS = 100;

export interface GuardOptions {
  readonly machine: Machine;
  /** `<stack id>:<session>:`, the beginning of every marker of the session. */
  readonly markerPrefix: string;
  /** Called whenever a guard has started. */
  readonly onStarted: (id: ProcessId) => void;
  /** Default: `GRACE_MS.guarded`. */
  readonly graceMs?: number;
}

interface Group {
  readonly id: ProcessId;
  readonly signal: string;
}

export class Guard {
  readonly #options: GuardOptions;
  readonly #groups = new Map<number, Group>();
  readonly #daemons = new Map<number, ProcessId>();
  #endedGroups: number[] = [];
  #child: ChildProcess | null = null;
  #over = false;
  readonly #ended = new AbortController();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /**
   * Starts the guard unless it is alive. A guard that dies before `dismiss` or `sweep` is started again. Systems without
   * process groups have no guard.
   */
  async start(): Promise<void> {
    const { machine, markerPrefix, graceMs = GRACE_MS.guarded } = this.#options;
    if (!machine.platform.hasProcessGroups || this.#over || this.#child) return;
    const { spawn } = process.getBuiltinModule('node:child_process');
    // The shell counts in whole numbers: with a fraction it would skip the grace.
    const steps = Math.ceil(graceMs / STEP_MS.grace);
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'devup-guard', `${MARKER_VARIABLE}=${markerPrefix}`, String(steps)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    const startNext = () => {
      if (this.#child === child) this.#child = null;
      // Pauses before the next guard, in case the system has run out of descriptors or processes.
      machine.clock.sleep(RESTART_PAUSE_MS, this.#ended.signal).then(
        () => this.start(),
        () => undefined,
      );
    };
    child.once('error', startNext);
    child.once('exit', startNext);
    this.#endedGroups = [];
    for (const group of this.#groups.values()) this.#write(plus(group));
    for (const { pid, start } of this.#daemons.values()) this.#write(`~ ${pid} ${start}`);
    const row = child.pid === undefined ? null : await machine.process(child.pid);
    if (row) this.#options.onStarted({ pid: row.pid, start: row.start });
  }

  watch(id: ProcessId, signal: string): void {
    // The new group may reuse the number of a group whose end has not been reported yet.
    this.#reportEndedGroups();
    const group = { id, signal: signal.replace(/^SIG/, '') };
    this.#groups.set(id.pid, group);
    this.#write(plus(group));
  }

  /** A process of a watched group that has no marker and does not lead the group, so that nothing else shows that it is alive. */
  watchProcess({ pid, start }: ProcessId): void {
    this.#reportEndedGroups();
    this.#daemons.set(pid, { pid, start });
    this.#write(`~ ${pid} ${start}`);
  }

  /** For a shared program that is the service itself, such as a browser that a script has started to serve its port. */
  claim({ pid, start }: ProcessId): void {
    this.#write(`= ${pid} ${start}`);
  }

  /** Groups that end in the same turn of the event loop are reported together, since the script walks all groups for each line. */
  forget(id: ProcessId): void {
    const isKnown = [this.#groups.delete(id.pid), this.#daemons.delete(id.pid)].includes(true);
    if (!isKnown) return;
    this.#endedGroups.push(id.pid);
    if (this.#endedGroups.length === 1) process.nextTick(() => this.#reportEndedGroups());
  }

  /** To be called when all services have ended. Resolves when the guard has exited. */
  async dismiss(): Promise<void> {
    this.#end();
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#endedGroups = [];
    child.stdin?.end('bye\n');
    await gone;
  }

  /** Lets the guard end the session's remaining processes, as if the supervisor had died. Resolves when the guard has exited. */
  async sweep(): Promise<void> {
    this.#end();
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#reportEndedGroups();
    child.stdin?.end();
    await gone;
  }

  #end(): void {
    this.#over = true;
    this.#ended.abort();
  }

  #reportEndedGroups(): void {
    if (this.#endedGroups.length > 0) this.#write(`- ${this.#endedGroups.splice(0).join(' ')}`);
  }

  #write(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }
}

function plus({ id, signal }: Group): string {
  return `+ ${id.pid} ${id.start} ${signal}`;
}
