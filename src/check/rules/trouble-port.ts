/** D112: ports that cause trouble for any program. */
import { portTroubles } from '../../model/port-trouble.ts';
import { type Rule, warning } from './rule.ts';

export const troublePort: Rule = (facts) =>
  facts.contract.stack.services.flatMap((service) =>
    service.ports.flatMap(({ port }) =>
      portTroubles(port, facts).map((trouble) => {
        const { why, fix } = facts.describeTrouble(trouble);
        return warning('D112', `${service.name} is on ${port}: ${why}`, null, { service: service.name, port, found: String(port), fix });
      }),
    ),
  );
