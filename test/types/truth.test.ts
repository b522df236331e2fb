/**
 * The types and the schema accept the same configs. Assignment in both directions compares the values; comparing the names of
 * all properties, at any depth, finds one that only one side has.
 */
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { serviceSchema, type stackSchema } from '../../src/config/validate/schema.ts';
import type { ServiceInput, StackInput } from '../../src/model/service.ts';

/** A config file of data has no RegExp; `toPlain` makes `{ source, flags }` of it. */
type Data<T> = T extends RegExp
  ? never
  : T extends readonly (infer I)[]
    ? readonly Data<I>[]
    : T extends object
      ? { readonly [K in keyof T]: Data<Exclude<T[K], undefined>> }
      : T;

type Typed = Data<StackInput>;
type Schema = Data<z.input<typeof stackSchema>>;

type Accepts<A, B extends A> = B;
const accept: [Accepts<Typed, Schema>?, Accepts<Schema, Typed>?] = [];

type Names<T> = T extends readonly (infer I)[]
  ? Names<I>
  : T extends object
    ? { [K in keyof T & string]: K | `${K}.${Names<T[K]>}` }[keyof T & string]
    : never;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : { onlySchema: Exclude<B, A> }) : { onlyTypes: Exclude<A, B> };

type TypedService = Required<Data<ServiceInput>>;
type SchemaService = Required<Data<z.input<typeof serviceSchema>>>;

const sameStack: Same<keyof Typed, keyof Schema> = true;
const sameService: Same<keyof TypedService, keyof SchemaService> = true;
const sameFields: { readonly [K in keyof TypedService]: Same<Names<TypedService[K]>, Names<SchemaService[K]>> } = {
  command: true,
  port: true,
  ports: true,
  host: true,
  cwd: true,
  env: true,
  envFile: true,
  dependsOn: true,
  ready: true,
  listener: true,
  health: true,
  restart: true,
  stop: true,
  onConflict: true,
  optional: true,
  profiles: true,
  links: true,
  category: true,
  description: true,
  labels: true,
  output: true,
};

test('every field of a service is compared', () => {
  expect([...accept, sameStack, sameService]).toEqual([true, true]);
  expect(Object.keys(sameFields)).toEqual(Object.keys(serviceSchema.shape));
});
