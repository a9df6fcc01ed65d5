/** What a block of Typebot becomes before it has an id. */

import type { BlockType, SettingsOf } from '../document';
import type { BotPlace } from './read';

/** Where a way leads: on to what follows, to another part of the same piece, or elsewhere. */
export type Aim = 'on' | number | BotPlace;

export interface Part<Type extends BlockType = BlockType> {
  type: Type;
  title?: string;
  settings: SettingsOf[Type];
  ways: Record<string, Aim>;
  /** Where a jump goes. */
  target?: BotPlace | 'start';
}

/** The parts of one block, entered at the first. */
export type Piece = Part[];

export const part = <Type extends BlockType>(
  type: Type,
  settings: SettingsOf[Type],
  ways: Record<string, Aim> = { next: 'on' },
): Part => ({ type, settings, ways }) as Part;
