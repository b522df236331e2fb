/** Tables without borders, as `docker ps` prints them: easy to grep, cut and paste. */
import { padEnd, padStart, width } from './text.ts';

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

const GAP = '   ';

/** Cells may contain colours. The last column is not padded, so lines have no trailing spaces. */
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
