/** Borderless tables, as `docker ps` prints them: they grep, cut and paste well. */
import { padEnd, padStart, width } from './text.ts';

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

const GAP = '   ';

/** Cells may carry colours. The last column is never padded, so lines have no blanks at their ends. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = columns.map((column, i) => Math.max(width(column.title), ...rows.map((row) => width(row[i] ?? ''))));
  const lines = [columns.map((column) => column.title), ...rows].map((row) =>
    columns
      .map((column, i) => (column.right ? padStart(row[i] ?? '', cells[i] as number) : padEnd(row[i] ?? '', cells[i] as number)))
      .join(GAP)
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
