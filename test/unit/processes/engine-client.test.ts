import { describe, expect, it } from 'vitest';
import { mayBeClient, parseClient } from '../../../src/processes/engine-client.ts';

const parse = (line: string) => parseClient(line.split(' '));

describe('a command line that starts containers', () => {
  it.each([
    ['docker run --rm -p 8000:80 nginx', { engine: ['docker'], verb: 'run', words: ['--rm', '-p', '8000:80', 'nginx'] }],
    [
      '/usr/bin/docker -H unix:///x.sock container run nginx',
      { engine: ['/usr/bin/docker', '-H', 'unix:///x.sock'], verb: 'run', words: ['nginx'] },
    ],
    [
      'podman --root /x --runtime=runc --remote start -a db',
      { engine: ['podman', '--root', '/x', '--runtime=runc', '--remote'], verb: 'start' },
    ],
    [
      'docker compose -f dev.yaml -p shop up --build db',
      { verb: 'compose up', composeOptions: ['-f', 'dev.yaml', '-p', 'shop'], words: ['--build', 'db'] },
    ],
    ['/usr/libexec/docker/cli-plugins/docker-compose compose up', { engine: ['docker'], verb: 'compose up', words: [] }],
    ['/usr/bin/python3 /usr/bin/docker-compose up db', { engine: ['docker'], verb: 'compose up', words: ['db'] }],
    ['podman-compose up', { engine: ['podman'], verb: 'compose up' }],
    ['docker compose run --service-ports web', { verb: 'compose run' }],
    ['nerdctl run nginx', { engine: ['nerdctl'], verb: 'run' }],
  ])('is seen in `%s`', (line, expected) => {
    expect(parse(line)).toMatchObject(expected);
  });

  it.each([
    'docker ps',
    'docker exec db run',
    'docker build -t run .',
    'docker compose logs -f',
    'docker',
    'podman system service tcp:localhost:8080',
    'node run.js',
    'sh -c docker run nginx',
    'echo docker run nginx',
  ])('is not seen in `%s`', (line) => {
    expect(parse(line)).toBeNull();
  });
});

it('may be the one of a process with the name of a client', () => {
  expect(['docker', 'podman', 'docker-compose', 'nerdctl', 'Docker.exe'].map(mayBeClient)).toEqual([true, true, true, true, true]);
  expect(['dockerd', 'docker-proxy', 'node', 'constructor'].map(mayBeClient)).toEqual([false, false, false, false]);
});
