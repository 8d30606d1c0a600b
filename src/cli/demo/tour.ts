import type { createColors } from 'picocolors';
import { showAccess } from './access-scene.ts';
import { openClaims } from './claims.ts';
import { showConsent } from './consent-scene.ts';
import { findContact } from './contact.ts';
import { type Scene, writeHeading, writeParagraph } from './scene.ts';
import { showBlockedExport, showHubspot, showOneContact, showRefusedFilter, showTrail } from './scenes.ts';
import type { Stage } from './stage.ts';
import { showVault } from './vault-scene.ts';

/**
 * Shows in half a minute of reading what Privet does, by requests that go through the proxy. Closes the proxy.
 * @param write takes a line without its end
 * @returns true when everything was as the text says
 */
export async function tour(
  stage: Stage,
  write: (line: string) => void,
  colours: ReturnType<typeof createColors>,
): Promise<boolean> {
  const scene: Scene = { stage, contact: findContact(stage), claims: openClaims(), write, colours };
  const people = stage.salesforce.data.people.length.toLocaleString('en');
  writeHeading(scene, 'Privet: a privacy hedge in front of your CRM');
  writeParagraph(
    scene,
    `Two CRMs with the same ${people} invented people are running, one shaped like Salesforce, one like HubSpot, and Privet in front of them. Every request below goes through it.`,
  );
  await showOneContact(scene);
  await showBlockedExport(scene);
  await showRefusedFilter(scene);
  await showHubspot(scene);
  await showVault(scene);
  await showAccess(scene);
  await showConsent(scene);
  await showTrail(scene);
  return conclude(scene);
}

function conclude(scene: Scene): boolean {
  const { claims, colours, write } = scene;
  const broken = claims.broken();
  write('');
  if (broken.length === 0) {
    write(`${claims.count()} checks made, all held. Try it yourself: npm run demo`);
    return true;
  }
  write(colours.red(`${broken.length} of ${claims.count()} checks did not hold:`));
  for (const claim of broken) writeParagraph(scene, claim, colours.red);
  return false;
}
