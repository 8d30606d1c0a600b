import { describe, expect, it } from 'vitest';
import { createSoqlReader } from '../../../../src/crm/dialects/soql/reader.ts';
import { SALESFORCE_SCHEMA } from '../../../../src/crm/salesforce/objects.ts';
import { PrivetError } from '../../../../src/errors.ts';
import { DEFAULT_LIMITS } from '../../../../src/limits.ts';

const { read } = createSoqlReader(SALESFORCE_SCHEMA, DEFAULT_LIMITS);
const usesOf = (soql: string): string[] =>
  read(soql).reading.uses.map(({ object, field, position }) => `${object}.${field} ${position}`);

describe('reading SOQL', () => {
  it.each([
    ['a selected field', 'SELECT Email FROM Contact', ['Contact.Email select']],
    ['lower case', 'select email from contact', ['Contact.email select']],
    ['white space of every kind', 'SELECT\u00a0Email\n\tFROM\r\nContact', ['Contact.Email select']],
    ['an alias of the object', 'SELECT c.Email FROM Contact c', ['Contact.Email select']],
    ['an alias behind AS', 'SELECT c.Email FROM Contact as c', ['Contact.Email select']],
    [
      'an alias behind AS in subqueries',
      "SELECT (SELECT x.Email FROM a.Contacts AS x) FROM Account AS a WHERE Id IN (SELECT k.AccountId FROM Contact AS\nk WHERE k.Phone = 'FROM x AS y')",
      ['Contact.Email select', 'Account.Id filter', 'Contact.AccountId filter', 'Contact.Phone filter'],
    ],
    [
      'no alias behind AS',
      "SELECT as.Email FROM Contact AS WHERE as.Phone = '1'",
      ['*.Email select', '*.Phone filter'],
    ],
    ['the object itself as prefix', 'SELECT Contact.Email FROM Contact', ['Contact.Email select']],
    ['an alias of a field', 'SELECT Email Id FROM Contact', ['Contact.Email derive']],
    ['an alias behind a path', 'SELECT c.Account.Name x FROM Contact c', ['Account.Name derive']],
    ['a function', 'SELECT toLabel(Status) FROM Case', ['Case.Status derive']],
    [
      'nested functions',
      'SELECT FORMAT(convertCurrency(Amount)) a FROM Opportunity',
      ['Opportunity.Amount derive'],
    ],
    [
      'DISTANCE',
      "SELECT DISTANCE(MailingAddress, GEOLOCATION(1,-2), 'mi') FROM Contact",
      ['Contact.MailingAddress derive'],
    ],
    ['all fields', 'SELECT FIELDS(ALL) FROM Contact LIMIT 200', ['Contact.* select']],
    [
      'standard and a custom field',
      'SELECT FIELDS(STANDARD), X__c FROM Contact',
      ['Contact.* select', 'Contact.X__c select'],
    ],
    ['a parent', 'SELECT Contact.Email FROM Case', ['Contact.Email select']],
    ['a parent of a parent', 'SELECT Contact.Account.Name FROM Case', ['Account.Name select']],
    [
      'an owner, a person or a queue',
      'SELECT Owner.Email FROM Case',
      ['User.Email select', 'Group.Email select'],
    ],
    ['who', 'SELECT Who.Email FROM Task', ['Contact.Email select', 'Lead.Email select']],
    ['what', 'SELECT What.Email FROM Task', ['*.Email select']],
    ['a custom parent', 'SELECT Person__r.Email FROM Visit__c', ['*.Email select']],
    ['what was viewed lately', 'SELECT Email FROM RecentlyViewed', ['*.Email select']],
    ['a custom parent with namespace', 'SELECT ns__P__r.ns__E__c FROM ns__V__c', ['*.ns__E__c select']],
    ['what lies behind a custom parent', 'SELECT Person__r.Account.Name FROM Visit__c', ['*.Name select']],
    [
      'TYPEOF',
      'SELECT TYPEOF What WHEN Account THEN Phone WHEN contact THEN Email ELSE Name END FROM Event',
      ['Account.Phone select', 'Contact.Email select', '*.Name select'],
    ],
    [
      'a child subquery with clauses',
      "SELECT Name, (SELECT Email FROM Contacts t WHERE t.Phone = '1' ORDER BY LastName) FROM Account",
      ['Account.Name select', 'Contact.Email select', 'Contact.Phone filter', 'Contact.LastName sort'],
    ],
    [
      'a child subquery by alias',
      'SELECT (SELECT Email FROM a.Contacts) FROM Account a',
      ['Contact.Email select'],
    ],
    ['a custom child', 'SELECT (SELECT Email FROM People__r) FROM Account', ['*.Email select']],
    [
      'a child of a child',
      'SELECT (SELECT (SELECT Subject FROM Cases) FROM Contacts) FROM Account',
      ['Case.Subject select'],
    ],
    [
      'a filter',
      "SELECT Id FROM Contact WHERE Email LIKE 'a%'",
      ['Contact.Id select', 'Contact.Email filter'],
    ],
    [
      'a filter by alias',
      "SELECT Id FROM Contact c WHERE c.Email = 'a'",
      ['Contact.Id select', 'Contact.Email filter'],
    ],
    [
      'a filter in a function',
      "SELECT Id FROM Case WHERE toLabel(Status) = 'a'",
      ['Case.Id select', 'Case.Status filter'],
    ],
    [
      'filters under NOT, AND, OR and parentheses',
      "SELECT Id FROM Contact WHERE NOT (Email = 'a' AND (Phone = 'b' OR NOT LastName = 'c'))",
      ['Contact.Id select', 'Contact.Email filter', 'Contact.Phone filter', 'Contact.LastName filter'],
    ],
    [
      'a filter on a parent',
      "SELECT Id FROM Case WHERE Contact.Email = 'a'",
      ['Case.Id select', 'Contact.Email filter'],
    ],
    [
      'a filter on distance',
      "SELECT Id FROM Contact WHERE DISTANCE(MailingAddress, GEOLOCATION(1,2), 'km') < 3",
      ['Contact.Id select', 'Contact.MailingAddress filter'],
    ],
    [
      'a semi-join',
      "SELECT Id FROM Contact WHERE Id IN (SELECT ContactId FROM Case WHERE SuppliedEmail = 'a')",
      ['Contact.Id select', 'Contact.Id filter', 'Case.ContactId filter', 'Case.SuppliedEmail filter'],
    ],
    [
      'an order',
      'SELECT Id FROM Contact ORDER BY Account.Name, Email DESC NULLS LAST',
      ['Contact.Id select', 'Account.Name sort', 'Contact.Email sort'],
    ],
    ['a count', 'SELECT COUNT() FROM Contact WHERE Email != null', ['Contact.Email filter']],
    [
      'aggregates',
      'SELECT MAX(Email), COUNT_DISTINCT(Phone) p FROM Contact',
      ['Contact.Email aggregate', 'Contact.Phone aggregate'],
    ],
    [
      'an aggregate in a function',
      'SELECT FORMAT(MIN(Birthdate)) FROM Contact',
      ['Contact.Birthdate aggregate'],
    ],
    [
      'a group',
      'SELECT Email, COUNT(Id) FROM Contact GROUP BY Email',
      ['Contact.Email group', 'Contact.Id aggregate'],
    ],
    [
      'a field beside an aggregate',
      'SELECT Email, COUNT(Id) FROM Contact',
      ['Contact.Email group', 'Contact.Id aggregate'],
    ],
    [
      'ROLLUP',
      'SELECT COUNT(Id) FROM Contact GROUP BY ROLLUP(Email, Phone)',
      ['Contact.Id aggregate', 'Contact.Email group', 'Contact.Phone group'],
    ],
    [
      'CUBE',
      'SELECT COUNT(Id) FROM Contact GROUP BY CUBE(Email, Phone)',
      ['Contact.Id aggregate', 'Contact.Email group', 'Contact.Phone group'],
    ],
    ['GROUPING', 'SELECT GROUPING(Email) FROM Contact GROUP BY ROLLUP(Email)', ['Contact.Email group']],
    [
      'a group by a function',
      'SELECT COUNT(Id) FROM Contact GROUP BY CALENDAR_YEAR(Birthdate)',
      ['Contact.Id aggregate', 'Contact.Birthdate group'],
    ],
    [
      'HAVING',
      "SELECT COUNT(Id) FROM Contact GROUP BY Name HAVING MAX(Email) > 'm' AND Name LIKE 'a%'",
      ['Contact.Id aggregate', 'Contact.Email filter', 'Contact.Name filter', 'Contact.Name group'],
    ],
    [
      'ORDER BY an aggregate',
      'SELECT COUNT(Id) FROM Contact GROUP BY Name ORDER BY MAX(Email)',
      ['Contact.Id aggregate', 'Contact.Name group', 'Contact.Email sort'],
    ],
    [
      'a data category',
      'SELECT Id FROM Question WITH DATA CATEGORY Region__c AT usa__c',
      ['Question.Id select', 'Question.Region__c filter'],
    ],
    ['a scope and a lock', 'SELECT Id FROM Contact USING SCOPE mine FOR UPDATE', ['Contact.Id select']],
    [
      'objects named like keywords',
      'SELECT Id FROM Order ORDER BY Name',
      ['Order.Id select', 'Order.Name sort'],
    ],
    ['a change event', 'SELECT Email FROM ContactChangeEvent', ['Contact.Email select']],
  ])('finds every field of %s', (_, soql, uses) => {
    expect(usesOf(soql)).toEqual(uses);
  });

  it.each([
    ['SELECT Id FROM Contact', false],
    ['SELECT COUNT() FROM Contact', true],
    ['SELECT count(Id) c FROM Contact', true],
    ['SELECT Name FROM Contact GROUP BY Name', true],
    ['SELECT toLabel(Status) FROM Case', false],
  ])('knows whether %s computes', (soql, aggregates) => {
    expect(read(soql).reading.aggregates).toBe(aggregates);
  });

  it.each([
    ['nothing', ''],
    ['half a query', 'SELECT Id FROM Contact WHERE'],
    ['a line comment', 'SELECT Id FROM Contact // Email'],
    ['a block comment', 'SELECT Id /* Email */ FROM Contact'],
    ['ALL ROWS', 'SELECT Id FROM Contact ALL ROWS'],
    ['several objects in FROM', 'SELECT a.Email FROM Case c, c.Contact a'],
    ['a bind variable', 'SELECT Id FROM Contact WHERE Email = :email'],
    ['an unknown function', 'SELECT secret(Email) FROM Contact'],
    ['an unknown clause', "SELECT Id FROM Contact WITH Network = '1'"],
    ['two queries', 'SELECT Id FROM Contact; SELECT Id FROM Lead'],
    ['letters beyond ASCII', 'SELECT Em\u00e4il FROM Contact'],
    ['an alias that is a relationship', 'SELECT Owner.Email FROM Contact Owner'],
    ['an alias that may be a relationship', 'SELECT P__r.Email FROM Contact P__r'],
    ['a subquery on something else', 'SELECT (SELECT Id FROM x.Contacts) FROM Account a'],
    [
      'too many parentheses',
      `SELECT Id FROM Contact WHERE ${'('.repeat(20_000)}Id = null${')'.repeat(20_000)}`,
    ],
    ['too long a text', `SELECT Id FROM Contact WHERE Name = '${'a'.repeat(100_000)}'`],
  ])('refuses %s', (_, soql) => {
    expect(() => read(soql)).toThrow(expect.objectContaining({ code: 'BODY_UNREADABLE' }));
  });

  it('never repeats the query in a refusal', () => {
    const refusal = ((): unknown => {
      try {
        return read("SELECT Id FROM Contact WHERE Email = 'ana@example.com' !");
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(PrivetError);
    expect(`${String(refusal)} ${JSON.stringify(refusal)} ${String((refusal as Error).cause)}`).not.toMatch(
      /ana|Email/,
    );
  });

  it('remembers no more queries than the limits allow', () => {
    const { read: small } = createSoqlReader(SALESFORCE_SCHEMA, {
      queryCacheMax: 2,
      queryCacheBytesMax: 60,
      queryBytesMax: 1000,
    });
    const first = small('SELECT Id FROM Contact');
    expect(small('SELECT Id FROM Contact')).toBe(first);
    small('SELECT Id FROM Lead');
    small('SELECT Id FROM Account');
    expect(small('SELECT Id FROM Contact')).not.toBe(first);
  });
});
