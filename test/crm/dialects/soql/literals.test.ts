import { describe, expect, it } from 'vitest';
import { composeSoql } from '../../../../src/crm/dialects/soql/compose.ts';
import { parseSoql } from '../../../../src/crm/dialects/soql/parse.ts';
import { PrivetError } from '../../../../src/errors.ts';

describe('numbers with an exponent, and times', () => {
  it.each([
    'SELECT Id FROM Opportunity WHERE Amount > 1e21',
    'SELECT Id FROM Opportunity WHERE Amount > -1.5E+06 AND Amount IN (1e3, 2, 3.5e-2, .5e1)',
    "SELECT Id FROM Opportunity WHERE Name = '1e3' AND Amount > 1e3",
    'SELECT Id FROM Opportunity WHERE Amount > 7000 AND Amount < 70000 AND Amount != 7e3',
    'SELECT StageName, SUM(Amount) FROM Opportunity GROUP BY StageName HAVING SUM(Amount) > 1e4',
    'SELECT Id, (SELECT Id FROM Opportunities WHERE Amount > 1e9) FROM Account',
    'SELECT Id FROM BusinessHours WHERE MondayStartTime = 13:00:00.000Z',
    "SELECT Id FROM Account WHERE DISTANCE(At__c, GEOLOCATION(3.7e1, -1.22418e2), 'mi') < 2e1",
    "SELECT Id FROM Account ORDER BY DISTANCE(At__c, GEOLOCATION(1e1, 1e0), 'km') OFFSET 5",
    "SELECT DISTANCE(At__c, GEOLOCATION(1e1, 2E+1), 'km') d, DISTANCE(At__c, GEOLOCATION(7000, 1e1), 'km') e FROM Account",
    'SELECT Id FROM Shift__c WHERE Start__c > 09:30:00Z AND End__c IN (17:00:00.000+02:00, 18:00:00Z)',
  ])('%s is read, and written as it was', (text) => {
    expect(composeSoql(parseSoql(text))).toBe(text);
  });

  it.each([
    'SELECT 1e3 FROM Opportunity',
    'SELECT Amount 1e3 FROM Opportunity',
    'SELECT Id FROM Opportunity WHERE 1e3 = Amount',
    'SELECT Id FROM Opportunity LIMIT 1e3',
    'SELECT Id FROM Opportunity WHERE Amount > 1 OFFSET',
    'SELECT Id FROM Opportunity WHERE Amount > 1 OFFSET 1e3',
    'SELECT Id FROM Opportunity WHERE Amount > 1 OFFSET 5 LIMIT 5',
    'SELECT Id FROM Opportunity WHERE Amount > 1 OFFSET 5 OFFSET 5',
    'SELECT Id FROM Opportunity WHERE OFFSET 5',
    'SELECT Id FROM Opportunity WHERE CloseDate = LAST_N_DAYS:1e1',
    'SELECT Id FROM Opportunity WHERE Amount > 1e3x',
    'SELECT Id FROM Opportunity WHERE Amount > 1e',
    'SELECT Id FROM Opportunity WHERE Start__c > 13:00Z',
  ])('%s is refused', (text) => {
    expect(() => parseSoql(text)).toThrow(PrivetError);
  });
});

describe('an OFFSET without a LIMIT', () => {
  it.each([
    'SELECT Id FROM Opportunity OFFSET 5',
    'SELECT Id FROM Opportunity WHERE Amount > 1 OFFSET 5',
    "SELECT Id FROM Opportunity WHERE Amount > 7e3 AND Name = 'OFFSET 5' OFFSET 70000",
    'SELECT Id FROM Opportunity WHERE Amount IN (1) AND (NOT Offset = 5) ORDER BY Offset OFFSET 5',
    "SELECT Id, (SELECT Id FROM Opportunities WHERE Amount > 1 OFFSET 2) FROM Account WHERE Name LIKE 'a' OFFSET 5",
    'SELECT Id FROM Opportunity WHERE Amount > 1 LIMIT 70000 OFFSET 5',
  ])('is read, and written as it was: %s', (text) => {
    expect(composeSoql(parseSoql(text))).toBe(text);
  });
});
