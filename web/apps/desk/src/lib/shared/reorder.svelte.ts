/** Moving rows by mouse or touch: the handle catches the pointer, the row under it becomes the target. */
export class Reorder {
  dragged = $state<number | null>(null);
  target = $state<number | null>(null);

  constructor(private readonly onmove: (from: number, to: number) => void) {}

  /** For the handle of row `index`; rows carry `data-row={index}`. */
  start(event: PointerEvent, index: number) {
    if (event.button !== 0) return;
    event.preventDefault();
    const handle = event.currentTarget as HTMLElement;
    const list = handle.closest('[data-row]')?.parentElement;
    handle.setPointerCapture(event.pointerId);
    this.dragged = index;
    this.target = index;
    const move = (moved: PointerEvent) => {
      const row = document.elementFromPoint(moved.clientX, moved.clientY)?.closest<HTMLElement>('[data-row]');
      // Another list on the same page is none of this one's.
      if (row && row.parentElement === list) this.target = Number(row.dataset.row);
    };
    const end = (ended: PointerEvent) => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
      const [from, to] = [this.dragged, this.target];
      this.dragged = null;
      this.target = null;
      if (ended.type === 'pointerup' && from !== null && to !== null && from !== to) this.onmove(from, to);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  }

  /** Classes of row `index`: it is moved, or what is moved goes above or below it (`base.css`). */
  marks(index: number) {
    const { dragged, target } = this;
    const isTarget = target === index && dragged !== null;
    return {
      'ok-moved': dragged === index,
      'ok-above': isTarget && dragged > index,
      'ok-below': isTarget && dragged < index,
    };
  }

  /** Alt+↑ and Alt+↓ on the handle or the row: the same result without a mouse. */
  key(event: KeyboardEvent, index: number, length: number) {
    const step = event.code === 'ArrowUp' ? -1 : event.code === 'ArrowDown' ? 1 : 0;
    const to = index + step;
    if (!event.altKey || step === 0 || to < 0 || to >= length) return;
    event.preventDefault();
    this.onmove(index, to);
  }
}

export function moved<T>(list: T[], from: number, to: number): T[] {
  const next = [...list];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(to, 0, item);
  return next;
}
