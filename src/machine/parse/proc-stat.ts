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

/**
 * What follows the name: the state, which is field 3 of proc(5), and of the fields 4 to 24 those that are wanted. One
 * pattern, as a look reads this line of every process: splitting it makes half a hundred texts of which eight are used.
 */
const shape =
  /^([A-Za-z]) (\d{1,16}) (\d{1,16}) (\d{1,16}) (?:-?\d+ ){7}(\d{1,16}) (\d{1,16}) (?:-?\d+ ){4}(\d{1,16}) -?\d+ (\d{1,16}) \d+ (\d{1,16})(?:\s|$)/;

/** Null for anything that is not a whole record. */
export function parseProcStat(text: string): ProcStat | null {
  const open = text.indexOf(' (');
  const close = text.lastIndexOf(') ');
  if (open < 1 || close < open + 2) return null;
  const number = text.slice(0, open);
  const match = shape.exec(text.slice(close + 2));
  if (match === null || !/^\d{1,16}$/.test(number)) return null;
  const [, state = '', ppid, pgid, sid, user, system, threads, start, residentPages] = match;
  return {
    pid: Number(number),
    name: text.slice(open + 2, close),
    state,
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    cpuTicks: Number(user) + Number(system),
    threads: Number(threads),
    start: Number(start),
    residentPages: Number(residentPages),
  };
}

/**
 * A zombie is dead, also where nobody collects it. One with more than one thread is not: its first thread has ended,
 * the others go on.
 */
export function isDead(stat: ProcStat): boolean {
  return stat.state === 'X' || stat.state === 'x' || (stat.state === 'Z' && stat.threads <= 1);
}
