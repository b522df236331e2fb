/**
 * Parses `/proc/PID/stat`: `5210 (a) "b\n,pid=1) S 5100 5210 5210 …`. The name may contain any character, including blanks,
 * parentheses and newlines. No other field contains a parenthesis, so the last `)` ends the name.
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
 * The fields after the name: the state (field 3 of proc(5)) and the needed ones of fields 4 to 24. A pattern, because a
 * scan parses this line for every process, and splitting it would create fifty strings to use eight.
 */
const shape =
  /^([A-Za-z]) (\d{1,16}) (\d{1,16}) (\d{1,16}) (?:-?\d+ ){7}(\d{1,16}) (\d{1,16}) (?:-?\d+ ){4}(\d{1,16}) -?\d+ (\d{1,16}) \d+ (\d{1,16})(?:\s|$)/;

/** Null for an incomplete record. */
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
 * A zombie is dead, even if its parent does not collect it. In one with several threads only the first thread has ended, and the
 * others still run.
 */
export function isDead(stat: ProcStat): boolean {
  return stat.state === 'X' || stat.state === 'x' || (stat.state === 'Z' && stat.threads <= 1);
}

/**
 * True for an environment that ends where it begins (fields 50 and 51 of proc(5)). Both addresses are 0 until execve(2) has written the
 * environment of the new program: such a process may have variables in a moment.
 */
export function hasNoVariables(text: string): boolean {
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
  const [begin, end] = [fields[ENVIRONMENT.begin], fields[ENVIRONMENT.end]];
  return begin !== undefined && begin === end && begin !== '0';
}

/** Counted from the state, which is field 3. */
const ENVIRONMENT = { begin: 50 - 3, end: 51 - 3 };
