/** Prometheus's scrape targets: `scrape_configs[].static_configs[].targets`. */
import type { PortReference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { placesOf } from '../places.ts';
import type { PortSource } from '../source.ts';
import { isLocal } from './scan.ts';
import { targetsIn } from './targets.ts';

export const prometheus: PortSource = {
  name: 'prometheus',
  matches: (path) => /\.ya?ml$/.test(path),
  mayHavePorts: (text) => /^scrape_configs:/m.test(text),
  async read(file) {
    const { parseYamlNodes } = await import('./yaml.ts');
    const places = placesOf(file);
    const documents = parseYamlNodes(file);
    const urls = documents.flatMap((root) => ['remote_write', 'remote_read'].flatMap((key) => root.get(key).items()));
    const written = urls.flatMap((one) => {
      const scalar = one.get('url').scalar();
      return scalar ? targetsIn(scalar.text, scalar.from, { places }) : [];
    });
    const alerts = documents.flatMap((root) => root.get('alerting', 'alertmanagers').items());
    const jobs = documents.flatMap((root) => root.get('scrape_configs').items());
    const scraped = [...jobs, ...alerts].flatMap((job) => {
      const name = job.get('job_name').scalar()?.text;
      const targets = job
        .get('static_configs')
        .items()
        .flatMap((config) => config.get('targets').items());
      return targets.flatMap((target): readonly PortReference[] => {
        const scalar = target.scalar();
        const match = scalar && /^(.*):(\d+)$/.exec(scalar.text);
        const port = parsePort(match?.[2] ?? '');
        if (!scalar || !match || port === null) return [];
        const [, host = '', digits = ''] = match;
        const to = scalar.from + scalar.text.length;
        const own = name === undefined ? [] : [name];
        // A job may scrape several services, so its name identifies the port's service only if it has a single target.
        const names = isLocal(host) ? (targets.length === 1 ? own : []) : [host];
        return [{ kind: 'port', use: 'target', place: places(to - digits.length, to), port, host, names, text: scalar.text, hints: own }];
      });
    });
    return [...scraped, ...written];
  },
};
