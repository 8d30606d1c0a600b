import type { UploadStage } from '../../../src/enforce/upload/upload-stage.ts';
import type { CrmRequest } from '../../../src/model/request.ts';
import { contact, ID, page } from '../people.ts';

/** A Salesforce that has the contacts 1 to 9, each with an external key. */
export function salesforce({ path, query, body }: CrmRequest): unknown {
  const contacts = Array.from({ length: 9 }, (_, index) =>
    contact(index + 1, { ExternalId__c: `k${index + 1}` }),
  );
  if (path.endsWith('/query')) {
    const asked = query.find(([name]) => name === 'q')?.[1].toLowerCase() ?? '';
    return page(
      contacts.filter(({ ExternalId__c: key }: Record<string, unknown>) =>
        asked.includes(`'${String(key)}'`),
      ),
    );
  }
  if (path.endsWith('/Case')) return [{ attributes: { type: 'Case' }, Id: ID(1), ContactId: ID(2) }];
  const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
  return ids.map((id) => contacts.find((record) => record.Id.startsWith(id.slice(0, 15))) ?? null);
}

/** What goes on of an upload that comes in these chunks, each looked up by itself. */
export async function passed({ rewriter, fetch }: UploadStage, chunks: readonly string[]): Promise<string> {
  const out: Buffer[] = [];
  const decide = async (): Promise<void> => {
    await fetch(false);
    for (let part = rewriter.next(); part !== undefined; part = rewriter.next()) out.push(part);
  };
  for (const chunk of chunks) {
    rewriter.push(Buffer.from(chunk));
    await decide();
  }
  rewriter.end();
  await decide();
  return Buffer.concat(out).toString();
}
