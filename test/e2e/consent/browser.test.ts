import { execFileSync } from 'node:child_process';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from './desk.ts';

const EMAIL = 'browser@acme.example';

describe('the page by which people unsubscribe, in a browser', () => {
  let desk: Desk;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let requests: string[];

  beforeAll(async () => {
    desk = await openDesk('test/e2e/consent/config.yaml');
    const executablePath = execFileSync('sh', ['-c', 'command -v chromium']).toString().trim();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await desk.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ locale: 'es-ES', viewport: { width: 800, height: 500 } });
    page = await context.newPage();
    requests = [];
    page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  });
  afterEach(() => context.close());

  async function address(): Promise<string> {
    const order = { email: EMAIL, purpose: 'marketing.email' };
    const { body } = await desk.call('/api/consent/unsubscribe-links', [order]);
    const [link] = (body as { links: readonly { url: string }[] }).links;
    return `${desk.proxy}${new URL(link!.url).pathname}`;
  }
  const states = async () => {
    const { body } = await desk.call('/api/consent/look-up', { email: EMAIL });
    return (body as { history: readonly { state: string }[] }).history.map(({ state }) => state);
  };

  it('asks in their language, does nothing until they say so, and then says that it is done', async () => {
    const violations: string[] = [];
    page.on('console', (message) => violations.push(message.text()));
    const url = await address();
    await page.goto(url);
    expect(await page.title()).toBe('Cancelar la suscripción');
    expect(await page.locator('html').getAttribute('lang')).toBe('es');
    expect(await page.getByRole('main').textContent()).toContain('Our "letter" <b>&amp; more</b>');
    expect(await states()).toEqual([]);
    // By keyboard alone: the first stop is the button.
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancelar la suscripción');
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toContain('Hecho.');
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await states()).toEqual(['withdrawn']);
    const { pathname } = new URL(url);
    // The browser asks for an icon by itself at most; the page asks for nothing.
    const others = requests.filter((request) => !request.endsWith('/favicon.ico'));
    expect(others).toEqual([`GET ${pathname}`, `POST ${pathname}`]);
    expect(violations.filter((text) => /Content Security Policy|Refused/i.test(text))).toEqual([]);
  });

  it('is styled, by the one style that its policy allows', async () => {
    await page.goto(await address());
    const width = () => page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth");
    expect(await width()).toMatch(/^[1-9]\d\d/);
    await page.evaluate(
      "document.head.append(Object.assign(document.createElement('style'), { textContent: 'main { max-width: 1px }' }))",
    );
    expect(await width()).not.toBe('1px');
  });

  it('fits a narrow screen and large text', async () => {
    await page.setViewportSize({ width: 320, height: 480 });
    await page.goto(await address());
    await page.evaluate("document.documentElement.style.fontSize = '32px'");
    const { scroll, client } = await page.evaluate<{ scroll: number; client: number }>(
      '({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth })',
    );
    expect(scroll).toBeLessThanOrEqual(client);
    expect(await page.getByRole('button').isVisible()).toBe(true);
  });
});
