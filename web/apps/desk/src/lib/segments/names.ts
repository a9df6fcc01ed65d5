/** Characters of a segment's name at most. */
export const NAME_MAX = 80;
