/** Commands about the ports that a stack promises, on this machine and in its repository. */
import { type CommandSpec, MANY, SERVICES } from './spec.ts';

export const CONTRACT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ports',
    summary: 'show the ports of the stack, and who listens on them',
    words: { name: 'port|from-to|service', least: 0, most: MANY },
    rest: false,
    flags: [
      { long: 'all', short: 'a', summary: 'every listener on this machine' },
      { long: 'next', value: { name: 'range', kind: 'text' }, summary: 'the lowest free port of the range that no service declares' },
    ],
    examples: [
      ['devup ports', 'the ports of the config'],
      ['devup ports 8002', 'who listens there, in full'],
      ['devup ports --all', 'every listener on this machine'],
      ['devup ports --next 3000-3099', 'a port for a new service'],
      ['devup ports --next backend', 'the same, in a range of the config'],
    ],
    elsewhere: ['port', 'netstat', 'listeners'],
  },
  {
    name: 'check',
    summary: 'compare the ports in the files of the repository with the config',
    words: { name: 'nothing', least: 0, most: 0 },
    rest: false,
    flags: [
      { long: 'fix', summary: 'correct what is certain, after showing the difference' },
      { long: 'live', summary: 'compare the running stack with the config instead of files' },
      { long: 'format', value: { name: 'format', kind: 'format' }, summary: 'text, json, github or sarif (default text)' },
    ],
    examples: [
      ['devup check', 'where package.json, .env, compose, documents, … disagree'],
      ['devup check --fix', 'correct the ports in these files'],
      ['devup check --live', 'who really listens, and whether origins, links and routes answer'],
      ['devup check --format=github', 'as annotations for GitHub Actions'],
    ],
    elsewhere: ['lint', 'verify', 'validate', 'drift'],
  },
  {
    name: 'graph',
    summary: 'show what starts after what, in which wave, and on which condition',
    words: SERVICES,
    rest: false,
    flags: [{ long: 'format', value: { name: 'format', kind: 'drawing' }, summary: 'text, mermaid or dot (default text)' }],
    examples: [
      ['devup graph', 'the whole stack as a tree'],
      ['devup graph frontend', 'frontend and what it needs'],
      ['devup graph --format=mermaid', 'for a Markdown file'],
    ],
    elsewhere: ['tree', 'deps', 'viz', 'plan'],
  },
  {
    name: 'env',
    summary: 'print the variables that a service gets, as lines of a .env file',
    words: { name: 'service', least: 1, most: 1 },
    rest: false,
    flags: [{ long: 'all', short: 'a', summary: 'also the variables inherited from this shell' }],
    examples: [
      ['devup env backend', 'what devup, the config and envFile set'],
      ['devup env backend --json', 'for a program'],
    ],
    elsewhere: ['environment', 'printenv', 'vars'],
  },
  {
    name: 'open',
    summary: 'open a service, or one of its links, in the browser',
    words: { name: 'service[:link]', least: 0, most: 1 },
    rest: false,
    flags: [{ long: 'print', summary: 'only print the address' }],
    examples: [
      ['devup open', 'the frontend'],
      ['devup open backend:admin', 'the link Admin of backend'],
    ],
    elsewhere: ['browse', 'url', 'visit'],
  },
  {
    name: 'add',
    summary: 'give a new service a port, and write it into the config and every file that lists its siblings',
    words: { name: 'service', least: 1, most: 1 },
    rest: false,
    flags: [
      {
        long: 'category',
        value: { name: 'name', kind: 'text' },
        summary: 'the category: the port comes from its range, and its services are the model',
      },
      { long: 'port', value: { name: 'port', kind: 'port' }, summary: 'this port (default: the next free one of the range)' },
      {
        long: 'command',
        value: { name: 'command', kind: 'text' },
        summary: "what to run (default: like the nearest sibling, with the new service's name and port)",
      },
      {
        long: 'cwd',
        value: { name: 'folder', kind: 'text' },
        summary: 'where to run it, relative to the config (default: like the nearest sibling)',
      },
      { long: 'description', value: { name: 'text', kind: 'text' }, summary: 'for the config and the document' },
      { long: 'dry-run', summary: 'only show the difference' },
      { long: 'yes', short: 'y', summary: 'write without asking; without a terminal nothing is asked' },
    ],
    examples: [
      ['devup add billing --category backend', 'the next free port of the backends, and everything modelled on the nearest one'],
      ['devup add billing --category backend --dry-run', 'what would be written'],
      ['devup add mailhog --port 8025 --command mailhog', 'a service with a port of its own'],
    ],
    elsewhere: ['new', 'create', 'generate', 'scaffold'],
  },
  {
    name: 'docs',
    summary: 'write the port document from the config, between markers in a Markdown file',
    words: { name: 'nothing', least: 0, most: 0 },
    rest: false,
    flags: [
      { long: 'file', value: { name: 'file', kind: 'text' }, summary: 'the file (default: the one with the markers, or PORTS.md)' },
      { long: 'check', summary: 'write nothing; exit 6 if the file is out of date' },
      { long: 'stdout', summary: 'print it instead' },
    ],
    examples: [
      ['devup docs', 'PORTS.md, or the file that has the markers'],
      ['devup docs --check', 'for CI'],
    ],
    elsewhere: ['doc', 'document', 'readme'],
  },
  {
    name: 'doctor',
    summary: 'print a report on this machine and this stack, to paste into an issue',
    words: { name: 'nothing', least: 0, most: 0 },
    rest: false,
    flags: [],
    examples: [
      ['devup doctor', 'exits 1 when something is wrong'],
      ['devup doctor --json', 'for a program'],
    ],
    elsewhere: ['diagnose', 'support', 'report'],
  },
  {
    name: 'explain',
    summary: 'explain what an error code means, and what to do about it',
    words: { name: 'code', least: 0, most: 1 },
    rest: false,
    flags: [],
    examples: [
      ['devup explain E104', 'why a service is not ready, and what helps'],
      ['devup explain', 'every code'],
    ],
    elsewhere: ['why', 'error', 'errors'],
  },
];
