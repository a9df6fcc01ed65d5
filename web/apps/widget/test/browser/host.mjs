import { createServer } from 'node:http';

/**
 * A customer's page on another origin, under the strictest policy the widget promises to live with. It is written in
 * windows-1251, as many old shops are.
 */
export async function startHost(chat, { head = '', isStrict = true, charset = 'windows-1251' } = {}) {
  const live = chat.replace('http', 'ws');
  const policy =
    `default-src 'none'; script-src ${chat} 'nonce-page'; connect-src ${chat} ${live}; img-src ${chat}; ` +
    `require-trusted-types-for 'script'`;
  const server = createServer((_, response) => {
    const headers = { 'Content-Type': `text/html; charset=${charset}` };
    if (isStrict) headers['Content-Security-Policy'] = policy;
    response.writeHead(200, headers);
    response.end(
      `<!doctype html><html lang="ru"><head><title>Host</title>` +
        `<meta name="viewport" content="width=device-width">${head}</head>` +
        `<body><main><h1>Page</h1></main></body></html>`,
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    close: () => (server.closeAllConnections(), server.close()),
  };
}
