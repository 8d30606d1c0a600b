import type { UploadResults } from '../../model/operation.ts';
import type { AnswerTools } from '../answer.ts';
import { readResults } from '../stored/upload-results.ts';
import type { VaultAccess } from '../stored/vault-access.ts';
import type { Disclosure } from './disclosure.ts';
import { createGatherer } from './gatherer.ts';
import type { NotedRecord } from './noted-record.ts';

/** Results of an upload: the vault is told whose the rows have become. */
export interface RepeatedRows {
  readonly results: UploadResults;
  readonly vault: VaultAccess;
  readonly dataSubjectIdOf: (object: string, id: string) => string;
}

/** What is looked up, and told to the vault, before anything is shown. */
export function gatheringOf(
  disclosure: Disclosure,
  repeated: RepeatedRows | undefined,
): NonNullable<AnswerTools<NotedRecord | undefined>['gathering']> {
  const { revealing, standings, counts, observations, view, writtenToll } = disclosure;
  const reveals = view.reveals === true && disclosure.refuses;
  const gatherer = createGatherer(disclosure, reveals);
  const isOnlyLookedUp = {
    handler: gatherer,
    leavesAtOnce: view.refusesAnswers !== true,
    isWaiting: () =>
      revealing.isWaiting() ||
      standings.isWaiting() ||
      counts?.isWaiting() === true ||
      writtenToll !== undefined,
    fetch: async (isWhole: boolean) => {
      await Promise.all([revealing.fetch(), standings.fetch(), writtenToll?.take()]);
      // By now tokens are resolved, so that their people can be told.
      observations.flush();
      if (isWhole) counts?.settle();
    },
  };
  if (repeated === undefined || !reveals) return isOnlyLookedUp;
  const { vault, dataSubjectIdOf } = repeated;
  const results = readResults(repeated.results, { vault, view, dataSubjectIdOf });
  return {
    handler: {
      ...gatherer,
      note: (row) => {
        results.note(row);
        return gatherer.note(row);
      },
    },
    leavesAtOnce: isOnlyLookedUp.leavesAtOnce,
    isWaiting: () => isOnlyLookedUp.isWaiting() || results.isWaiting(),
    fetch: async (isWhole) => {
      await Promise.all([isOnlyLookedUp.fetch(isWhole), results.fetch(isWhole)]);
    },
  };
}
