import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { RECORDS } from '../../src/crm/salesforce/shapes.ts';
import { createDiscloser } from '../../src/enforce/answer/disclosure.ts';
import { createPseudonyms } from '../../src/enforce/limits/pseudonyms.ts';
import { type CompileField, createObjectPlans } from '../../src/enforce/record/object-plan.ts';
import { createTally } from '../../src/enforce/record/tally.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { View } from '../../src/model/decision.ts';
import { DETECTORS, type Treatment } from '../../src/model/treatment.ts';
import { compileTransform } from '../../src/transform/compile.ts';
import { chunksOf, drive, jsonRewriter, NAMES } from '../media/engine.ts';
import { UNASKED } from './unasked.ts';

const TREATMENTS: Readonly<Record<string, Treatment>> = {
  Email: { kind: 'mask', style: 'email' },
  Phone: { kind: 'mask', style: 'keep-last', keep: 4 },
  Name: { kind: 'mask', style: 'initials' },
  Zip: { kind: 'generalize', to: 'prefix', keep: 2 },
  Birthdate: { kind: 'generalize', to: 'year' },
  Street: { kind: 'redact' },
  Gone: { kind: 'remove' },
  Note: { kind: 'scan', find: DETECTORS },
};

const VIEW: View = {
  id: 'view',
  isClear: false,
  of: (object) => ({
    object,
    isClear: false,
    field: (field) => {
      const treatment = TREATMENTS[field];
      return treatment && { field, treatment, policies: ['p'] };
    },
    classifies: () => true,
    rows: [],
  }),
};

const compile: CompileField = (view) =>
  compileTransform(view.treatment, { field: view.field, hash: (_, text) => text, limits: DEFAULT_LIMITS });
const compileTexts: CompileField = (view) => {
  const { bytes, ...transform } = compile(view);
  return transform;
};

function disclose(body: string, cuts: readonly number[], compileField: CompileField) {
  const tally = createTally(DEFAULT_LIMITS);
  const handler = createDiscloser({
    view: VIEW,
    plans: createObjectPlans(compileField),
    tally,
    ...UNASKED,
    added: new Map(),
    pseudonyms: createPseudonyms((object, id) => `${object}:${id}`, 100),
    special: () => undefined,
    isWritten: false,
    namesIgnoreCase: true,
    names: NAMES,
  });
  return {
    ...drive(jsonRewriter(RECORDS, handler), chunksOf(Buffer.from(body), cuts)),
    report: tally.report(),
  };
}

/** A JSON string with some characters spelled as escapes. */
const spelledArb = (textArb: fc.Arbitrary<string>) =>
  fc.tuple(textArb, fc.nat(8191), fc.boolean()).map(([text, seed, isPlain]) => {
    if (isPlain) return JSON.stringify(text);
    const characters = Array.from(text, (character, index) =>
      (seed >> (index % 13)) & 1
        ? Array.from({ length: character.length }, (_, unit) => character.charCodeAt(unit))
            .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
            .join('')
        : JSON.stringify(character).slice(1, -1),
    );
    return `"${characters.join('')}"`;
  });

const valueArb = fc.oneof(
  spelledArb(
    fc.oneof(
      fc.constantFrom(
        'ana@example.com',
        '+34 612 345 678',
        '1985-07-12',
        '28001',
        'Ana María',
        'mañana: ana@example.com\n"DNI 12345678Z"',
        'ES9121000418450200051332 – C:\\umowy',
        '',
      ),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
  ),
  fc.constantFrom(
    'null',
    'true',
    '12',
    '481327200000',
    '{"a":["x"]}',
    '"\\ud800"',
    '"\\ud83d\\ude00 612345678"',
  ),
);
const recordArb = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...Object.keys(TREATMENTS), 'Id', 'Other'), valueArb), {
    selector: ([name]) => name,
  })
  .map(
    (fields) =>
      `{"attributes":{"type":"Contact"},${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`,
  )
  .map((record) => record.replace(',}', '}'));

/** Spells every string as `JSON.stringify` does: what a scan by bytes leaves of a text keeps the CRM's escapes. */
function respelled(shown: ReturnType<typeof disclose>): ReturnType<typeof disclose> {
  const left = shown.left.replace(/"(?:[^"\\]|\\.)*"/g, (string) => JSON.stringify(JSON.parse(string)));
  return { ...shown, left };
}

it('shows and counts by bytes what it shows and counts by texts, for any split', () => {
  fc.assert(
    fc.property(
      fc.array(recordArb, { maxLength: 5 }),
      fc.array(fc.nat(2_000), { maxLength: 8 }),
      (records, cuts) => {
        const body = `[${records.join(', ')}]`;
        expect(respelled(disclose(body, cuts, compile))).toEqual(respelled(disclose(body, [], compileTexts)));
      },
    ),
    { numRuns: 3_000 },
  );
});
