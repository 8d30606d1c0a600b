import type { RowEquality } from '../model/decision.ts';

/**
 * True when the CRM's own equality on this field and the policy's cannot differ. CRMs compare text without case
 * (Salesforce, HubSpot), so a value with letters is exact only where it is a full Salesforce id, whose last three
 * characters carry its case, or where the rule compares no more exactly than they do.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_comparisonoperators.htm
 */
export function comparesExactly({ field, values, foldsText }: RowEquality): boolean {
  if (foldsText === true) return true;
  const isId = /(^|[a-z_.])Id$/.test(field);
  return values.every((value) => /^[0-9]+$/.test(value) || (isId && /^[A-Za-z0-9]{18}$/.test(value)));
}
