/** E5xx: changes to the repository's files. */
import type { Failure, FailureOf, UnusableEdit } from '../../model/failure.ts';
import { harmless } from '../../model/harmless.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { Viewer, Words } from './viewer.ts';

export function serviceExists(f: FailureOf<'E501'>, _viewer: Viewer): Words {
  return {
    what: `a service called ${harmless(f.name)} already exists`,
    why: `${harmless(f.file)} declares it; nothing was changed`,
    fix: 'choose another name; devup ports shows the port of the existing service',
  };
}

export function portNotGiven(f: FailureOf<'E502'>, _viewer: Viewer): Words {
  const what = f.port === null ? `${harmless(f.service)} cannot have a port` : `${harmless(f.service)} cannot have ${f.port}`;
  return { what, why: unusable(f.because), fix: remedy(f) };
}

function unusable(because: FailureOf<'E502'>['because']): string {
  switch (because.kind) {
    case 'declared':
      return `${harmless(because.by)} already has this port`;
    case 'outside':
      return `it is outside the range of ${harmless(because.category)}, ${because.range.from}-${because.range.to}`;
    case 'other-range':
      return `it is in the range of ${harmless(because.category)}, ${because.range.from}-${because.range.to}`;
    case 'full':
      return `every port of ${harmless(because.category)} (${because.range.from}-${because.range.to}) is declared or in use`;
    case 'no-range':
      return because.category === null
        ? 'neither a category nor a port was given'
        : `the config declares no range for ${harmless(because.category)}`;
  }
}

function remedy({ service, because, next }: FailureOf<'E502'>): string {
  if (because.kind === 'no-range') {
    if (because.suggestion !== null) return `did you mean ${harmless(because.suggestion)}?`;
    const [category] = because.known;
    return category === undefined || because.category !== null
      ? `choose a port with --port, or declare a range for the category`
      : `devup add ${shellWord(service)} --category ${shellWord(harmless(category))}${because.known.length > 1 ? `, or one of ${because.known.slice(1).map(harmless).join(', ')}` : ''}`;
  }
  if (next !== null) return `${next} is free: leave out --port, or use --port ${next}`;
  return because.kind === 'full' ? 'widen the range in the config, or choose a port with --port' : 'choose another port';
}

/** `describe` gives the words for a failure of the edited config. */
export function notEditable(f: FailureOf<'E503'>, describe: (failure: Failure) => Words): Words {
  const why = typeof f.why === 'string' ? f.why : unusableEdit(f.why, describe);
  return {
    what: `${harmless(f.service)} was not added: ${harmless(f.file)}${f.line === null ? '' : `:${f.line}`} ${harmless(why)}`,
    why: 'devup cannot tell where in the file the service belongs; nothing was changed',
    fix: f.snippet === '' ? 'add it by hand, then: devup check' : 'add the lines above to it by hand, then: devup check',
    details: f.snippet === '' ? [] : f.snippet.split('\n').map(harmless),
  };
}

function unusableEdit(edit: UnusableEdit, describe: (failure: Failure) => Words): string {
  switch (edit.kind) {
    case 'unchanged':
      return 'would not change';
    case 'not-loading': {
      const { what, why, details } = describe(edit.failure);
      return `would not load any more: ${[why ?? what, ...(details ?? [])].join('; ')}`;
    }
    case 'other-services':
      return 'would not load the service as written';
    default:
      return edit satisfies never;
  }
}

const NOT_WRITTEN: Readonly<Record<FailureOf<'E504'>['why'], Pick<Words, 'why' | 'fix'>>> = {
  changed: { why: 'it has changed since it was read', fix: 'run the command again' },
  'read-only': { why: 'it is read-only', fix: 'make it writable and try again' },
  'not-utf8': { why: 'it is not UTF-8, and writing it would change more than the added lines', fix: 'save it as UTF-8 and try again' },
  exists: { why: 'it already exists', fix: 'remove it and try again' },
  outside: {
    why: 'its path leads out of the repository, perhaps by a link, or into .git',
    fix: 'replace the link by a file or folder of the repository, or write the target itself',
  },
  'no-space': { why: 'the disk is full', fix: 'free some space and try again' },
};

export function notWritten(f: FailureOf<'E504'>, _viewer: Viewer): Words {
  return { what: `${harmless(f.file)} could not be written, so no file was changed`, ...NOT_WRITTEN[f.why] };
}

export function wouldDisagree(f: FailureOf<'E505'>, _viewer: Viewer): Words {
  return {
    what: `${harmless(f.service)} was not added: files would disagree with the config`,
    why:
      f.findings.length === 1 ? 'devup check would report one more problem' : `devup check would report ${f.findings.length} more problems`,
    fix: 'choose another port with --port, or fix these first',
    details: f.findings.map(
      ({ code, message, place }) => `${code} ${harmless(message)}${place ? `  ${harmless(place.file)}:${place.line}:${place.column}` : ''}`,
    ),
  };
}
