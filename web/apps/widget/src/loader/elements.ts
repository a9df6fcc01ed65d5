const SVG = 'http://www.w3.org/2000/svg';

type Attributes = Record<string, string | number>;

/** No innerHTML anywhere: the host page may require trusted types. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, String(attributes[name]));
  node.append(...children);
  return node;
}

/** A 24 px icon of one path: stroked, or filled when `fill` is set. */
export function icon(path: string, fill?: boolean): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const shape = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  shape.setAttribute('d', path);
  if (fill) svg.setAttribute('class', 'fill');
  svg.append(shape);
  return svg;
}
