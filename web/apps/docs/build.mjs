// Two pages and their files, whose names carry a hash of what is in them: the server lets browsers keep those for good.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pageOf } from './src/page.mjs';
import { textsOf } from './src/texts.mjs';

const DIST = new URL('dist/', import.meta.url);
const { resolve } = createRequire(import.meta.url);

rmSync(DIST, { recursive: true, force: true });
mkdirSync(new URL('assets/', DIST), { recursive: true });

const own = (name) => readFileSync(new URL(`src/${name}`, import.meta.url));
const swagger = (name) => readFileSync(resolve(`swagger-ui-dist/${name}`));
const atRoot = (name) => readFileSync(new URL(`../../../${name}`, import.meta.url));

/** Writes a file under its name with a hash; answers its address. */
function asset(name, body) {
  const ending = extname(name);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 10);
  const file = `${name.slice(0, -ending.length)}-${hash}${ending}`;
  writeFileSync(new URL(`assets/${file}`, DIST), body);
  return `/docs/assets/${file}`;
}

const shared = {
  icon: asset('icon.svg', own('icon.svg')),
  head: asset('head.js', own('head.js')),
};
const style = asset('style.css', own('style.css'));
const script = asset('page.js', own('page.js'));

const js = pageOf({
  ...shared,
  path: '/docs/js',
  title: { ru: 'JavaScript на сайте · Отклик', en: 'JavaScript on the site · Otklik' },
  texts: textsOf('js', {
    TYPES: asset('w.d.ts.txt', readFileSync(new URL('../widget/w.d.ts', import.meta.url))),
  }),
  styles: [style],
  scripts: [script],
});
writeFileSync(new URL('js.html', DIST), js);

const description = JSON.parse(atRoot('openapi.json'));
const operations = Object.values(description.paths).flatMap((path) => Object.values(path));
const tags = [...new Set(operations.flatMap((operation) => operation.tags ?? []))];
/** The reference's own anchors, below the last heading of the contents. */
const calls = tags.map((tag) => ({ id: `operations-tag-${tag.replaceAll(' ', '_')}`, title: tag, depth: 3 }));
const texts = textsOf('api', { ASYNCAPI: asset('asyncapi.json', atRoot('asyncapi.json')) });
for (const { contents } of Object.values(texts)) contents.push(...calls);

const api = pageOf({
  ...shared,
  path: '/api/docs',
  title: { ru: 'REST API · Отклик', en: 'REST API · Otklik' },
  texts,
  styles: [asset('swagger-ui.css', swagger('swagger-ui.css')), style, asset('api.css', own('api.css'))],
  scripts: [script, asset('swagger-ui.js', swagger('swagger-ui-bundle.js')), asset('api.js', own('api.js'))],
  below: '<section class="below" lang="en" aria-label="Calls"><div id="reference"></div></section>',
});
writeFileSync(new URL('api.html', DIST), api);

// The licence asks for it: whose work the reference is drawn with.
asset('swagger-ui-licence.txt', swagger('LICENSE'));
