import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { recordId } from '../../src/sandbox/salesforce/ids.ts';
import { STAFF } from '../../src/sandbox/sandbox.ts';

/** The company's identity provider. */
const { publicKey, privateKey } = await generateKeyPair('ES256');
export const JWKS = { keys: [{ ...(await exportJWK(publicKey)), kid: 'e2e', alg: 'ES256', use: 'sig' }] };

interface Claims {
  readonly groups: readonly string[];
  readonly purposes?: readonly string[];
  readonly crm_user?: string;
  /** Others as the scenario's configuration maps them, and the standard ones. */
  readonly [claim: string]: unknown;
}

/** A token that the company's identity provider has signed. */
export function mintToken(id: string, claims: Claims, expires = '1h'): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'e2e' })
    .setSubject(id)
    .setIssuer('https://login.acme.example')
    .setAudience('privet')
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(privateKey);
}

/** Index of the sales representative among the sandbox's staff, who owns records. */
export const REP = STAFF.findIndex(({ key }) => key === 'olena');
/** The sandbox Salesforce numbers its users in the order of the staff. */
export const REP_SALESFORCE_ID = recordId('005', REP + 1);
export const REP_HUBSPOT_ID = String(70_001 + REP);

/** Who calls in these scenarios, by the credential they send. */
export const PRINCIPALS = {
  support: await mintToken('ana', { groups: ['support'], purposes: ['support'] }),
  otherSupport: await mintToken('anabel', { groups: ['support'], purposes: ['support'] }),
  marketing: await mintToken('jan', { groups: ['marketing'], purposes: ['marketing'] }),
  salesforceRep: await mintToken('olena', { groups: ['sales-rep'], crm_user: REP_SALESFORCE_ID }),
  hubspotRep: await mintToken('olena', { groups: ['sales-rep'], crm_user: REP_HUBSPOT_ID }),
  /** Sees everything and may take it out in bulk. */
  privacyOfficer: await mintToken('emma', { groups: ['privacy-officer', 'data-export-officer'] }),
  /** May take data out in bulk, but sees special categories and bank accounts as little as everybody else. */
  exportOfficer: await mintToken('pablo', { groups: ['data-export-officer'] }),
} as const;
