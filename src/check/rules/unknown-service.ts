/** D110: a file has a service whose port the config does not know. */
import { oneLine } from './different-port.ts';
import { type Rule, warning } from './rule.ts';

export const unknownService: Rule = ({ judged }) =>
  judged.flatMap(({ reference, judgement }) => {
    if (judgement.kind !== 'unknown') return [];
    const { port, place, names, text } = reference;
    const name = names.find((one) => !one.startsWith('script:'));
    return [
      warning('D110', `${name ?? oneLine(text)} has the port ${port}, which no service of the config declares`, place, {
        port,
        found: String(port),
        fix: 'declare the service, or correct the port',
      }),
    ];
  });
