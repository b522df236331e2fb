import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContainer } from '../../../../src/machine/parse/container.ts';
import { mutated, port } from './hostile.ts';

/** podman 4.3.1: `podman run -d --name db -e PASSWORD=hunter2 -p 23457:80 -p 9000-9001:9000-9001 -p 53535:53/udp --expose 7000 …`, cut. */
const podman = `[{"Id": "9707954970a751f526d84e32f506c7a34a9959c821bd69b834ea19fd71ebe399", "Path": "/srv", "Args": ["80"],
  "State": {"OciVersion": "1.0.2-dev", "Status": "running", "Running": true, "Paused": false, "Pid": 7345, "ConmonPid": 7333, "ExitCode": 0,
    "StartedAt": "2026-11-22T06:11:57.758556408Z", "FinishedAt": "0001-01-01T00:00:00Z"},
  "ImageName": "localhost/devup-test:1", "Name": "db", "Config": {"Env": ["PASSWORD=hunter2"]},
  "HostConfig": {"NetworkMode": "bridge", "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "23457"}]}},
  "NetworkSettings": {"IPAddress": "10.88.0.8", "GlobalIPv6Address": "", "SandboxKey": "/run/netns/netns-87de5b25-0a1c-cf8f-7eaf-911b993cc866",
    "Ports": {"53/udp": [{"HostIp": "", "HostPort": "53535"}], "7000/tcp": null, "80/tcp": [{"HostIp": "", "HostPort": "23457"}],
      "9000/tcp": [{"HostIp": "", "HostPort": "9000"}], "9001/tcp": [{"HostIp": "", "HostPort": "9001"}]},
    "Networks": {"podman": {"IPAddress": "10.88.0.8", "GlobalIPv6Address": "", "NetworkID": "podman"}}}}]`;

/** The shape that docker documents: a name with a slash, both families, addresses by network only. */
const docker = `[{"Id": "4f1c${'0'.repeat(60)}", "State": {"Status": "running", "Running": true, "Pid": 4211, "StartedAt": "2026-11-22T09:12:00Z"},
  "Name": "/shop-db-1", "HostConfig": {"NetworkMode": "shop_default", "PortBindings": {"5432/tcp": [{"HostIp": "", "HostPort": "5432"}]}},
  "NetworkSettings": {"SandboxKey": "/var/run/docker/netns/4f1c", "Ports": {"5432/tcp": [{"HostIp": "0.0.0.0", "HostPort": "5432"}, {"HostIp": "::", "HostPort": "5432"}]},
    "Networks": {"shop_default": {"IPAddress": "172.18.0.2", "GlobalIPv6Address": ""}}}}]`;

const read = (text: string) => parseContainer(text, 'docker');

describe("an engine's description of a container", () => {
  it('names the running container and its published ports', () => {
    expect(parseContainer(podman, 'podman')).toEqual({
      engine: 'podman',
      id: '9707954970a751f526d84e32f506c7a34a9959c821bd69b834ea19fd71ebe399',
      name: 'db',
      status: 'running',
      running: true,
      pid: 7345,
      hostNetwork: false,
      publishes: [9000, 9001, 23457],
      addresses: ['10.88.0.8'],
      sandbox: '/run/netns/netns-87de5b25-0a1c-cf8f-7eaf-911b993cc866',
      image: 'localhost/devup-test:1',
      command: [],
      createdAtMs: null,
      startedAtMs: Date.parse('2026-11-22T06:11:57.758Z'),
      createCommand: null,
      compose: null,
    });
    expect(read(docker)).toMatchObject({ name: 'shop-db-1', publishes: [5432], addresses: ['172.18.0.2'], pid: 4211 });
  });

  it('tells what made it: the image, the command line, the compose file', () => {
    const config = `"Config": {"Image": "postgres:16", "Cmd": ["-c", "fsync=off"], "Labels": {"com.docker.compose.project": "shop",
      "com.docker.compose.service": "db", "com.docker.compose.project.working_dir": "/home/you/shop", "com.docker.compose.oneoff": "False",
      "com.docker.compose.depends_on": "cache:service_started:false,queue:service_healthy:true"}}`;
    const made = docker.replace('"Name"', `"Created": "2026-11-22T09:11:58Z", ${config}, "Name"`);
    expect(read(made)).toMatchObject({
      image: 'postgres:16',
      command: ['-c', 'fsync=off'],
      createdAtMs: Date.parse('2026-11-22T09:11:58Z'),
      compose: { project: 'shop', service: 'db', folder: '/home/you/shop', oneOff: false, dependsOn: ['cache', 'queue'] },
    });
    const recorded = podman.replace('"Config": {', '"Config": {"CreateCommand": ["podman", "run", "--name", "db", "img"], ');
    expect(parseContainer(recorded, 'podman')?.createCommand).toEqual(['podman', 'run', '--name', 'db', 'img']);
    expect(read(docker.replace('2026-11-22T09:12:00Z', '0001-01-01T00:00:00Z'))?.startedAtMs).toBeNull();
  });

  it('reports a stopped container as stopped, although its ports are still listed', () => {
    const stopped = podman.replace('"Status": "running", "Running": true', '"Status": "exited", "Running": false').replace('7345', '0');
    expect(read(stopped)).toMatchObject({ running: false, status: 'exited', pid: null, publishes: [9000, 9001, 23457] });
  });

  it('recognises the host network', () => {
    const host = docker.replace('"shop_default", "PortBindings"', '"host", "PortBindings"').replace(/"Ports": .*\]\}/, '"Ports": {}');
    expect(read(host)).toMatchObject({ hostNetwork: true, publishes: [] });
  });

  it('contains nothing of its environment', () => {
    expect(JSON.stringify(read(podman))).not.toContain('hunter2');
  });

  it.each(['', '[]', 'null', '[null]', '{}', '[{"Id":"short"}]', 'Error: no such container'])('is none in %j', (text) => {
    expect(read(text)).toBeNull();
  });

  it('lists every port published by TCP', () => {
    const sides = fc.record({ inside: port, outside: port, tcp: fc.boolean() });
    fc.assert(
      fc.property(fc.uniqueArray(sides, { selector: ({ inside, tcp }) => `${inside}${tcp}` }), (published) => {
        const Ports = Object.fromEntries(
          published.map(({ inside, outside, tcp }) => [`${inside}/${tcp ? 'tcp' : 'udp'}`, [{ HostIp: '', HostPort: String(outside) }]]),
        );
        const expected = new Set(published.filter(({ tcp }) => tcp).map(({ outside }) => outside));
        const text = JSON.stringify([{ Id: 'a'.repeat(64), State: { Running: true }, NetworkSettings: { Ports } }]);
        expect(new Set(read(text)?.publishes)).toEqual(expected);
      }),
    );
  });

  it('survives changed bytes, and invents no port', () => {
    fc.assert(
      fc.property(mutated(fc.constantFrom(podman, docker)), (text) => {
        for (const found of read(text)?.publishes ?? []) expect(text).toContain(`"${found}"`.slice(1, -1));
      }),
    );
  });
});
