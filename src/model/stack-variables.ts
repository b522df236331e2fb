/** The variables that tell a command of `devup run` where the services are. */
import { type Service, serviceUrl } from './service.ts';
import { variableName } from './service-name.ts';

export interface StackVariable {
  readonly name: string;
  readonly value: string;
  /** Name of the port; null for the URL. */
  readonly port: string | null;
}

/**
 * `DEVUP_URL_<SERVICE>` and `DEVUP_PORT_<SERVICE>` for the main port, and `DEVUP_PORT_<SERVICE>_<NAME>` for each port with a name of
 * its own. None for a service without ports.
 */
export function stackVariables(service: Pick<Service, 'name' | 'host' | 'ports'>): readonly StackVariable[] {
  const of = variableName(service.name);
  const [main] = service.ports;
  const url = serviceUrl(service);
  if (!main || url === null) return [];
  const named = service.ports.filter(({ name }) => name !== 'main');
  return [
    { name: `DEVUP_URL_${of}`, value: url, port: null },
    { name: `DEVUP_PORT_${of}`, value: String(main.port), port: main.name },
    ...named.map(({ name, port }) => ({ name: `DEVUP_PORT_${of}_${variableName(name)}`, value: String(port), port: name })),
  ];
}
