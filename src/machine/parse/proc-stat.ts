/**
 * `/proc/PID/stat`: `5210 (a) "b\n,pid=1) S 5100 5210 5210 …`. The name may hold anything, blanks, parentheses and
 * newlines too, but it is the only such field, so the last `)` ends it.
 */

export interface ProcStat {
  readonly pid: number;
  readonly name: string;
  /** One letter: R S D T t Z X I … */
  readonly state: string;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly cpuTicks: number;
  readonly threads: number;
  /** Ticks since boot. */
  readonly start: number;
  readonly residentPages: number;
}

/** Null for anything that is not a whole record. */
export function parseProcStat(text: string): ProcStat | null {
  const open = text.indexOf(' (');
  const close = text.lastIndexOf(') ');
  if (open < 1 || close < open + 2) return null;
  const fields = text
    .slice(close + 2)
    .trimEnd()
    .split(' ');
  const state = fields[0] ?? '';
  const pid = wholeNumber(text.slice(0, open));
  // proc(5) counts from 1 with the pid; the state, its field 3, is our field 0.
  const [ppid, pgid, sid, user, system, threads, start, residentPages] = [4, 5, 6, 14, 15, 20, 22, 24].map((n) =>
    wholeNumber(fields[n - 3] ?? ''),
  );
  if (!/^[A-Za-z]$/.test(state)) return null;
  if (pid == null || ppid == null || pgid == null || sid == null || user == null || system == null) return null;
  if (threads == null || start == null || residentPages == null) return null;
  return { pid, name: text.slice(open + 2, close), state, ppid, pgid, sid, cpuTicks: user + system, threads, start, residentPages };
}

/**
 * A zombie is dead, also where nobody collects it. One with more than one thread is not: its first thread has ended,
 * the others go on.
 */
export function isDead(stat: ProcStat): boolean {
  return stat.state === 'X' || stat.state === 'x' || (stat.state === 'Z' && stat.threads <= 1);
}

function wholeNumber(text: string): number | null {
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}
