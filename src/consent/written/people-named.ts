import type { DataSubjectKeys } from '../../model/data-subject.ts';
import { canonicalEmail, canonicalPhone } from '../person/identifier.ts';
import type { EventReading } from './written-event.ts';

/** Who a value may name, and as what. */
export interface NamedPerson {
  readonly as: 'e-mail' | 'phone' | 'id';
  readonly who: DataSubjectKeys;
}

/**
 * Everybody that a value may name: an e-mail address, a telephone number, an id. A number may be both of the latter.
 */
export function peopleNamed(
  value: string,
  { resolve, phoneRegion }: Pick<EventReading, 'resolve' | 'phoneRegion'>,
): readonly NamedPerson[] {
  if (canonicalEmail(value) !== undefined) return [{ as: 'e-mail', who: { email: value } }];
  const people: NamedPerson[] = [];
  if (canonicalPhone(value, phoneRegion) !== undefined) people.push({ as: 'phone', who: { phone: value } });
  const resolved = resolve(value);
  if ('record' in resolved) people.push({ as: 'id', who: { record: resolved.record } });
  return people;
}
