/** D108: without `strictPort`, Vite silently moves to the next free port, where no client finds it. */
import { commandText } from '../../model/service.ts';
import { parent } from '../contract.ts';
import { type Rule, warning } from './rule.ts';

export const strictPort: Rule = ({ references, contract, judged }) =>
  references.flatMap((one) => {
    if (one.kind !== 'setting' || one.value === true) return [];
    const service = contract.ofFolder(one.place.file);
    if (!service) return [];
    const command = service.command === null ? '' : commandText(service.command);
    const folder = parent(one.place.file);
    const inScript = judged.some(({ reference }) => parent(reference.place.file) === folder && reference.text.includes('--strictPort'));
    if (command.includes('--strictPort') || inScript) return [];
    return [
      warning(
        'D108',
        `${service.name} may move to another port: server.strictPort is ${one.value === false ? 'false' : 'missing'}`,
        one.place,
        {
          service: service.name,
          expected: 'strictPort: true',
          found: one.value === false ? 'false' : null,
          fix: one.value === false ? 'write true' : 'add strictPort: true',
          replacement: one.value === false ? 'true' : null,
        },
      ),
    ];
  });
