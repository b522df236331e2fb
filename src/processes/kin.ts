/**
 * Who descends from whom, as one look at the process table tells. A look takes a while: a number may pass to another
 * process between two of its rows, and a child of the new owner would be taken for one of the old. So a newcomer whose
 * parent, group or session changed hands during the look is left for the next one to judge.
 */
import type { Machine, ProcessRow } from '../machine/machine.ts';

/** Living processes. `known` (pid → start) are those that earlier looks have placed. */
export async function processTable(machine: Machine, known: ReadonlyMap<number, number>): Promise<readonly ProcessRow[]> {
  const rows = await machine.processes();
  const starts = new Map(rows.map((row) => [row.pid, row.start]));
  const now = new Map<number, number | null>();
  const changedHands = async (pid: number): Promise<boolean> => {
    const then = starts.get(pid);
    if (then === undefined) return false;
    if (!now.has(pid)) now.set(pid, (await machine.process(pid))?.start ?? null);
    const start = now.get(pid);
    return start !== null && start !== then;
  };
  const certain: ProcessRow[] = [];
  for (const row of rows) {
    const ties = known.get(row.pid) === row.start ? [] : [row.ppid, row.pgid, row.sid].filter((pid) => pid !== row.pid);
    let doubtful = false;
    for (const pid of new Set(ties)) doubtful ||= await changedHands(pid);
    if (!doubtful) certain.push(row);
  }
  return certain;
}

/** The process table by parent. */
export function childrenOf(rows: readonly ProcessRow[]): Map<number, ProcessRow[]> {
  const children = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    const siblings = children.get(row.ppid);
    if (siblings) siblings.push(row);
    else children.set(row.ppid, [row]);
  }
  return children;
}

/** Each once, roots first. */
export function withDescendants(roots: readonly ProcessRow[], children: ReadonlyMap<number, readonly ProcessRow[]>): readonly ProcessRow[] {
  const found = new Map(roots.map((root) => [root.pid, root]));
  for (const row of found.values()) for (const child of children.get(row.pid) ?? []) if (!found.has(child.pid)) found.set(child.pid, child);
  return [...found.values()];
}

/** Programs that people share between projects: one that is known by its marker alone was merely opened by a service. */
const SHARED_PROGRAMS =
  /^(chrome|chromium|google-chrome|firefox|safari|msedge|code|cursor|windsurf|idea|webstorm|pycharm|nvim|vim|emacs|tmux|screen|ssh-agent|gpg-agent|watchman|adb|dockerd|podman|containerd|conmon|colima)(?![a-z])/i;

export function isShared(name: string): boolean {
  return SHARED_PROGRAMS.test(name);
}
