/** SARIF 2.1.0, for code scanning. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
import type { DriftCode, Finding } from '../../model/drift.ts';
import { MEANINGS } from '../words.ts';

/** `config`: the file at which findings about the config alone appear. `folder`: the config's folder, relative to the repository. */
export function sarif(findings: readonly Finding[], config: string, folder: string, version: string): object {
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'devup', version, rules: codes.map((id) => ({ id, shortDescription: { text: MEANINGS[id] } })) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, folder + (finding.place?.file ?? config), codes)),
      },
    ],
  };
}

function result({ code, severity, place, message, fix }: Finding, file: string, codes: readonly DriftCode[]): object {
  const length = place ? place.to - place.from : 0;
  const region = place
    ? { startLine: place.line, startColumn: place.column, ...(length > 0 ? { charOffset: place.from, charLength: length } : {}) }
    : { startLine: 1 };
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: fix === null ? message : `${message} (${fix})` },
    locations: [{ physicalLocation: { artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') }, region } }],
  };
}
