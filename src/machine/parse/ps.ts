/**
 * Parses the table of `ps -axo pid=,ppid=,pgid=,uid=,state=,time=,rss=,lstart=,ucomm=` (BSD, LC_ALL=C, TZ=UTC0). The name
 * comes last because it may contain blanks. BSD escapes unprintable characters, so every row is one line.
 *
 *      5210  5100  5210   501 S      0:01.25   48392 Sun Nov 22 09:12:00 2026     node
 */

export interface PsRow {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly uid: number;
  /** One letter: R S I T U Z. */
  readonly state: string;
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** Milliseconds since 1970, whole seconds. */
  readonly startedAtMs: number;
  readonly name: string;
}

export const psColumns = 'pid=,ppid=,pgid=,uid=,state=,time=,rss=,lstart=,ucomm=';

const shape =
  /^ *(\d{1,10}) +(\d{1,10}) +(\d{1,10}) +(\d{1,10}) +([A-Z])\S* +(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?) +(\d+) +\w{3} +(\w{3}) +(\d{1,2}) +(\d{2}):(\d{2}):(\d{2}) +(\d{4}) ?(.*)$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Leaves out lines that are not complete rows. */
export function parsePs(text: string): readonly PsRow[] {
  const rows: PsRow[] = [];
  for (const line of text.split('\n')) {
    const match = shape.exec(line);
    if (match === null) continue;
    const number = (index: number) => Number(match[index] ?? 0);
    const month = months.indexOf(match[11] ?? '');
    if (month < 0) continue;
    rows.push({
      pid: number(1),
      ppid: number(2),
      pgid: number(3),
      uid: number(4),
      state: match[5] ?? '',
      cpuMs: Math.round((((number(6) * 24 + number(7)) * 60 + number(8)) * 60 + number(9)) * 1000),
      residentBytes: number(10) * 1024,
      startedAtMs: Date.UTC(number(16), month, number(12), number(13), number(14), number(15)),
      name: (match[17] ?? '').trim(),
    });
  }
  return rows;
}

/**
 * The value of a variable in the output of `ps -E -ww -o command=`: the arguments, then the environment, all joined by
 * blanks. The last occurrence is in the environment. A value is cut at its first blank, since it cannot be told from the
 * next variable.
 */
export function parsePsVariable(text: string, name: string): string | null {
  const words = text.trimEnd().split(' ');
  const word = words.findLast((each) => each.startsWith(`${name}=`));
  return word === undefined ? null : word.slice(name.length + 1);
}
