import type { TagColour } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

/** The palette, in the order of its picker. */
export const COLOURS = [
  'grey',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'indigo',
  'violet',
  'pink',
] as const satisfies readonly TagColour[];

const names: Record<TagColour, () => string> = {
  grey: m.tag_colour_grey,
  red: m.tag_colour_red,
  orange: m.tag_colour_orange,
  yellow: m.tag_colour_yellow,
  green: m.tag_colour_green,
  teal: m.tag_colour_teal,
  blue: m.tag_colour_blue,
  indigo: m.tag_colour_indigo,
  violet: m.tag_colour_violet,
  pink: m.tag_colour_pink,
};

export const colourName = (colour: TagColour): string => names[colour]();

/** A tag as it is compared: one word, however it is written. */
export const keyOf = (tag: string): string => tag.normalize('NFKC').toLowerCase().replaceAll('ё', 'е').trim();
