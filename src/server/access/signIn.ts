/** The page that asks for a key, for people who open the explorer without one. It is plain HTML, without a script. */
import type { Reply } from '../http.js';
import { SAFETY } from '../http.js';

/** Where the form is sent, below the mount path. */
export const SIGN_IN = '/sign-in';
/** Most bytes of what it sends. */
export const MOST_BYTES = 4096;

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}' +
  'input,button{font:inherit;box-sizing:border-box;width:100%;padding:.5rem;margin:.5rem 0}';

/** The page. `isWrong`: after a key that is not known. */
export function signInPage(isWrong: boolean): Reply {
  const said = isWrong ? '<p role="alert">That key is not known.</p>' : '';
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Key</title><style>${STYLE}</style></head>
<body>
<h1>A key is needed</h1>
${said}
<form method="post" action="sign-in">
<label>Key <input type="password" name="key" required autofocus autocomplete="current-password"></label>
<button>Open</button>
</form>
</body>
</html>
`;
  const policy = String(SAFETY['Content-Security-Policy'])
    .replace("style-src 'self'", "style-src 'unsafe-inline'")
    .replace("form-action 'none'", "form-action 'self'");
  return {
    status: 401,
    type: 'text/html; charset=utf-8',
    body,
    headers: {
      'WWW-Authenticate': 'Bearer',
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'same-origin', // without a referrer, browsers do not say of which site a form is
    },
  };
}

/** The key in what the form sends. */
export function keyOfForm(bytes: Uint8Array): string {
  return (new URLSearchParams(Buffer.from(bytes).toString('utf8')).get('key') ?? '').trim();
}
