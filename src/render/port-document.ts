/**
 * Generates the port document from a config, for the space between the markers of a Markdown file. The text depends on
 * neither machine nor date, so the same config always gives the same text.
 */
import type { PortDocument } from '../model/port-document.ts';
import { markdownText } from './document/markdown.ts';
import { routes, troubleshooting } from './document/network.ts';
import { environment, links, order, running } from './document/running.ts';
import { adding, rangesTable, remarks, serviceTables } from './document/services.ts';

/** Markdown with `\n` line ends, including the last line. */
export function portDocument({ stack, config, frontends }: PortDocument): string {
  const sections = [
    [
      `## Ports of ${markdownText(stack.name)}`,
      '',
      `Generated from \`${config}\` by \`devup docs\`: changes here are overwritten. Each port is fixed: other services, other developers and CI rely on it, and devup never moves a service to another port.`,
    ],
    ...serviceTables(stack),
    rangesTable(stack),
    running(stack),
    order(stack),
    links(stack),
    environment(stack),
    routes(stack),
    troubleshooting(stack, frontends),
    adding(stack),
    remarks(stack),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
