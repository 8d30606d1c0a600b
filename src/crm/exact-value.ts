/**
 * True when the CRM's own equality on this field and the policy's equality cannot come apart. CRMs compare text without
 * case (Salesforce, HubSpot), so a value with letters is exact only where it is a full Salesforce id, whose last three
 * characters carry its case.
 * @see https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_comparisonoperators.htm
 */
export function comparesExactly(field: string, value: string): boolean {
  if (/^[0-9]+$/.test(value)) return true;
  return /(^|[a-z_.])Id$/.test(field) && /^[A-Za-z0-9]{18}$/.test(value);
}
