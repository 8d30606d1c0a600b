import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonBody, type SandboxAnswer, textAnswer } from '../wire/message.ts';
import { recordJson } from './cells.ts';
import { failure } from './errors.ts';
import type { Call, Org } from './org.ts';
import { type ObjectSchema, schemaOf } from './schema.ts';
import { namedFields } from './sobject-routes.ts';

interface Wanted {
  readonly schema: ObjectSchema;
  readonly fields: readonly string[];
}

const RECORDS_MAX = 200;

/** Records in which some text field holds the words, whatever the field. */
function found(org: Org, call: Call, words: string, wanted: readonly Wanted[]): SandboxAnswer {
  const needle = words.replaceAll('*', '').toLowerCase();
  const rows = wanted.flatMap(({ schema, fields }) =>
    org.store
      .all(schema.name)
      .filter(
        (record) =>
          record['IsDeleted'] !== true &&
          Object.values(record).some(
            (value) => typeof value === 'string' && value.toLowerCase().includes(needle),
          ),
      )
      .slice(0, RECORDS_MAX)
      .map((record) =>
        recordJson(record, schema, call.version, namedFields(schema, fields.length === 0 ? ['Id'] : fields)),
      ),
  );
  return textAnswer(200, 'application/json;charset=UTF-8', `{"searchRecords":[${rows.join(',')}]}`);
}

function wantedObject(name: string, fields: readonly string[]): Wanted {
  const schema = schemaOf(name);
  if (!schema) throw failure(400, 'INVALID_TYPE', `sObject type '${name}' is not supported.`);
  return { schema, fields };
}

/** GET `/search?q=FIND {words} RETURNING Contact(Id, Name), Lead(Id)`; no WHERE inside RETURNING. */
export function sosl(org: Org, call: Call): SandboxAnswer {
  const text = call.request.query.get('q') ?? '';
  const [, words = '', returning = ''] =
    /^\s*FIND\s*\{([^}]+)\}(?:\s+IN\s+\w+\s+FIELDS)?\s+RETURNING\s+(.+)$/is.exec(text) ?? [];
  if (words.length < 2)
    throw failure(
      400,
      'MALFORMED_SEARCH',
      'No search term found. The search term must be enclosed in braces.',
    );
  const wanted = [...returning.matchAll(/(\w+)\s*(?:\(([^)]*)\))?/g)].map(([, object = '', fields = '']) =>
    wantedObject(
      object,
      fields
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    ),
  );
  return found(org, call, words, wanted);
}

const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** GET and POST `/parameterizedSearch`. */
export function parameterizedSearch(org: Org, call: Call): SandboxAnswer {
  const body = call.request.method === 'POST' ? jsonBody(call.request) : undefined;
  const q = body?.['q'] ?? call.request.query.get('q');
  if (typeof q !== 'string' || q.length < 2) throw failure(400, 'MALFORMED_SEARCH', 'No search term found.');
  const objects = body?.['sobjects'];
  const common = body
    ? texts(body['fields'])
    : (call.request.query.get('fields') ?? '').split(',').filter(Boolean);
  const wanted = Array.isArray(objects)
    ? objects.filter(isJsonObject).map((object) => {
        const own = texts(object['fields']);
        return wantedObject(textOf(object['name']), own.length > 0 ? own : common);
      })
    : [wantedObject(call.request.query.get('sobject') ?? 'Contact', common)];
  return found(org, call, q, wanted);
}
