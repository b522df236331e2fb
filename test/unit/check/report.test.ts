import { expect, test } from 'vitest';
import { githubLines } from '../../../src/check/report/github.ts';
import { checkJson } from '../../../src/check/report/json.ts';
import { sarif } from '../../../src/check/report/sarif.ts';
import { checkText } from '../../../src/check/report/text.ts';
import { checkIn, MEDCOR, repository } from './repository.ts';

const paint = (_: string, text: string) => text;
const config = 'orchestrator.config.json';

async function result() {
  const ranges = { front: { ports: '5100-5199' } };
  const files = { '.env': 'BACKEND2_URL=http://localhost:8001\nPORT=$OTHER\n', 'compose.yml': 'services: [\n' };
  return checkIn(repository(files), {
    ...MEDCOR,
    services: { mcp: { ...MEDCOR.services.mcp, category: 'front' }, backend2: MEDCOR.services.backend2 },
    ranges,
  });
}

test('people get each finding with its place, the right value, and the command to type', async () => {
  expect(checkText(await result(), { paint, config })).toBe(`✖ D107 mcp is on 8080, in no range, but belongs to the range front (5100-5199)
    orchestrator.config.json   expected 5100-5199, found 8080   fix: 5100 is the next free port of the range front (5100-5199)
! D107 backend2 is on 8002, in no range
    orchestrator.config.json   fix: give it a category, or widen a range
✖ D102 backend2 is 8002 in the config, 8001 here: BACKEND2_URL=http://localhost:8001
    .env:1:31   expected 8002, found 8001   fix: write 8002
✖ D120 compose.yml is not valid YAML (flow sequence in block collection must be sufficiently indented and end with a ])
    compose.yml:2:1   fix: fix the file, or exclude it with check.ignore
not compared:
    .env:2:6  depends on a variable: $OTHER
✖ 2 files, 1 reference: 3 errors, 1 warning   fix: devup check --fix
`);
});

test('characters that hide or turn text are made visible', async () => {
  const found = await checkIn(
    repository({ '.env': 'PORT=$OTH\u202eER\nBACKEND2_URL=http://localhost:8001\n', 'a\u200e.yml': 'services: [\n' }),
    MEDCOR,
  );
  const notes = [...found.notes];
  const [finding] = found.findings;
  const hostile = { ...found, notes, findings: finding ? [{ ...finding, message: 'a\u202eb\u200fc\ufeff', fix: 'x\u2066y' }] : [] };
  const shown = checkText(hostile, { paint, config });
  expect(shown).toContain('a\\u202eb\\u200fc\\ufeff');
  expect(shown).toContain('x\\u2066y');
  expect(shown).not.toMatch(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
});

test('a repository that agrees gets one line', async () => {
  const agrees = await checkIn(repository({ '.env': 'BACKEND_PORT=8000\n' }), MEDCOR);
  expect(checkText(agrees, { paint, config })).toBe('✔ 1 file, 1 reference, all agree with the config\n');
});

test('programs get the documented fields', async () => {
  const { findings, checked, notes } = checkJson(await result());
  expect(findings[2]).toEqual({
    code: 'D102',
    severity: 'error',
    service: 'backend2',
    port: 8002,
    file: '.env',
    line: 1,
    column: 31,
    expected: '8002',
    found: '8001',
    message: 'backend2 is 8002 in the config, 8001 here: BACKEND2_URL=http://localhost:8001',
    fix: 'write 8002',
  });
  expect(findings[0]).toMatchObject({ code: 'D107', file: null, line: null, column: null });
  expect(checked).toEqual({ files: 2, references: 1 });
  expect(notes).toEqual([{ kind: 'unresolved', file: '.env', line: 2, column: 6, text: '$OTHER', why: 'variable' }]);
});

test('GitHub gets an annotation per finding, with separators escaped', async () => {
  const { findings } = await result();
  const lines = githubLines(findings, config, 'apps/a,b/').trimEnd().split('\n');
  expect(lines).toHaveLength(findings.length);
  expect(lines[0]).toMatch(/^::error file=apps\/a%2Cb\/orchestrator.config.json,line=1,col=1,title=devup D107::mcp is on 8080, /);
  expect(lines[2]).toMatch(/^::error file=apps\/a%2Cb\/\.env,line=1,col=31,title=devup D102::backend2 is 8002/);
  const [first] = findings as [(typeof findings)[number]];
  expect(githubLines([{ ...first, message: '50%\nmore', fix: null }], config, '')).toMatch(/::50%25%0Amore\n$/);
});

test('code scanning gets SARIF with a rule for each code', async () => {
  const { runs } = sarif((await result()).findings, config, 'apps/a#b/', '1.2.3') as {
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly object[];
    }[];
  };
  expect(runs[0]?.tool.driver.rules.map(({ id }) => id)).toEqual(['D102', 'D107', 'D120']);
  expect(JSON.stringify(runs[0]?.results[0])).toContain('"uri":"apps/a%23b/orchestrator.config.json"');
  expect(runs[0]?.results[2]).toMatchObject({
    ruleId: 'D102',
    ruleIndex: 0,
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'apps/a%23b/.env' },
          region: { startLine: 1, startColumn: 31, charOffset: 30, charLength: 4 },
        },
      },
    ],
  });
});

test('a report hides the passwords of the lines that it quotes', async () => {
  const url = 'postgres://app:Tr0ub4dor-real@localhost:5433/db?access_token=abcdefghij0123456789';
  const result = await checkIn(repository({ '.env': `DATABASE_URL=${url}\n`, 'README.md': `Use ${url} here.\n` }), MEDCOR);
  expect(result.findings.length).toBe(2);
  expect(
    JSON.stringify([result.findings.map(({ message, expected, found, fix }) => [message, expected, found, fix]), result.notes]),
  ).not.toMatch(/Tr0ub4dor|abcdefghij/);
});
