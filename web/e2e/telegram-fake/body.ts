import type { IncomingMessage } from 'node:http';

export interface SentFile {
  name: string;
  mime: string;
  bytes: Uint8Array;
}

export interface Params {
  values: Record<string, unknown>;
  files: Record<string, SentFile>;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** In forms and queries numbers, flags and objects come as text; the real server reads them so as well. */
function loosen(text: string): unknown {
  if (!/^(-?\d{1,15}|true|false|[[{].*)$/s.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Parameters as the Bot API takes them: query, form, JSON or multipart. */
export async function readParams(request: IncomingMessage, query: URLSearchParams): Promise<Params> {
  const values: Record<string, unknown> = {};
  const files: Record<string, SentFile> = {};
  for (const [name, value] of query) values[name] = loosen(value);
  const body = await bytesOf(request);
  const type = request.headers['content-type'] ?? '';
  if (body.length === 0) return { values, files };
  if (type.startsWith('application/json')) {
    Object.assign(values, JSON.parse(body.toString()));
    return { values, files };
  }
  const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': type } }).formData();
  for (const [name, value] of form) {
    // "text" stays text even when a client writes nothing but digits.
    if (typeof value === 'string')
      values[name] = name === 'text' || name === 'caption' ? value : loosen(value);
    else {
      const bytes = new Uint8Array(await value.arrayBuffer());
      files[name] = { name: value.name, mime: value.type, bytes };
    }
  }
  return { values, files };
}
