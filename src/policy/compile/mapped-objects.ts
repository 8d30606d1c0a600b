import type { SourceDocument } from '../../document/source.ts';
import type { DataMapDocument, ObjectMapDocument, Placed } from '../language/documents.ts';

/** What one data map says of one object, and where. */
export interface MappedObject {
  readonly crm: string;
  readonly name: string;
  readonly mapped: ObjectMapDocument;
  readonly source: SourceDocument;
}

/** The objects of data maps, one after the other: an object is there as often as data maps name it. */
export function mappedObjects(dataMaps: readonly Placed<DataMapDocument>[]): readonly MappedObject[] {
  return dataMaps.flatMap(({ content, source }) =>
    Object.entries(content.objects).map(([name, mapped]) => ({ crm: content.dataMap, name, mapped, source })),
  );
}
