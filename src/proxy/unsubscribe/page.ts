import { hash } from 'node:crypto';
import { type PageLanguage, UNSUBSCRIBE_WORDS, type UnsubscribeWords } from './words.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; font: 1.125rem/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 15vh auto 0; padding: 0 min(1.5rem, 5vw); overflow-wrap: anywhere; hyphens: auto; }
h1 { font-size: 1.5rem; line-height: 1.25; }
button { font: inherit; max-width: 100%; padding: .75rem min(1.5rem, 5vw); border: 0; border-radius: .375rem; background: #1d4ed8; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid currentColor; outline-offset: 3px; }
`;

/** No script and nothing from other origins; nothing may frame the page, and its form is sent nowhere else. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
  vary: 'accept-language',
} as const;

/**
 * @param says key of the sentence to show; only the question has a button below it
 * @param purpose what the configuration calls it
 */
export function unsubscribePage(
  language: PageLanguage,
  says: Exclude<keyof UnsubscribeWords, 'title' | 'button'>,
  purpose = '',
): Buffer {
  const words: UnsubscribeWords = UNSUBSCRIBE_WORDS[language];
  const sentence = escaped(words[says].replace('{purpose}', () => purpose));
  const form =
    says === 'question' ? `\n<form method="post"><button>${escaped(words.button)}</button></form>` : '';
  return Buffer.from(`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escaped(words.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(words.title)}</h1>
<p${says === 'question' ? '' : ' role="status"'}>${sentence}</p>${form}
</main>
</body>
</html>
`);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
