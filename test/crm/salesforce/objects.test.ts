import { describe, expect, it } from 'vitest';
import { canonicalObject, SALESFORCE_SCHEMA } from '../../../src/crm/salesforce/objects.ts';
import { publishedRelationships } from '../../fixtures/salesforce-schema.ts';

describe('what is known of Salesforce objects', () => {
  it('never sends a parent relationship to another object than the published schema', () => {
    const relationships = publishedRelationships('ParentReferences');
    expect(relationships.length).toBeGreaterThan(500);
    const wrong = relationships.filter(([object, name, target]) => {
      const known = SALESFORCE_SCHEMA.parent(object, name);
      // `Name` is the published name for a polymorphic relationship.
      return !known.includes('*') && !known.includes(target) && !(target === 'Name' && known.length > 1);
    });
    expect(wrong).toEqual([]);
  });

  it('never sends a child relationship to another object than the published schema', () => {
    const relationships = publishedRelationships('ChildRelationships');
    expect(relationships.length).toBeGreaterThan(500);
    const wrong = relationships.filter(([object, name, target]) => {
      const known = SALESFORCE_SCHEMA.child(object, name);
      return !known.includes('*') && !known.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['contact', 'Contact'],
    ['CONTACT', 'Contact'],
    ['ContactChangeEvent', 'Contact'],
    ['contactchangeevent', 'Contact'],
    ['Person__ChangeEvent', 'Person__c'],
    ['contacthistory', 'ContactHistory'],
    ['Person__c', 'Person__c'],
    ['RecentlyViewed', '*'],
    ['recentlyviewed', '*'],
    ['constructor', 'constructor'],
  ])('calls %s %s', (sent, canonical) => {
    expect(canonicalObject(sent)).toBe(canonical);
  });

  it.each([
    ['Contact', 'Account', ['Account']],
    ['Contact', 'owner', ['User', 'Group']],
    ['Contact', 'X__r', ['*']],
    ['Contact', 'constructor', ['*']],
    ['Task', 'What', ['*']],
    ['Attachment', 'Parent', ['*']],
    ['*', 'Account', ['*']],
  ])('leads %s.%s to %j', (object, relationship, objects) => {
    expect(SALESFORCE_SCHEMA.parent(object, relationship)).toEqual(objects);
  });
});
