/** `${services.db.port}` and `${services.web.url}` in the words of a command, as in a config. Any other `${…}` belongs to the command. */
import type { Failure } from '../../model/failure.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { mainPort, type Service, serviceUrl } from '../../model/service.ts';
import { suggest } from '../../model/suggest.ts';

/** `$${services.db.port}` is a literal `${services.db.port}`. */
const REFERENCE = /(\$?)\$\{services\.([^{}]+)\.(port|url)\}/g;

/** Fails with E001 for a service that does not exist or has no port. */
export function withAddresses(words: readonly string[], services: readonly Service[], command: string): Result<readonly string[], Failure> {
  const problems: { readonly message: string; readonly suggestion: string | null }[] = [];
  const replaced = words.map((word) =>
    word.replace(REFERENCE, (whole, escaped: string, name: string, part: 'port' | 'url') => {
      if (escaped) return whole.slice(1);
      const service = services.find((one) => one.name === name);
      const value = service && (part === 'port' ? mainPort(service) : serviceUrl(service));
      if (value !== undefined && value !== null) return String(value);
      const near = suggest(
        name,
        services.map((one) => one.name),
      );
      problems.push({
        message: `"${whole}" refers to ${service ? `${name}, which has no port` : `a service "${name}", which does not exist`}`,
        suggestion: service || near === null ? null : `\${services.${near}.${part}}`,
      });
      return whole;
    }),
  );
  const [problem] = problems;
  return problem ? fail({ code: 'E001', kind: 'usage', ...problem, command }) : ok(replaced);
}
