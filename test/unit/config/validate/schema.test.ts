import { expect, test } from 'vitest';
import { jsonSchema } from '../../../../src/config/validate/schema.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: Schema | false;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}
const schema = jsonSchema() as Schema & { readonly $schema: string; readonly title: string };
const service = schema.properties?.['services']?.additionalProperties as Schema;

test('the JSON Schema knows every field, and no other', () => {
  expect(schema.$schema).toContain('json-schema.org');
  expect(Object.keys(schema.properties ?? {})).toEqual(['$schema', 'name', 'services', 'ranges', 'routes', 'check']);
  expect(schema.required).toEqual(['services']);
  expect(schema.additionalProperties).toBe(false);
  expect(service.additionalProperties).toBe(false);
  expect(Object.keys(service.properties ?? {})).toContain('onConflict');
  expect(service.required ?? []).toEqual([]);
});

test('an editor learns the range of a port and the meaning of a field', () => {
  expect(service.properties?.['port']).toMatchObject({
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    description: expect.any(String) as unknown,
  });
  expect(service.properties?.['ready']?.anyOf).toHaveLength(7);
  const health = service.properties?.['health']?.anyOf ?? [];
  expect(health.map(({ properties }) => properties?.['restart'])).toEqual(health.map(() => expect.objectContaining({ type: 'boolean' })));
});

test('it is plain JSON', () => {
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
});
