import { Component, type ComponentChild } from 'preact';

/**
 * The four hooks that the panel needs, over Preact's own Component: a third of the bytes of preact/hooks. Every effect
 * runs as soon as the page has been changed.
 */
type Cell = Record<string, unknown> & { act?: () => unknown; end?: unknown };

let current: Hooked;

abstract class Hooked<Props = unknown> extends Component<Props> {
  cells: Cell[] = [];
  next = 0;

  override componentDidMount() {
    for (const cell of this.cells) {
      const { act } = cell;
      if (!act) continue;
      cell.act = undefined;
      end(cell);
      cell.end = act();
    }
  }

  override componentDidUpdate() {
    this.componentDidMount();
  }

  override componentWillUnmount() {
    this.cells.forEach(end);
  }
}

function end(cell: Cell) {
  if (typeof cell.end === 'function') cell.end();
}

/** Makes a component of a function that uses hooks. */
export function hooked<Props>(draw: (props: Props) => ComponentChild) {
  return class extends Hooked<Props> {
    override render() {
      current = this as Hooked;
      this.next = 0;
      return draw(this.props);
    }
  };
}

function cellOf<T>(make: () => T): T {
  const { cells } = current;
  return (cells[current.next++] ??= make() as Cell) as T;
}

type Setter<T> = (next: T | ((known: T) => T)) => void;

export function useState<T>(first: T | (() => T)): [T, Setter<T>] {
  const owner = current;
  return cellOf(() => {
    const resolve = <A>(value: A | ((known: T) => A), known: T) =>
      typeof value === 'function' ? (value as (known: T) => A)(known) : value;
    const cell: [T, Setter<T>] = [
      resolve(first as T, undefined as T),
      (next) => {
        const value = resolve(next, cell[0]);
        if (value === cell[0]) return;
        cell[0] = value;
        owner.setState({});
      },
    ];
    return cell;
  });
}

export function useRef<T>(first: T): { current: T };
export function useRef<T>(first: T | null): { current: T | null };
export function useRef<T>(first: T): { current: T } {
  return cellOf(() => ({ current: first }));
}

/** Runs again when one of `inputs` is another one; what it returns is called before that, and at the end. */
export function useEffect(act: () => unknown, inputs: unknown[]) {
  const cell = cellOf<Cell & { inputs?: unknown[] }>(() => ({}));
  if (cell.inputs?.every((input, index) => input === inputs[index])) return;
  cell.inputs = inputs;
  cell.act = act;
}
