/** Who descends from whom, as one look at the process table tells; and which programs belong to a person, not to a service. */
import type { ProcessRow } from '../machine/machine.ts';

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
