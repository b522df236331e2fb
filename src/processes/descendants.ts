/** Children and descendants of processes, as of one scan. */
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

/** The roots and all their descendants, each once, roots first. */
export function withDescendants(roots: readonly ProcessRow[], children: ReadonlyMap<number, readonly ProcessRow[]>): readonly ProcessRow[] {
  const found = new Map(roots.map((root) => [root.pid, root]));
  for (const row of found.values()) for (const child of children.get(row.pid) ?? []) if (!found.has(child.pid)) found.set(child.pid, child);
  return [...found.values()];
}
