/** A page of panels: each asks the gateway for rows every five seconds, and shows when there is no answer. */
import { ask } from './gateway.ts';
import './page.css';

export interface Panel<Row> {
  readonly title: string;
  readonly path: string;
  /** The member of the answer that holds the rows. */
  readonly rows: string;
  readonly line: (row: Row) => string;
}

const EVERY_MS = 5000;

/** Shows `panel` on the page and refreshes it for ever. */
export function show<Row>(panel: Panel<Row>): void {
  const section = document.createElement('section');
  section.innerHTML = '<h2></h2><p role="status">asking …</p><ul></ul>';
  const [title, status, list] = section.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
  title.textContent = panel.title;
  document.querySelector('main')?.append(section);

  const refresh = async () => {
    try {
      const answer = await ask<{ [rows: string]: Row[] }>(panel.path);
      const rows = answer[panel.rows] ?? [];
      list.replaceChildren(...rows.map((row) => Object.assign(document.createElement('li'), { textContent: panel.line(row) })));
      status.textContent = `${rows.length} rows, ${new Date().toLocaleTimeString()}`;
    } catch (error) {
      status.textContent = `no answer: ${(error as Error).message}`;
    }
    setTimeout(refresh, EVERY_MS);
  };
  refresh();
}
