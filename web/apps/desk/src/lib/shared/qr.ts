import { encode } from 'uqr';

/** The white edge that the standard asks for, in modules. */
const EDGE = 4;
const PNG_SIDE = 1024;

/** Dark modules on white whatever the theme: many cameras read nothing else. */
const LIGHT = '#fff';
const DARK = '#000';

/** A QR code as an SVG file. */
export function qrSvg(text: string): string {
  const { side, modules } = drawn(text);
  const path = modules.map(([x, y]) => `M${x} ${y}h1v1h-1z`).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<rect width="${side}" height="${side}" fill="${LIGHT}"/><path fill="${DARK}" d="${path}"/></svg>`
  );
}

/** The same as a PNG file of 1024 pixels; modules are whole pixels, so the edge is a little wider. */
export async function qrPng(text: string): Promise<Blob> {
  const { side, modules } = drawn(text);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = PNG_SIDE;
  const paper = canvas.getContext('2d')!;
  paper.fillStyle = LIGHT;
  paper.fillRect(0, 0, PNG_SIDE, PNG_SIDE);
  const step = Math.floor(PNG_SIDE / side);
  const from = Math.floor((PNG_SIDE - step * side) / 2);
  paper.fillStyle = DARK;
  for (const [x, y] of modules) paper.fillRect(from + x * step, from + y * step, step, step);
  return new Promise((resolve, reject) =>
    canvas.toBlob((file) => (file ? resolve(file) : reject(new Error('no picture'))), 'image/png'),
  );
}

/** Where the dark modules stand. A printed code may lose 15% and is still read. */
function drawn(text: string): { side: number; modules: [x: number, y: number][] } {
  const { size, data } = encode(text, { ecc: 'M', border: EDGE });
  const modules = data.flatMap((row, y) =>
    row.flatMap((isDark, x): [number, number][] => (isDark ? [[x, y]] : [])),
  );
  return { side: size, modules };
}
