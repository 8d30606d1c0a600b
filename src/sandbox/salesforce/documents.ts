import { textOf } from '../wire/json.ts';
import { schemaOf } from './schema.ts';
import type { SObject } from './sobject.ts';
import { isRefused, type SalesforceStore } from './store.ts';

/**
 * What the vendor does along with files: the first version of a file makes its document and links it to its owner and
 * to the record that it is published to, a further version becomes the latest one, and a document takes its versions
 * and links along when it is deleted.
 */
export function keepingDocuments(store: SalesforceStore): SalesforceStore {
  return {
    ...store,
    create: (schema, values, userId) => {
      const saved = store.create(schema, values, userId);
      const version = schema.name === 'ContentVersion' && !isRefused(saved) ? store.get(saved.id) : undefined;
      if (version !== undefined) publish(store, version, userId);
      return saved;
    },
    remove: (id, userId) => {
      const removed = store.remove(id, userId);
      if (isRefused(removed)) return removed;
      const parts = ['ContentVersion', 'ContentDocumentLink'].flatMap((object) =>
        store.find(object, 'ContentDocumentId', removed.id),
      );
      for (const part of parts) store.remove(textOf(part['Id']), userId);
      return removed;
    },
  };
}

function publish(store: SalesforceStore, version: SObject, userId: string): void {
  const known = textOf(version['ContentDocumentId']);
  const [first] = store.find('ContentVersion', 'ContentDocumentId', known);
  const location = textOf((first ?? version)['FirstPublishLocationId']) || userId;
  const document = first === undefined ? documentOf(store, version) : store.get(known);
  if (document === undefined) return;
  const ContentDocumentId = textOf(document['Id']);
  put(store, 'ContentVersion', { ...version, ContentDocumentId, FirstPublishLocationId: location });
  put(store, 'ContentDocument', { ...document, LatestPublishedVersionId: version['Id'] ?? null });
  const links = schemaOf('ContentDocumentLink');
  if (first !== undefined || links === undefined) return;
  for (const LinkedEntityId of new Set([userId, location])) {
    const ShareType = LinkedEntityId === userId ? 'I' : 'V';
    store.create(links, { ContentDocumentId, LinkedEntityId, ShareType, Visibility: 'AllUsers' }, userId);
  }
}

function put(store: SalesforceStore, object: string, record: SObject): void {
  const schema = schemaOf(object);
  if (schema !== undefined) store.put(schema, record);
}

/** A new document with what it shares with its version. */
function documentOf(store: SalesforceStore, version: SObject): SObject | undefined {
  const schema = schemaOf('ContentDocument');
  if (schema === undefined) return undefined;
  const shared = schema.fields.map(({ name }) => [name, version[name] ?? null] as const);
  return { ...Object.fromEntries(shared), Id: store.nextId(schema) };
}
