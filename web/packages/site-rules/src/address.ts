import { punycode } from './punycode';
import { fold, spaces } from './text';

/** An address, taken apart; every part is as people read it. */
export interface Address {
  scheme: string;
  host: string;
  path: string;
  /** The path as it came, for a fact that is decoded where it is read. */
  rawPath: string;
  query: string;
  hash: string;
}

/** What was taken apart last: the address of a page is asked for again and again. */
let last: { text?: string; address?: Address } = {};

/** Takes any text apart: what is no address becomes a host (`address.rs`). */
export function addressOf(text: string): Address {
  if (last.text !== text) last = { text, address: takeApart(text) };
  return last.address!;
}

function takeApart(text: string): Address {
  const parts = /^([a-zA-Z][a-zA-Z\d+.-]*:\/\/)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(spaces(text));
  const [, scheme = '', host = '', path = '', query = '', hash = ''] = parts ?? [];
  return {
    scheme,
    host: withoutPort(host, scheme.toLowerCase()).split('.').map(label).join('.'),
    path: decoded(path),
    rawPath: path,
    query,
    hash: decoded(hash),
  };
}

/** The address in the form that a condition's value has, without and with a slash at the end of its path. */
export function readingsOf({ scheme, host, path, query, hash }: Address, form: number): string[] {
  const start = (form & 1 ? scheme : '') + host;
  const end = query + (form & 2 ? hash : '');
  return slashes(path).map((path) => fold(start + path + end));
}

/** A path without and with a slash at its end. */
export function slashes(path: string): string[] {
  const bare = path.replace(/\/+$/, '');
  return [bare, bare + '/'];
}

/** Every run of `%XX` that is valid UTF-8 is decoded, others stay. */
export function decoded(text: string): string {
  return text.replace(/(%[\da-fA-F]{2})+/g, (run) => {
    try {
      const out = decodeURIComponent(run);
      return out.includes('\0') ? run : out;
    } catch {
      return run;
    }
  });
}

function withoutPort(host: string, scheme: string): string {
  return host.replace(/:(\d*)$/, (all, port) =>
    !port || scheme + port === 'https://443' || scheme + port === 'http://80' ? '' : all,
  );
}

/** A host's label in Unicode; one that is no Punycode stays. */
function label(text: string): string {
  const coded = /^[xX][nN]--([!-~]+)$/.exec(text)?.[1];
  return (coded && punycode(coded.toLowerCase())) ?? text;
}
