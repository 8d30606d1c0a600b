import type { FieldView, View } from '../../model/decision.ts';
import type { Caller } from '../caller.ts';
import { type CrmModel, foldName } from '../data-map.ts';
import { ANY_OBJECT } from '../snapshot.ts';
import { linkingOf } from './linking.ts';
import { objectView, type PolicyObjectView } from './object-view.ts';
import { digestOf } from './view-digest.ts';
import { draftOf, union, type ViewInput } from './view-draft.ts';

export interface PolicyView extends View {
  /** Some field that is treated wherever its name stands in JSON; undefined: there is none. */
  readonly hidesInTexts: FieldView | undefined;
  readonly of: (object: string) => PolicyObjectView;
}

/** Views remembered of objects that no data map knows: records of two such objects often alternate. */
const STRANGERS_MAX = 500;

/** What a class of principals sees of a CRM in one kind of operation. */
export function createView(input: ViewInput): PolicyView {
  const { model } = input;
  const drafts = new Map([...model.objects].map(([key, object]) => [key, draftOf(input, key, object)]));
  const stranger = draftOf(input, undefined, undefined);
  const objects = new Map<string, PolicyObjectView>();
  const linking = linkingOf(input, [...drafts.values()]);
  for (const [key, draft] of drafts) {
    const links = linking.get(key);
    const view = {
      ...objectView(input, draft, draft.object?.name ?? key),
      ...(links === undefined ? {} : { linking: links }),
    };
    objects.set(key, view);
    objects.set(view.object, view);
  }
  const strangers = new Map<string, PolicyObjectView>();
  const all = union([...drafts.values(), stranger]);
  const [anyLinks] = linking.values();
  const everything = {
    ...objectView(input, all, ANY_OBJECT, [...model.objects.values()]),
    ...(anyLinks === undefined ? {} : { linking: anyLinks }),
  };
  objects.set(ANY_OBJECT, everything);
  return {
    id: digestOf(input, objects, objectView(input, stranger, '')),
    hidesInTexts: everything.treated.find(({ field }) => everything.classifies(field)),
    isClear: everything.isClear,
    reveals: everything.storedNames.length > 0,
    asksStanding: everything.asksStanding === true,
    refusesAnswers: everything.requirements?.some(({ otherwise }) => otherwise === 'deny') === true,
    marketing: marketingOf(input.principal),
    ...objectsOfIds(model),
    of: (name) => {
      const known = objects.get(name) ?? strangers.get(name) ?? objects.get(foldName(model.traits, name));
      if (known !== undefined) return known;
      const { objectOfType = (type: string) => type } = model.traits;
      const object = objectOfType(name);
      const seen = object === undefined ? everything : objects.get(object);
      const unknown = seen ?? objectView(input, stranger, object ?? name);
      if (strangers.size >= STRANGERS_MAX) strangers.clear();
      strangers.set(name, unknown);
      return unknown;
    },
  };
}

function objectsOfIds({ objects }: CrmModel): Pick<PolicyView, 'objectOfId'> {
  const byPrefix = [...objects.values()].flatMap(({ idPrefix, name }) =>
    idPrefix === undefined ? [] : [{ idPrefix, name }],
  );
  if (byPrefix.length === 0) return {};
  return { objectOfId: (id) => byPrefix.find(({ idPrefix }) => id.startsWith(idPrefix))?.name };
}

/** The marketing purposes of a request: the one it names, or any that the principal holds. */
function marketingOf({ purpose, purposes }: Caller): readonly string[] {
  const possible = purpose === undefined ? purposes : [purpose];
  return possible.filter((one) => /^marketing(?:\.|$)/.test(one));
}
